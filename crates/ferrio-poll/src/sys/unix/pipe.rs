//! Pipes.

use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};

use rustix::io::ioctl_fionbio;

use crate::sys::unix::made;

/// A pipe, non-blocking and close-on-exec on both sides: first the reading end,
/// then the writing one.
pub(crate) fn new() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(made::pipe()?)
}

/// Sets or clears `O_NONBLOCK`, and leaves the other flags alone.
pub(crate) fn set_nonblocking(fd: BorrowedFd<'_>, nonblocking: bool) -> io::Result<()> {
    Ok(ioctl_fionbio(fd, nonblocking)?)
}
