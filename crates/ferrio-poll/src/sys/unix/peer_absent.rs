//! The process at the other end of a Unix socket, on systems where nobody tells.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use crate::error::unix as error;

/// Nobody tells.
pub(crate) fn credentials(_: &impl AsFd) -> io::Result<(Option<u32>, u32, u32)> {
    Err(error::no_peer_credentials())
}

/// There are none.
pub(crate) fn pidfd(_: &impl AsFd) -> io::Result<OwnedFd> {
    Err(error::no_peer_pidfd())
}
