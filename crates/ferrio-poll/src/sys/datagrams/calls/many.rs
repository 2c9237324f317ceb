//! recvmmsg(2) and sendmmsg(2).
#![allow(unsafe_code, reason = "the calls read and write what headers point to")]

use std::io;
use std::os::fd::RawFd;
use std::ptr;

pub(super) use libc::mmsghdr as Header;

/// Receives into `headers`. Linux keeps an error that comes after the first message for the next
/// call; NetBSD and OpenBSD need not.
///
/// # Safety
///
/// Each header points to memory that may be written until this returns.
pub(super) unsafe fn receive(
    socket: RawFd,
    headers: &mut [Header],
    flags: i32,
    _: &mut Option<io::Error>,
) -> io::Result<usize> {
    let (at, count, flags) = (headers.as_mut_ptr(), headers.len() as _, flags | libc::MSG_DONTWAIT);
    // SAFETY: there are `count` headers, and the caller answers for where they point. Without a
    // timeout the call asks for no more.
    let received = unsafe { libc::recvmmsg(socket, at, count, flags as _, ptr::null_mut()) };
    usize::try_from(received).map_err(|_| io::Error::last_os_error())
}

/// Sends `headers`. An error that comes after the first message ends the call, and the kernel
/// forgets it.
///
/// # Safety
///
/// Each header points to memory that may be read until this returns.
pub(super) unsafe fn send(
    socket: RawFd,
    headers: &mut [Header],
    _: &mut Option<io::Error>,
) -> io::Result<usize> {
    let (at, count) = (headers.as_mut_ptr(), headers.len() as _);
    // SAFETY: as in `receive`.
    let sent = unsafe { libc::sendmmsg(socket, at, count, FLAGS as _) };
    usize::try_from(sent).map_err(|_| io::Error::last_os_error())
}

const FLAGS: i32 = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
