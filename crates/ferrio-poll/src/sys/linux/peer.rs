//! The process at the other end of a Unix socket, by options of the socket.
#![allow(
    unsafe_code,
    reason = "getsockopt(2) for options that rustix lacks or gives a type that refuses a pid of 0"
)]

use std::io;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd, RawFd};

use crate::error::unix as error;

/// The process, the user and the group of the peer when it connected. A process of another pid
/// namespace has no number here.
pub(crate) fn credentials(socket: &impl AsFd) -> io::Result<(Option<u32>, u32, u32)> {
    // A `struct ucred`: three integers of 32 bits.
    let [pid, uid, gid] = get(socket, libc::SO_PEERCRED)?;
    Ok((Some(pid).filter(|pid| *pid != 0), uid, gid))
}

/// A pidfd of the process of the peer.
pub(crate) fn pidfd(socket: &impl AsFd) -> io::Result<OwnedFd> {
    match get(socket, SO_PEERPIDFD) {
        // SAFETY: the kernel has just opened this descriptor for the caller, and nobody else has
        // seen its number.
        Ok([fd]) => Ok(unsafe { OwnedFd::from_raw_fd(fd as RawFd) }),
        Err(error) if error.raw_os_error() == Some(libc::ENOPROTOOPT) => Err(error::no_peer_pidfd()),
        Err(error) => Err(error),
    }
}

/// An option that is `N` integers of 32 bits.
fn get<const N: usize>(socket: &impl AsFd, name: i32) -> io::Result<[u32; N]> {
    let mut value = [0_u32; N];
    let mut len = size_of_val(&value) as libc::socklen_t;
    let (fd, out) = (socket.as_fd().as_raw_fd(), &raw mut value);
    // SAFETY: the kernel writes at most `len` bytes, which is the size of `value`, and any bytes
    // are integers.
    let result = unsafe { libc::getsockopt(fd, libc::SOL_SOCKET, name, out.cast(), &raw mut len) };
    if result == 0 { Ok(value) } else { Err(io::Error::last_os_error()) }
}

/// It has another number on the processors on which all options do.
const SO_PEERPIDFD: i32 = if cfg!(any(target_arch = "sparc", target_arch = "sparc64")) { 0x56 } else { 77 };
