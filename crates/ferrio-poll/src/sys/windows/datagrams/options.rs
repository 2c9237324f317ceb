//! What a socket is asked to tell.

use std::io;
use std::net::UdpSocket;

use windows_sys::Win32::Networking::WinSock::{WSAEINVAL, WSAENOPROTOOPT, WSAEOPNOTSUPP};

use crate::error::kernel;
use crate::sys::datagram::Facility;
use crate::sys::datagrams::extension;
use crate::sys::windows::datagram_names;
use crate::sys::windows::raw_option::RawOption;

/// Asks `socket` for `facility`, or no longer.
pub(crate) fn set_facility(socket: &UdpSocket, facility: Facility, on: bool) -> io::Result<()> {
    let is_v6 = socket.local_addr()?.is_ipv6();
    // What would be told comes by this function alone.
    let can_be_told = extension::receive_message(socket).is_some();
    if !can_be_told || !set_any(socket, datagram_names::options(facility, is_v6), on)? {
        return Err(kernel::facility_absent(facility.name()));
    }
    if is_v6 {
        // For IPv4 traffic on an IPv6 socket, which not each socket takes.
        let _ = set_any(socket, datagram_names::options(facility, false), on);
    }
    Ok(())
}

/// Whether `socket` was asked for `facility`.
pub(crate) fn facility(socket: &UdpSocket, facility: Facility) -> io::Result<bool> {
    let is_v6 = socket.local_addr()?.is_ipv6();
    let mut options = datagram_names::options(facility, is_v6);
    Ok(options.any(|option| option.get(socket).is_ok_and(|value| value != 0)))
}

/// No message is divided.
pub(crate) fn segments_max(_: &UdpSocket) -> usize {
    1
}

/// Switches the first of `options` on that the system has, or all of them off; false if it has
/// none of them.
fn set_any(socket: &UdpSocket, options: impl Iterator<Item = RawOption>, on: bool) -> io::Result<bool> {
    let mut is_set = false;
    for option in options {
        match option.set(socket, on.into()) {
            Ok(()) if on => return Ok(true),
            Ok(()) => is_set = true,
            Err(error) if is_lack(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(is_set)
}

/// True for an error of an option that the system does not have. An option that came with a later
/// Windows is a wrong one to some earlier ones.
fn is_lack(error: &io::Error) -> bool {
    error.raw_os_error().is_some_and(|code| [WSAEINVAL, WSAENOPROTOOPT, WSAEOPNOTSUPP].contains(&code))
}
