//! What a proactor owns: a socket, or the handle of a file.
#![allow(unsafe_code, reason = "a raw descriptor borrows nothing")]

use std::os::windows::io::{
    AsHandle, AsRawHandle, AsRawSocket, AsSocket, BorrowedHandle, BorrowedSocket, OwnedHandle, OwnedSocket,
    RawHandle, RawSocket,
};

/// What a [`Proactor`](crate::Proactor) owns: a socket, or the handle of a file.
#[derive(Debug)]
pub enum Descriptor {
    /// A socket.
    Socket(OwnedSocket),
    /// A file, opened without `FILE_FLAG_OVERLAPPED`.
    File(OwnedHandle),
}

/// One of these, borrowed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Borrowed<'a> {
    Socket(BorrowedSocket<'a>),
    File(BorrowedHandle<'a>),
}

/// One of these as a number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Raw {
    Nothing,
    Socket(RawSocket),
    File(RawHandle),
}

/// No descriptor.
pub(crate) const NO_RAW: Raw = Raw::Nothing;

pub(crate) fn borrow(descriptor: &Descriptor) -> Borrowed<'_> {
    match descriptor {
        Descriptor::Socket(socket) => Borrowed::Socket(socket.as_socket()),
        Descriptor::File(file) => Borrowed::File(file.as_handle()),
    }
}

pub(crate) fn raw(descriptor: Borrowed<'_>) -> Raw {
    match descriptor {
        Borrowed::Socket(socket) => Raw::Socket(socket.as_raw_socket()),
        Borrowed::File(file) => Raw::File(file.as_raw_handle()),
    }
}

/// # Safety
///
/// It is one, and open for `'a`.
pub(crate) unsafe fn borrow_raw<'a>(raw: Raw) -> Borrowed<'a> {
    match raw {
        Raw::Nothing => unreachable!("an operation on a descriptor has one"),
        // SAFETY: passed on to the caller.
        Raw::Socket(socket) => Borrowed::Socket(unsafe { BorrowedSocket::borrow_raw(socket) }),
        // SAFETY: passed on to the caller.
        Raw::File(file) => Borrowed::File(unsafe { BorrowedHandle::borrow_raw(file) }),
    }
}
