//! recvmsg(2) and sendmsg(2), one message after the other.
#![allow(unsafe_code, reason = "the calls read and write what headers point to")]

use std::io;
use std::os::fd::RawFd;

/// The header of a message, as other systems have it for many at once.
pub(super) struct Header {
    pub(super) msg_hdr: libc::msghdr,
    pub(super) msg_len: u32,
}

/// Receives into `headers` until one would block.
///
/// # Safety
///
/// Each header points to memory that may be written until this returns.
pub(super) unsafe fn receive(socket: RawFd, headers: &mut [Header], flags: i32) -> io::Result<usize> {
    each(headers, |header| {
        // SAFETY: the caller answers for where the header points.
        unsafe { libc::recvmsg(socket, &mut header.msg_hdr, flags | libc::MSG_DONTWAIT) }
    })
}

/// Sends `headers` until one would block.
///
/// # Safety
///
/// Each header points to memory that may be read until this returns.
pub(super) unsafe fn send(socket: RawFd, headers: &mut [Header]) -> io::Result<usize> {
    each(headers, |header| {
        // SAFETY: the caller answers for where the header points.
        unsafe { libc::sendmsg(socket, &header.msg_hdr, FLAGS) }
    })
}

/// Moves one message after the other; an error after the first ends the call. Like the calls
/// for many messages, it says how many were moved then.
fn each(headers: &mut [Header], mut one: impl FnMut(&mut Header) -> isize) -> io::Result<usize> {
    for (at, header) in headers.iter_mut().enumerate() {
        match usize::try_from(one(header)) {
            // No datagram is longer than 64 KiB.
            Ok(len) => header.msg_len = len as u32,
            Err(_) if at > 0 => return Ok(at),
            Err(_) => return Err(io::Error::last_os_error()),
        }
    }
    Ok(headers.len())
}

const FLAGS: i32 = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
