//! The calls for one message with what belongs to it, one after the other.
#![allow(unsafe_code, reason = "the calls read and write what headers point to")]

use std::io::{self, ErrorKind};
use std::net::UdpSocket;
use std::os::windows::io::AsRawSocket;
use std::ptr;

use windows_sys::Win32::Networking::WinSock::{
    LPFN_WSARECVMSG, MSG_TRUNC, WSABUF, WSAEMSGSIZE, WSAMSG, WSARecvFrom, WSASendMsg,
};

use crate::sys::datagram::is_of_an_earlier_one;
use crate::sys::datagrams::extension;
use crate::sys::datagrams::one_by_one::each;
use crate::sys::datagrams::parts::{Bytes, Parts};

/// What the calls said of messages.
pub(crate) struct Headers {
    /// What each that came is like.
    headers: Box<[Header]>,
    /// An error that came after the first message of a call, for the next one to tell.
    pending: Option<io::Error>,
}

/// What a call said of a message that came.
#[derive(Clone, Copy, Default)]
struct Header {
    /// Its length, as far as it found room.
    bytes: u32,
    /// The length of its address.
    address: i32,
    /// The length of its control messages.
    control: u32,
    /// True if it was longer than its room.
    is_truncated: bool,
}

impl Headers {
    pub(crate) fn new(messages: usize) -> Headers {
        Headers { headers: vec![Header::default(); messages].into(), pending: None }
    }

    /// How many messages one call takes.
    pub(crate) fn len(&self) -> usize {
        self.headers.len()
    }

    /// Receives messages into `parts`, one into each, until one would block, with `flags`; returns
    /// how many came. An error that comes after the first message is the next call's.
    pub(crate) fn receive<'a>(
        &mut self,
        socket: &UdpSocket,
        parts: impl Iterator<Item = Parts<'a>>,
        flags: u32,
    ) -> io::Result<usize> {
        self.receive_by(extension::receive_message(socket), socket, parts, flags)
    }

    /// Sends `parts`, each as one message, until one would block; returns how many were taken. An
    /// error that is the answer to an earlier datagram and comes after the first message is the
    /// next call's, which meets any other again.
    pub(crate) fn send<'a>(
        &mut self,
        socket: &UdpSocket,
        parts: impl Iterator<Item = Parts<'a>>,
    ) -> io::Result<usize> {
        let parts = parts.take(self.headers.len());
        each(parts, &mut self.pending, is_of_an_earlier_one, |mut parts| {
            let mut buffer = buffer(&mut parts.bytes);
            let message = message(&mut parts, &mut buffer, 0);
            let mut sent = 0;
            let socket = socket.as_raw_socket() as usize;
            // SAFETY: the message points to `buffer` and the memory of `parts`, which are borrowed
            // until the call returns; to send, it only reads.
            let result = unsafe { WSASendMsg(socket, &message, 0, &mut sent, ptr::null_mut(), None) };
            if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
        })
    }

    /// The length of a received message.
    pub(crate) fn bytes(&self, index: usize) -> usize {
        self.headers[index].bytes as usize
    }

    /// The length of the address of a received message.
    pub(crate) fn address_len(&self, index: usize) -> usize {
        usize::try_from(self.headers[index].address).unwrap_or_default()
    }

    /// The length of the control messages of a received message.
    pub(crate) fn control_len(&self, index: usize) -> usize {
        self.headers[index].control as usize
    }

    /// True if a received message was longer than its room.
    pub(crate) fn is_truncated(&self, index: usize) -> bool {
        self.headers[index].is_truncated
    }

    /// Receives by `WSARecvMsg`, or without control messages if there is no such `function`.
    fn receive_by<'a>(
        &mut self,
        function: LPFN_WSARECVMSG,
        socket: &UdpSocket,
        parts: impl Iterator<Item = Parts<'a>>,
        flags: u32,
    ) -> io::Result<usize> {
        let is_told_later = |error: &io::Error| error.kind() != ErrorKind::WouldBlock;
        let messages = parts.zip(&mut self.headers);
        each(messages, &mut self.pending, is_told_later, |(mut parts, header)| {
            // What a call leaves as it was is no address and no control message of an earlier one.
            parts.address.iter_mut().for_each(|address| address.fill(0));
            parts.control.fill(0);
            *header = receive_one(function, socket, parts, flags)?;
            Ok(())
        })
    }
}

/// Receives one message into `parts`.
fn receive_one(
    function: LPFN_WSARECVMSG,
    socket: &UdpSocket,
    mut parts: Parts<'_>,
    flags: u32,
) -> io::Result<Header> {
    let mut buffer = buffer(&mut parts.bytes);
    let mut message = message(&mut parts, &mut buffer, flags);
    let mut bytes = 0;
    let handle = socket.as_raw_socket() as usize;
    let result = match function {
        // SAFETY: the message points to `buffer` and the memory of `parts`, which are borrowed
        // until the call returns, mutably where it writes. The address is one of Winsock.
        Some(receive) => unsafe { receive(handle, &mut message, &mut bytes, ptr::null_mut(), None) },
        None => {
            let (buffer, flags) = (message.lpBuffers, &mut message.dwFlags);
            let (name, len) = (message.name, &mut message.namelen);
            message.Control.len = 0;
            // SAFETY: as above.
            unsafe { WSARecvFrom(handle, buffer, 1, &mut bytes, flags, name, len, ptr::null_mut(), None) }
        }
    };
    let is_cut = match result {
        0 => message.dwFlags & MSG_TRUNC != 0,
        _ => match io::Error::last_os_error() {
            // It is the error of control messages that were cut, too, but they have room for all
            // that can be asked for; wine tells no length then.
            error if error.raw_os_error() == Some(WSAEMSGSIZE) => true,
            error => return Err(error),
        },
    };
    Ok(Header {
        // What was cut has filled its room, whatever a failed call says of its length.
        bytes: if is_cut { buffer.len } else { bytes },
        address: message.namelen,
        control: message.Control.len,
        is_truncated: is_cut,
    })
}

/// The memory of `bytes`. A datagram is shorter than what its length can say.
fn buffer(bytes: &mut Bytes<'_>) -> WSABUF {
    let (address, len) = match bytes {
        Bytes::In(bytes) => (bytes.as_mut_ptr(), bytes.len()),
        Bytes::Out(bytes) => (bytes.as_ptr().cast_mut(), bytes.len()),
    };
    WSABUF { len: u32::try_from(len).unwrap_or(u32::MAX), buf: address }
}

/// A message that points to the memory of `parts`, and to `buffer`, which has that of its bytes.
fn message(parts: &mut Parts<'_>, buffer: &mut WSABUF, flags: u32) -> WSAMSG {
    let (name, namelen) = match &mut parts.address {
        // No address is longer than 28 bytes.
        Some(address) => (address.as_mut_ptr().cast(), address.len() as i32),
        None => (ptr::null_mut(), 0),
    };
    let control = match &mut parts.control {
        [] => WSABUF { len: 0, buf: ptr::null_mut() },
        control => WSABUF { len: control.len() as u32, buf: control.as_mut_ptr() },
    };
    WSAMSG { name, namelen, lpBuffers: buffer, dwBufferCount: 1, Control: control, dwFlags: flags }
}

#[cfg(test)]
mod tests;
