//! Sends whose bytes the kernel reads where they are: the option and the flag.

use std::io;
use std::os::fd::AsFd;

use rustix::net::SendFlags;

use crate::error::unix as error;
use crate::sys::raw_option;

/// Allows such sends on `socket`.
pub(crate) fn enable(socket: &impl AsFd) -> io::Result<()> {
    let Err(cause) = raw_option::set(socket.as_fd(), libc::SOL_SOCKET, SO_ZEROCOPY, 1) else { return Ok(()) };
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
