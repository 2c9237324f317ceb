//! From what the user asks to the bits of poll(2).

use std::io;

use rustix::event::PollFlags;

use crate::interest::Interest;
use crate::sys::unix::refusal;

/// The bits that watch for `interest`, without any of the mode.
///
/// # Errors
///
/// `Unsupported` for AIO and LIO, which poll(2) does not know.
pub(super) fn of(interest: Interest) -> io::Result<PollFlags> {
    if interest.is_aio() || interest.is_lio() {
        return Err(refusal::of_aio(interest));
    }
    let mut flags = PollFlags::empty();
    if interest.is_readable() {
        flags |= PollFlags::IN | READ_HANGUP;
    }
    if interest.is_writable() {
        flags |= PollFlags::OUT;
    }
    if interest.is_priority() {
        flags |= PollFlags::PRI;
    }
    if interest.is_hangup() {
        flags |= READ_HANGUP;
    }
    Ok(flags)
}

/// The peer will send no more.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd", target_os = "illumos"))]
pub(crate) const READ_HANGUP: PollFlags = PollFlags::RDHUP;
/// There is no bit for it: the end of a stream is something to read.
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd", target_os = "illumos")))]
pub(crate) const READ_HANGUP: PollFlags = PollFlags::empty();
