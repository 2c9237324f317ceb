//! From what the user asks to the bits of the kernel.

use std::io;

use rustix::event::epoll::EventFlags;
use rustix::io::Errno;

use crate::error::kernel;
use crate::interest::Interest;
use crate::sys::unix::refusal;

/// The bits that watch for `interest`, without any of the mode.
///
/// # Errors
///
/// `Unsupported` for AIO and LIO, which Linux reports by other means.
pub(super) fn epoll(interest: Interest) -> io::Result<EventFlags> {
    if interest.is_aio() || interest.is_lio() {
        return Err(refusal::of_aio(interest));
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

/// The answer to a change of a registration that the kernel refused with `errno`.
pub(super) fn change_refusal(errno: Errno) -> io::Error {
    match errno {
        Errno::INVAL => kernel::exclusive_unchangeable(),
        other => refusal::of(other),
    }
}

#[cfg(all(test, not(ferrio_loom)))]
mod tests {
    use super::*;

    #[test]
    fn aio_is_refused_with_a_way_out() {
        let error = epoll(Interest::READABLE | Interest::AIO).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::Unsupported);
        assert!(error.to_string().contains("eventfd"), "{error}");
    }
}
