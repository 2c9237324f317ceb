//! The flags of epoll_ctl(2).

use std::fmt;
use std::ops::{BitOr, BitOrAssign};

/// The flags of epoll_ctl(2), for a registration that says exactly what it wants.
///
/// # Examples
///
/// ```
/// use ferrio_poll::os::linux::EpollFlags;
///
/// let flags = EpollFlags::IN | EpollFlags::EXCLUSIVE;
/// assert!(flags.contains(EpollFlags::IN));
/// assert_eq!(format!("{flags:?}"), "EPOLLIN | EPOLLEXCLUSIVE");
/// ```
#[derive(Copy, Clone, PartialEq, Eq, Hash)]
pub struct EpollFlags(u32);

impl EpollFlags {
    /// `EPOLLIN`: readable.
    pub const IN: EpollFlags = EpollFlags(0x1);
    /// `EPOLLPRI`: urgent data.
    pub const PRI: EpollFlags = EpollFlags(0x2);
    /// `EPOLLOUT`: writable.
    pub const OUT: EpollFlags = EpollFlags(0x4);
    /// `EPOLLRDHUP`: the peer will send no more.
    pub const RDHUP: EpollFlags = EpollFlags(0x2000);
    /// `EPOLLEXCLUSIVE`: of several Polls that watch the descriptor, wake one or some
    /// rather than all. For a listener that several threads accept from.
    pub const EXCLUSIVE: EpollFlags = EpollFlags(1 << 28);
    /// `EPOLLWAKEUP`: keep the system from suspending while the event is served. Needs the
    /// capability `CAP_BLOCK_SUSPEND`.
    pub const WAKEUP: EpollFlags = EpollFlags(1 << 29);
    /// `EPOLLONESHOT`: one event, then none until it is registered anew.
    pub const ONESHOT: EpollFlags = EpollFlags(1 << 30);
    /// `EPOLLET`: report edges.
    pub const ET: EpollFlags = EpollFlags(1 << 31);

    /// The flags that the kernel knows by these bits.
    pub const fn from_bits(bits: u32) -> EpollFlags {
        EpollFlags(bits)
    }

    /// The bits for the kernel.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Both sets together; `|` for constants.
    pub const fn add(self, other: EpollFlags) -> EpollFlags {
        EpollFlags(self.0 | other.0)
    }

    /// True if all of `other` is in this set.
    pub const fn contains(self, other: EpollFlags) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for EpollFlags {
    type Output = EpollFlags;

    fn bitor(self, other: EpollFlags) -> EpollFlags {
        self.add(other)
    }
}

impl BitOrAssign for EpollFlags {
    fn bitor_assign(&mut self, other: EpollFlags) {
        *self = self.add(other);
    }
}

impl fmt::Debug for EpollFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut left = self.0;
        let mut names = Vec::new();
        for (flag, name) in NAMES {
            if self.contains(flag) {
                names.push(name.to_owned());
                left &= !flag.0;
            }
        }
        if left != 0 || names.is_empty() {
            names.push(format!("{left:#x}"));
        }
        f.write_str(&names.join(" | "))
    }
}

/// The flags in words.
const NAMES: [(EpollFlags, &str); 8] = [
    (EpollFlags::IN, "EPOLLIN"),
    (EpollFlags::PRI, "EPOLLPRI"),
    (EpollFlags::OUT, "EPOLLOUT"),
    (EpollFlags::RDHUP, "EPOLLRDHUP"),
    (EpollFlags::EXCLUSIVE, "EPOLLEXCLUSIVE"),
    (EpollFlags::WAKEUP, "EPOLLWAKEUP"),
    (EpollFlags::ONESHOT, "EPOLLONESHOT"),
    (EpollFlags::ET, "EPOLLET"),
];

#[cfg(test)]
mod tests {
    use super::EpollFlags;

    #[test]
    fn unknown_bits_are_kept_and_shown() {
        let flags = EpollFlags::from_bits(0x400) | EpollFlags::OUT;
        assert_eq!(flags.bits(), 0x404);
        assert_eq!(format!("{flags:?}"), "EPOLLOUT | 0x400");
        assert_eq!(format!("{:?}", EpollFlags::from_bits(0)), "0x0");
    }
}
