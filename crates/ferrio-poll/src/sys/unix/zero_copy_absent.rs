//! Sends whose bytes the kernel reads where they are, which it does nowhere else.

use std::io;
use std::os::fd::AsFd;

use crate::error::unix as error;

/// There are none.
pub(crate) fn enable(_: &impl AsFd) -> io::Result<()> {
    Err(error::no_zero_copy())
}

/// Nobody asks, for they cannot be enabled.
pub(crate) fn send(_: &impl AsFd, _: &[u8]) -> io::Result<usize> {
    Err(error::no_zero_copy())
}
