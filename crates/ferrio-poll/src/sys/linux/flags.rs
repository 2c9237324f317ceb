//! From what the user asks to the bits of the kernel.

use std::io;

use rustix::event::PollFlags;
use rustix::event::epoll::EventFlags;
use rustix::io::Errno;

use crate::error::kernel;
use crate::interest::Interest;

/// The bits that watch for `interest`, without any of the mode.
///
/// # Errors
///
/// `Unsupported` for AIO and LIO, which Linux reports by other means.
pub(super) fn epoll(interest: Interest) -> io::Result<EventFlags> {
    if interest.is_aio() || interest.is_lio() {
        return Err(kernel::aio_on_linux(interest));
    }
    let mut flags = EventFlags::empty();
    if interest.is_readable() {
        flags |= EventFlags::IN | EventFlags::RDHUP;
    }
    if interest.is_writable() {
        flags |= EventFlags::OUT;
    }
    if interest.is_priority() {
        flags |= EventFlags::PRI;
    }
    if interest.is_hangup() {
        flags |= EventFlags::RDHUP;
    }
    Ok(flags)
}

/// The same for poll(2).
pub(super) fn poll(interest: Interest) -> io::Result<PollFlags> {
    // The bits that both know agree and fit into 16.
    epoll(interest).map(|flags| PollFlags::from_bits_retain(flags.bits() as _))
}

/// What poll(2) found, as flags of epoll.
#[allow(clippy::unnecessary_cast, reason = "the bits are signed where rustix goes through libc")]
pub(super) fn found(flags: PollFlags) -> EventFlags {
    EventFlags::from_bits_retain(u32::from(flags.bits() as u16))
}

/// The answer to a registration that the kernel refused with `errno`.
pub(super) fn refusal(errno: Errno) -> io::Error {
    match errno {
        Errno::EXIST => kernel::descriptor_registered(),
        Errno::NOENT => kernel::descriptor_missing(),
        Errno::PERM => kernel::not_pollable(),
        Errno::LOOP | Errno::INVAL => kernel::poll_in_poll(),
        other => other.into(),
    }
}

/// The answer to a change of a registration that the kernel refused with `errno`.
pub(super) fn change_refusal(errno: Errno) -> io::Error {
    match errno {
        Errno::INVAL => kernel::exclusive_unchangeable(),
        other => refusal(other),
    }
}

#[cfg(all(test, not(ferrio_loom)))]
mod tests {
    use super::*;

    #[test]
    fn both_interfaces_use_the_same_bits() {
        let both = Interest::READABLE | Interest::WRITABLE | Interest::PRIORITY;
        let expected = PollFlags::IN | PollFlags::RDHUP | PollFlags::OUT | PollFlags::PRI;
        assert_eq!(poll(both).unwrap(), expected);
        assert_eq!(found(expected), epoll(both).unwrap());
        assert_eq!(found(PollFlags::HUP | PollFlags::ERR), EventFlags::HUP | EventFlags::ERR);
    }

    #[test]
    fn aio_is_refused_with_a_way_out() {
        let error = epoll(Interest::READABLE | Interest::AIO).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::Unsupported);
        assert!(error.to_string().contains("eventfd"), "{error}");
    }
}
