//! Pipes cannot be made.

use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};

use crate::error::kernel;

pub(crate) fn new() -> io::Result<(OwnedFd, OwnedFd)> {
    Err(kernel::unsupported_system())
}

pub(crate) fn set_nonblocking(_: BorrowedFd<'_>, _: bool) -> io::Result<()> {
    Err(kernel::unsupported_system())
}
