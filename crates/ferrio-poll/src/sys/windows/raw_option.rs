//! Options of sockets for which no library has a function.
#![allow(unsafe_code, reason = "setsockopt and getsockopt of Winsock")]

use std::io;
use std::mem::size_of;
use std::net::UdpSocket;
use std::os::windows::io::AsRawSocket;

use windows_sys::Win32::Networking::WinSock::{getsockopt, setsockopt};

/// An option whose value is a number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RawOption {
    /// The protocol.
    pub(crate) level: i32,
    /// Its name in terms of the protocol.
    pub(crate) name: i32,
}

impl RawOption {
    /// Sets it to `value`.
    pub(crate) fn set(self, socket: &UdpSocket, value: i32) -> io::Result<()> {
        let (handle, len) = (socket.as_raw_socket() as usize, size_of::<i32>() as i32);
        // SAFETY: it reads `len` bytes from the address of `value`, which is so long and outlives
        // the call.
        let result = unsafe { setsockopt(handle, self.level, self.name, (&raw const value).cast(), len) };
        if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }

    /// Its value.
    pub(crate) fn get(self, socket: &UdpSocket) -> io::Result<i32> {
        let (handle, mut len) = (socket.as_raw_socket() as usize, size_of::<i32>() as i32);
        let mut value = 0_i32;
        let place = (&raw mut value).cast();
        // SAFETY: it writes at most `len` bytes to `value` and their number to `len`.
        let result = unsafe { getsockopt(handle, self.level, self.name, place, &mut len) };
        if result == 0 { Ok(value) } else { Err(io::Error::last_os_error()) }
    }
}
