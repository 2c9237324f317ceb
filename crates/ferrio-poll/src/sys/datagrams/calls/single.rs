//! recvmsg(2) and sendmsg(2), one message after the other.
#![allow(unsafe_code, reason = "the calls read and write what headers point to")]

use std::io::{self, ErrorKind};
use std::os::fd::RawFd;

use crate::sys::datagram::is_of_an_earlier_one;
use crate::sys::datagrams::one_by_one::each;

/// The header of a message, as other systems have it for many at once.
pub(super) struct Header {
    pub(super) msg_hdr: libc::msghdr,
    pub(super) msg_len: u32,
}

/// Receives into `headers` until one would block. An error that comes after the first message is
/// `pending` for the next call.
///
/// # Safety
///
/// Each header points to memory that may be written until this returns.
pub(super) unsafe fn receive(
    socket: RawFd,
    headers: &mut [Header],
    flags: i32,
    pending: &mut Option<io::Error>,
) -> io::Result<usize> {
    let is_told_later = |error: &io::Error| error.kind() != ErrorKind::WouldBlock;
    each(headers.iter_mut(), pending, is_told_later, |header| {
        // SAFETY: the caller answers for where the header points.
        let len = unsafe { libc::recvmsg(socket, &mut header.msg_hdr, flags | libc::MSG_DONTWAIT) };
        header.take_len(len)
    })
}

/// Sends `headers` until one would block. An error that is the answer to an earlier datagram and
/// comes after the first message is `pending` for the next call, which meets any other again.
///
/// # Safety
///
/// Each header points to memory that may be read until this returns.
pub(super) unsafe fn send(
    socket: RawFd,
    headers: &mut [Header],
    pending: &mut Option<io::Error>,
) -> io::Result<usize> {
    each(headers.iter_mut(), pending, is_of_an_earlier_one, |header| {
        // SAFETY: the caller answers for where the header points.
        let len = unsafe { libc::sendmsg(socket, &header.msg_hdr, FLAGS) };
        header.take_len(len)
    })
}

impl Header {
    /// Takes what a call returned for it.
    fn take_len(&mut self, len: isize) -> io::Result<()> {
        // No datagram is longer than 64 KiB.
        self.msg_len = usize::try_from(len).map_err(|_| io::Error::last_os_error())? as u32;
        Ok(())
    }
}

const FLAGS: i32 = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
