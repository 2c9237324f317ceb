//! Sends whose bytes the kernel reads where they are: the option and the flag.
#![allow(unsafe_code, reason = "setsockopt(2) for an option that rustix lacks")]

use std::io;
use std::os::fd::{AsFd, AsRawFd};

use rustix::net::SendFlags;

use crate::error::unix as error;

/// Allows such sends on `socket`.
pub(crate) fn enable(socket: &impl AsFd) -> io::Result<()> {
    let (fd, value) = (socket.as_fd().as_raw_fd(), 1_i32);
    let (value, len) = (&raw const value, size_of_val(&value) as libc::socklen_t);
    // SAFETY: the kernel reads one integer, which lives until the call has returned.
    let result = unsafe { libc::setsockopt(fd, libc::SOL_SOCKET, SO_ZEROCOPY, value.cast(), len) };
    if result == 0 {
        return Ok(());
    }
    let cause = io::Error::last_os_error();
    // The last is the kernel's own number for a protocol that cannot do it.
    match cause.raw_os_error() {
        Some(libc::ENOPROTOOPT | libc::EOPNOTSUPP | 524) => Err(error::no_zero_copy()),
        _ => Err(cause),
    }
}

/// Sends `buf`, which the kernel goes on reading after the call has returned.
pub(crate) fn send(socket: &impl AsFd, buf: &[u8]) -> io::Result<usize> {
    let flag = SendFlags::from_bits_retain(MSG_ZEROCOPY);
    Ok(rustix::net::send(socket, buf, SendFlags::NOSIGNAL | flag)?)
}

/// It has another number on the processors on which all options do.
const SO_ZEROCOPY: i32 = if cfg!(any(target_arch = "sparc", target_arch = "sparc64")) { 0x3e } else { 60 };

/// The flag of send(2). The bindings for Android lack it.
const MSG_ZEROCOPY: u32 = 0x0400_0000;
