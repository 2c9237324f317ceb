//! Errors of Windows as results of operations.

use std::io;

use windows_sys::Win32::Foundation::{
    ERROR_CALL_NOT_IMPLEMENTED, ERROR_INVALID_HANDLE, ERROR_IO_DEVICE, ERROR_OPERATION_ABORTED,
};
use windows_sys::Win32::Networking::WinSock::{
    WSAECONNABORTED, WSAECONNRESET, WSAEHOSTUNREACH, WSAEINPROGRESS, WSAEINTR, WSAEMSGSIZE, WSAENETDOWN,
    WSAENETRESET, WSAENETUNREACH, WSAENOBUFS, WSAENOTCONN, WSAEOPNOTSUPP, WSAESHUTDOWN, WSAEWOULDBLOCK,
};

/// An error of Windows, called as Unixes call those that mean the same.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Errno(i32);

impl Errno {
    pub(crate) const AGAIN: Errno = Errno(WSAEWOULDBLOCK);
    pub(crate) const BADF: Errno = Errno(ERROR_INVALID_HANDLE as i32);
    pub(crate) const CANCELED: Errno = Errno(ERROR_OPERATION_ABORTED as i32);
    pub(crate) const INPROGRESS: Errno = Errno(WSAEINPROGRESS);
    pub(crate) const INTR: Errno = Errno(WSAEINTR);
    pub(crate) const IO: Errno = Errno(ERROR_IO_DEVICE as i32);
    pub(crate) const MSGSIZE: Errno = Errno(WSAEMSGSIZE);
    pub(crate) const NOBUFS: Errno = Errno(WSAENOBUFS);
    pub(crate) const NOSYS: Errno = Errno(ERROR_CALL_NOT_IMPLEMENTED as i32);
    pub(crate) const NOTCONN: Errno = Errno(WSAENOTCONN);
    pub(crate) const OPNOTSUPP: Errno = Errno(WSAEOPNOTSUPP);
    pub(crate) const SHUTDOWN: Errno = Errno(WSAESHUTDOWN);

    pub(crate) const fn raw_os_error(self) -> i32 {
        self.0
    }
}

impl From<Errno> for io::Error {
    fn from(errno: Errno) -> io::Error {
        io::Error::from_raw_os_error(errno.0)
    }
}

/// An error as the result of an operation: below zero.
pub(crate) const fn failure(errno: Errno) -> i32 {
    -errno.0
}

/// The error that a result below zero stands for.
pub(crate) const fn errno(failure: i32) -> i32 {
    -failure
}

/// The error of a call. One that is no error of the system is one of the device.
pub(crate) fn errno_of(error: &io::Error) -> Errno {
    error.raw_os_error().filter(|code| *code > 0).map_or(Errno::IO, Errno)
}

/// Whether an error is that of a connection, or of what was sent over a socket without one before.
pub(crate) fn is_reset(errno: Errno) -> bool {
    [WSAECONNRESET, WSAENETRESET].map(Errno).contains(&errno)
}

/// Whether an error of accept concerns one connection alone, so that the next may be accepted.
pub(crate) fn is_of_one_connection(errno: Errno) -> bool {
    let passing =
        [WSAECONNABORTED, WSAECONNRESET, WSAEHOSTUNREACH, WSAEINTR, WSAENETDOWN, WSAENETUNREACH].map(Errno);
    passing.contains(&errno)
}
