//! From a raw descriptor to a borrowed one.
#![allow(unsafe_code, reason = "the one place where a raw descriptor of the user becomes a borrowed one")]

use std::io;
use std::os::fd::{BorrowedFd, RawFd};

use rustix::io::Errno;

/// Borrows the descriptor `raw`, which is only handed to system calls that check
/// it.
///
/// # Errors
///
/// `EBADF` for a negative number, which can be no descriptor.
pub(crate) fn borrow<'a>(raw: RawFd) -> io::Result<BorrowedFd<'a>> {
    if raw < 0 {
        return Err(Errno::BADF.into());
    }
    // SAFETY: `raw` is not -1. That it is open for `'a` cannot be known of a number;
    // every use in this crate passes it to epoll_ctl, fstat or poll, which answer
    // EBADF or POLLNVAL for a closed one and read or write no data.
    Ok(unsafe { BorrowedFd::borrow_raw(raw) })
}
