//! Bytes that are moved inside the kernel, where nothing does so by the calls of Linux.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use crate::error::unix as error;

/// They are not there.
pub(crate) fn check() -> io::Result<()> {
    Err(error::only_linux("splice(2)"))
}

/// Nobody asks, for no pipe is made.
pub(crate) fn pipe_capacity(_: BorrowedFd<'_>, _: Option<usize>) -> io::Result<usize> {
    Err(error::only_linux("F_SETPIPE_SZ"))
}

/// Nobody asks, for no pipe is made.
pub(crate) fn splice(_: &impl AsFd, _: &impl AsFd, _: usize) -> io::Result<usize> {
    Err(error::only_linux("splice(2)"))
}

/// There are others elsewhere, which send otherwise.
pub(crate) fn send_file(_: &impl AsFd, _: &impl AsFd, _: &mut u64, _: usize) -> io::Result<usize> {
    Err(error::only_linux("the sendfile(2) of Linux"))
}
