//! Control data of Winsock beyond what all systems have, and the calls that it goes along with.
#![allow(unsafe_code, reason = "the calls read and write what headers point to")]

#[cfg(test)]
mod tests;

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::windows::io::{AsRawSocket, BorrowedSocket};
use std::ptr;
use std::slice;

use socket2::SockRef;
use windows_sys::Win32::Networking::WinSock::{
    ADDRESS_FAMILY, IP_ECN, IPPROTO_IP, IPPROTO_IPV6, IPV6_ECN, MSG_CTRUNC, MSG_TRUNC, WSABUF, WSAEINVAL,
    WSAEMSGSIZE, WSAEOPNOTSUPP, WSAMSG, WSARecvFrom, WSASendMsg, WSASendTo,
};

use crate::sys::datagram::Ecn;
use crate::sys::datagrams::extension;
use crate::sys::messages::address_bytes;
use crate::sys::messages::control::{self, Control, Controls, OutControl};
use crate::sys::windows::datagram_names as names;

/// None: no socket of Windows tells who has sent.
pub(crate) fn credentials(_: Control<'_>) -> Option<(u32, u32, u32)> {
    None
}

/// Asks for a mark in the headers of both families, for none is known yet: `send_message` takes
/// out that which Winsock would refuse.
pub(crate) fn write_ecn(control: &mut OutControl, ecn: Ecn) {
    for address in [IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)] {
        names::write_ecn(control, ecn, Some(SocketAddr::new(address, 0))).expect("the family is given");
    }
}

/// Receives a message from a non-blocking `socket`; how many bytes of it found room. The flags and
/// the lengths in its header are those of what came: one that was longer than its room has
/// `MSG_TRUNC`, and is no error. On a stream there is no sender, and the length of its address is 0.
///
/// # Errors
///
/// `WouldBlock`, and what else Winsock says.
///
/// # Safety
///
/// What the header points to is valid for writes of the lengths that it says, and nobody else uses
/// it meanwhile.
pub unsafe fn recv_message(socket: BorrowedSocket<'_>, message: *mut WSAMSG) -> io::Result<u32> {
    // SAFETY: the header is valid and the caller's, by the contract of this function.
    let message = unsafe { &mut *message };
    let has_name = !message.name.is_null() && message.namelen as usize >= size_of::<ADDRESS_FAMILY>();
    let family = message.name.cast::<ADDRESS_FAMILY>();
    if has_name {
        // SAFETY: there is room for the family by the contract, and alignment is not asked for.
        unsafe { family.write_unaligned(0) };
    }
    // SAFETY: passed on to the caller.
    let (outcome, bytes) = unsafe { receive(socket, message) };
    // SAFETY: as above; it was written there.
    if has_name && unsafe { family.read_unaligned() } == 0 {
        message.namelen = 0;
    }
    match outcome {
        Err(error) if error.raw_os_error() == Some(WSAEMSGSIZE) => {}
        outcome => return outcome.map(|()| bytes),
    }
    // It is the error of control data that was cut, too. Wine says no length then: what nobody has
    // written is not said to be there.
    if message.dwFlags & MSG_CTRUNC != 0 && message.dwFlags & MSG_TRUNC == 0 {
        return Ok(bytes);
    }
    message.dwFlags |= MSG_TRUNC;
    // What was cut has filled its room, whatever a failed call says of its length.
    // SAFETY: the header points to as many buffers as it says, by the contract.
    let buffers = unsafe { slice(message.lpBuffers, message.dwBufferCount) };
    Ok(buffers.iter().map(|buffer| buffer.len).sum())
}

/// The call itself: what it returned, and how many bytes it said.
///
/// # Safety
///
/// As [`recv_message`].
unsafe fn receive(socket: BorrowedSocket<'_>, message: &mut WSAMSG) -> (io::Result<()>, u32) {
    // Without room for control data the other call does, which streams have too.
    let function = if message.Control.len > 0 { extension::receive_message(&socket) } else { None };
    let (raw, none, before) = (socket.as_raw_socket() as usize, ptr::null_mut(), message.dwFlags);
    let mut bytes = 0;
    if let Some(receive) = function {
        // SAFETY: what the message points to is as the contract of this function says, until the call
        // returns. The address of the function is one of Winsock.
        let result = unsafe { receive(raw, message, &mut bytes, none, None) };
        match outcome(result) {
            Err(error) if is_of_a_stream(&error) => message.dwFlags = before,
            outcome => return (outcome, bytes),
        }
    }
    message.Control.len = 0;
    let (buffers, count, name) = (message.lpBuffers, message.dwBufferCount, message.name);
    let (len, flags) = (&mut message.namelen, &mut message.dwFlags);
    let len = if name.is_null() { ptr::null_mut() } else { ptr::from_mut(len) };
    // SAFETY: as above.
    let result = unsafe { WSARecvFrom(raw, buffers, count, &mut bytes, flags, name, len, none, None) };
    (outcome(result), bytes)
}

/// Sends a message by a non-blocking `socket`; how many bytes were taken. Of two marks that
/// `add_ecn` has added that which is of the family of the destination goes along.
///
/// # Errors
///
/// `WouldBlock`, and what else Winsock says.
///
/// # Safety
///
/// What the header points to is valid for reads of the lengths that it says, and nobody writes to it
/// meanwhile.
pub unsafe fn send_message(
    socket: BorrowedSocket<'_>,
    message: *const WSAMSG,
    flags: u32,
) -> io::Result<u32> {
    // SAFETY: the header is valid by the contract of this function.
    let mut message = unsafe { *message };
    let (raw, mut sent, none) = (socket.as_raw_socket() as usize, 0, ptr::null_mut());
    if message.Control.len == 0 {
        let WSAMSG { lpBuffers: buffers, dwBufferCount: count, name, namelen: len, .. } = message;
        // SAFETY: what is pointed to is valid by the contract, and only read.
        let result = unsafe { WSASendTo(raw, buffers, count, &mut sent, flags, name, len, none, None) };
        return outcome(result).map(|()| sent);
    }
    // SAFETY: as above.
    let control = unsafe { slice(message.Control.buf, message.Control.len) };
    // SAFETY: as above.
    let name = unsafe { slice(message.name.cast::<u8>(), message.namelen as u32) };
    let mut of_one_family = without_the_other_mark(control, || destination(socket, name));
    if let Some(control) = &mut of_one_family {
        message.Control = WSABUF { len: control.len() as u32, buf: control.as_mut_ptr() };
    }
    // SAFETY: as above; what was put in the place of the control data lives as long.
    let result = unsafe { WSASendMsg(raw, &message, flags, &mut sent, none, None) };
    outcome(result).map(|()| sent)
}

/// The memory of `len` items.
///
/// # Safety
///
/// They are valid for reads while the slice is used, unless `len` is 0 or the pointer is null.
unsafe fn slice<'a, T>(at: *const T, len: u32) -> &'a [T] {
    // SAFETY: passed on to the caller.
    if at.is_null() { &[] } else { unsafe { slice::from_raw_parts(at, len as usize) } }
}

/// Where a message goes.
fn destination(socket: BorrowedSocket<'_>, name: &[u8]) -> Option<IpAddr> {
    let address = match name {
        [] => SockRef::from(&socket).peer_addr().ok()?.as_socket()?,
        name => address_bytes::read(name)?,
    };
    Some(address.ip().to_canonical())
}

/// Control data without the mark that is not of the family of its destination, if it has marks of
/// both.
fn without_the_other_mark(control: &[u8], destination: impl FnOnce() -> Option<IpAddr>) -> Option<Vec<u8>> {
    let is = |mark: (i32, i32)| move |control: &Control<'_>| (control.level, control.kind) == mark;
    let has = |mark| Controls::new(control).any(|control| is(mark)(&control));
    if !(has(MARK_V4) && has(MARK_V6)) {
        return None;
    }
    let other = if destination()?.is_ipv4() { MARK_V6 } else { MARK_V4 };
    let mut kept = Vec::with_capacity(control.len());
    for control in Controls::new(control).filter(|control| !is(other)(control)) {
        control::append(&mut kept, control.level, control.kind, control.data);
    }
    Some(kept)
}

/// What a call of Winsock returned.
fn outcome(result: i32) -> io::Result<()> {
    // WSAGetLastError and GetLastError are one.
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// True for an error of `WSARecvMsg` on a socket that has no messages.
fn is_of_a_stream(error: &io::Error) -> bool {
    error.raw_os_error().is_some_and(|code| [WSAEINVAL, WSAEOPNOTSUPP].contains(&code))
}

/// The mark in a header of IPv4.
const MARK_V4: (i32, i32) = (IPPROTO_IP, IP_ECN);

/// The mark in a header of IPv6.
const MARK_V6: (i32, i32) = (IPPROTO_IPV6, IPV6_ECN);
