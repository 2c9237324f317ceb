//! The system calls of requests.
#![allow(unsafe_code, reason = "a request has addresses instead of slices")]

use std::mem;
use std::slice;

use crate::driver::direct::code;
use crate::op::request::Request;
use crate::sys::{self, Borrowed, CURRENT, Errno, Raw};

/// Memory that an operation has given the address of: it is the driver's until the operation is
/// over.
///
/// # Safety
///
/// The operation is under way, and nothing else uses its memory.
unsafe fn writable<'a>(at: *mut u8, len: usize) -> &'a mut [mem::MaybeUninit<u8>] {
    if len == 0 {
        return &mut [];
    }
    // SAFETY: the address and the length are of a buffer of the operation, which nobody else uses
    // meanwhile, by the word of the caller; no byte need be initialized.
    unsafe { slice::from_raw_parts_mut(at.cast(), len) }
}

/// # Safety
///
/// As for [`writable`].
unsafe fn readable<'a>(at: *const u8, len: usize) -> &'a [u8] {
    if len == 0 {
        return &[];
    }
    // SAFETY: the address and the length are of a buffer of the operation, whose bytes are
    // initialized and stay as they are, by the word of the caller.
    unsafe { slice::from_raw_parts(at, len) }
}

/// # Safety
///
/// `into` and `len` are of an operation that is under way, or of a buffer that is the caller's.
pub(super) unsafe fn receive(fd: Borrowed<'_>, into: *mut u8, len: usize) -> Result<u32, Errno> {
    // SAFETY: passed on to the caller.
    sys::receive(fd, unsafe { writable(into, len) })
}

/// # Safety
///
/// `from` and `len` are of an operation that is under way.
pub(super) unsafe fn send(fd: Borrowed<'_>, from: *const u8, len: usize) -> Result<u32, Errno> {
    // SAFETY: passed on to the caller.
    sys::send(fd, unsafe { readable(from, len) })
}

/// Reads what is there, or all of it that the cache has if `is_file`.
///
/// # Safety
///
/// `into` and `len` are of an operation that is under way.
pub(super) unsafe fn read_now(
    fd: Borrowed<'_>,
    into: *mut u8,
    len: usize,
    offset: u64,
    is_file: bool,
) -> Result<u32, Errno> {
    // SAFETY: passed on to the caller.
    let buffer = unsafe { writable(into, len) };
    if is_file { sys::read_cached(fd, buffer, offset) } else { sys::read(fd, buffer) }
}

/// # Safety
///
/// `from` and `len` are of an operation that is under way.
pub(super) unsafe fn write_now(
    fd: Borrowed<'_>,
    from: *const u8,
    len: usize,
    offset: u64,
    is_file: bool,
) -> Result<u32, Errno> {
    // SAFETY: passed on to the caller.
    let bytes = unsafe { readable(from, len) };
    if is_file { sys::write_cached(fd, bytes, offset) } else { sys::write(fd, bytes) }
}

/// A call that may take long, for a thread.
#[derive(Debug)]
pub(super) struct Blocking {
    request: Request,
    fd: Raw,
    file_bytes: usize,
}

// SAFETY: the addresses are those of an operation that stays in its slot, and that nobody touches
// until the result was taken; the descriptor stays in the table as long.
unsafe impl Send for Blocking {}

impl Blocking {
    pub(super) fn new(request: Request, fd: Raw, file_bytes: u32) -> Blocking {
        Blocking { request, fd, file_bytes: file_bytes as usize }
    }

    /// Does it, again if a signal handler ran.
    pub(super) fn run(&self) -> i32 {
        loop {
            match self.attempt() {
                Err(Errno::INTR) => {}
                result => return code(result),
            }
        }
    }

    /// The descriptor of an operation that has one.
    fn fd(&self) -> Borrowed<'_> {
        // SAFETY: it stays in the table until the result was taken.
        unsafe { sys::borrow_raw(self.fd) }
    }

    fn attempt(&self) -> Result<u32, Errno> {
        match self.request {
            Request::Read { into, len, offset } => {
                // SAFETY: the memory is the operation's, which is under way.
                let buffer = unsafe { writable(into, len.min(self.file_bytes)) };
                if offset == CURRENT {
                    sys::read(self.fd(), buffer)
                } else {
                    sys::read_at(self.fd(), buffer, offset)
                }
            }
            Request::Write { from, len, offset } => {
                // SAFETY: the memory is the operation's, which is under way.
                let bytes = unsafe { readable(from, len.min(self.file_bytes)) };
                if offset == CURRENT {
                    sys::write(self.fd(), bytes)
                } else {
                    sys::write_at(self.fd(), bytes, offset)
                }
            }
            Request::Fsync { data_only } => sys::sync(self.fd(), data_only).map(|()| 0),
            Request::Open { path, flags, mode } => {
                // SAFETY: the path is a string of the operation, which is under way.
                unsafe { sys::open(path, flags, mode) }
            }
            Request::Statx { path, into } => {
                // SAFETY: the path and the structure are the operation's, which is under way.
                unsafe { sys::status(path, into) }.map(|()| 0)
            }
            other => unreachable!("no thread does {other:?}"),
        }
    }
}
