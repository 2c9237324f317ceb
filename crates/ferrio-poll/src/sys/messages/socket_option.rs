//! Options of sockets that are numbers.
#![allow(unsafe_code, reason = "rustix lacks most of these options")]

use std::io;
use std::mem::size_of;
use std::os::fd::{AsRawFd, BorrowedFd};

/// An option that is a number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SocketOption {
    /// The protocol.
    pub(crate) level: i32,
    /// Its name in terms of the protocol.
    pub(crate) name: i32,
    /// What switches it on.
    pub(crate) value: i32,
}

impl SocketOption {
    /// Switches it on or, by a zero, off.
    pub(crate) fn set(self, socket: BorrowedFd<'_>, on: bool) -> io::Result<()> {
        let value = if on { self.value } else { 0 };
        let len = size_of::<i32>() as libc::socklen_t;
        let place = (&raw const value).cast();
        // SAFETY: the kernel reads `len` bytes of `value`, which lives until the call returns.
        let result = unsafe { libc::setsockopt(socket.as_raw_fd(), self.level, self.name, place, len) };
        if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }

    /// Its value.
    pub(crate) fn get(self, socket: BorrowedFd<'_>) -> io::Result<i32> {
        let (mut value, mut len) = (0_i32, size_of::<i32>() as libc::socklen_t);
        let place = (&raw mut value).cast();
        // SAFETY: the kernel writes at most `len` bytes to `value` and their number to `len`.
        let result = unsafe { libc::getsockopt(socket.as_raw_fd(), self.level, self.name, place, &mut len) };
        if result == 0 { Ok(value) } else { Err(io::Error::last_os_error()) }
    }
}
