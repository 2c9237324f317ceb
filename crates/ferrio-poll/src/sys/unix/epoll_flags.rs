//! The flags of epoll_ctl(2).

use bitflags::bitflags;

bitflags! {
    /// The flags of epoll_ctl(2), for a registration that says exactly what it wants.
    ///
    /// # Examples
    ///
    /// ```
    /// # extern crate ferrio_poll as ferrio;
    /// use ferrio::os::linux::EpollFlags;
    ///
    /// let flags = EpollFlags::IN | EpollFlags::EXCLUSIVE;
    /// assert!(flags.contains(EpollFlags::IN));
    /// assert_eq!(format!("{flags:?}"), "EpollFlags(IN | EXCLUSIVE)");
    /// ```
    #[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
    pub struct EpollFlags: u32 {
        /// `EPOLLIN`: readable.
        const IN = 0x1;
        /// `EPOLLPRI`: urgent data.
        const PRI = 0x2;
        /// `EPOLLOUT`: writable.
        const OUT = 0x4;
        /// `EPOLLRDHUP`: the peer will send no more.
        const RDHUP = 0x2000;
        /// `EPOLLEXCLUSIVE`: of several Polls that watch the descriptor, wake one or some
        /// rather than all. For a listener that several threads accept from.
        const EXCLUSIVE = 1 << 28;
        /// `EPOLLWAKEUP`: keep the system from suspending while the event is served. Needs the
        /// capability `CAP_BLOCK_SUSPEND`.
        const WAKEUP = 1 << 29;
        /// `EPOLLONESHOT`: one event, then none until it is registered anew.
        const ONESHOT = 1 << 30;
        /// `EPOLLET`: report edges.
        const ET = 1 << 31;
        /// Any other bit is the kernel's business.
        const _ = !0;
    }
}

#[cfg(all(test, not(ferrio_loom)))]
mod tests {
    use super::EpollFlags;

    #[test]
    fn unknown_bits_are_kept_and_shown() {
        let flags = EpollFlags::from_bits_retain(0x400) | EpollFlags::OUT;
        assert_eq!(flags.bits(), 0x404);
        assert_eq!(format!("{flags:?}"), "EpollFlags(OUT | 0x400)");
        assert_eq!(format!("{:?}", EpollFlags::empty()), "EpollFlags(0x0)");
    }
}
