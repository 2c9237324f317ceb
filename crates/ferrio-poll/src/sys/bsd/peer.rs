//! The process at the other end of a Unix socket: getpeereid(3).
#![allow(unsafe_code, reason = "rustix lacks getpeereid(3)")]

use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use crate::error::unix as error;

/// The user and the group of the peer when it connected; its process is not told.
pub(crate) fn credentials(socket: &impl AsFd) -> io::Result<(Option<u32>, u32, u32)> {
    let (mut uid, mut gid) = (0, 0);
    // SAFETY: the function writes one integer to each of the two.
    let result = unsafe { libc::getpeereid(socket.as_fd().as_raw_fd(), &raw mut uid, &raw mut gid) };
    if result == 0 { Ok((None, uid, gid)) } else { Err(io::Error::last_os_error()) }
}

/// There are none.
pub(crate) fn pidfd(_: &impl AsFd) -> io::Result<OwnedFd> {
    Err(error::no_peer_pidfd())
}
