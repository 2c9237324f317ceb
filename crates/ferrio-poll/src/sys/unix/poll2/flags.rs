//! From what the user asks to the bits of poll(2).

use std::io;

use rustix::event::PollFlags;

use crate::interest::Interest;
use crate::sys::system::READ_HANGUP;
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
