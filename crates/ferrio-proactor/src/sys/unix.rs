//! What all Unixes share. See the contract in [`sys`](crate::sys).

mod errors;
mod files;
mod message;
mod sockets;

pub(crate) use std::os::fd::{
    BorrowedFd as Borrowed, OwnedFd as Owned, OwnedFd as OwnedFile, OwnedFd as OwnedSocket,
    OwnedFd as Passed, RawFd as Raw,
};

use std::ffi::CString;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

pub(crate) use ferrio_poll::os::ancillary::{RECEIVE_FLAGS, take_descriptors};
pub(crate) use rustix::io::Errno;

pub(crate) use crate::sys::unix::errors::{errno, errno_of, failure, is_of_one_connection};
pub(crate) use crate::sys::unix::files::{is_file, open, read, read_at, take_opened, write, write_at};
pub(crate) use crate::sys::unix::message::{Header, RESULT_FLAGS, Slice};
pub(crate) use crate::sys::unix::sockets::{
    connect, domain, is_at_end, is_connected, is_datagrams, is_stream, poll_now, read_hangup, receive,
    receive_message, send, send_message, set_non_blocking, shutdown,
};

/// The events of poll(2) for reading, writing and urgent data.
pub(crate) const POLL_EVENTS: [u32; 3] = [libc::POLLIN as u32, libc::POLLOUT as u32, libc::POLLPRI as u32];

/// The flags of open(2) to read a file, and those to write it anew, each with a mode.
pub(crate) const TO_READ: (i32, u32) = (libc::O_RDONLY, 0);
pub(crate) const TO_WRITE: (i32, u32) = (libc::O_WRONLY | libc::O_CREAT | libc::O_TRUNC, 0o666);

/// The level and the kind of a control message that passes descriptors.
pub(crate) const RIGHTS: Option<(i32, i32)> = Some((libc::SOL_SOCKET, libc::SCM_RIGHTS));

/// No descriptor.
pub(crate) const NO_RAW: Raw = -1;

/// A path as the kernel takes it.
pub(crate) type NativePath = CString;

/// What such a path consists of.
pub(crate) type PathUnit = libc::c_char;

pub(crate) fn native_path(path: &Path) -> io::Result<NativePath> {
    CString::new(path.as_os_str().as_bytes()).map_err(|_| {
        io::Error::new(io::ErrorKind::InvalidInput, format!("the path {path:?} has a zero byte in it"))
    })
}

pub(crate) fn borrow(fd: &Owned) -> Borrowed<'_> {
    fd.as_fd()
}

/// # Safety
///
/// It is open for `'a`.
#[allow(unsafe_code, reason = "a number borrows nothing")]
pub(crate) unsafe fn borrow_raw<'a>(raw: Raw) -> Borrowed<'a> {
    // SAFETY: passed on to the caller.
    unsafe { BorrowedFd::borrow_raw(raw) }
}

pub(crate) fn raw(fd: Borrowed<'_>) -> Raw {
    fd.as_raw_fd()
}
