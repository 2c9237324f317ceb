//! Options of sockets that are numbers.
#![allow(unsafe_code, reason = "getsockopt(2), for rustix lacks most of these options")]

use std::io;
use std::mem::size_of;
use std::os::fd::{AsRawFd, BorrowedFd};

use crate::sys::raw_option;

/// An option that is a number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NumericOption {
    /// The protocol.
    pub(crate) level: i32,
    /// Its name in terms of the protocol.
    pub(crate) name: i32,
    /// What switches it on.
    pub(crate) value: i32,
}

impl NumericOption {
    /// Switches it on or, by a zero, off.
    pub(crate) fn set(self, socket: BorrowedFd<'_>, on: bool) -> io::Result<()> {
        raw_option::set(socket, self.level, self.name, if on { self.value } else { 0 })
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
