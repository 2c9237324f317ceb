//! The system calls of requests.
#![allow(unsafe_code, reason = "a request has addresses instead of slices")]

use std::mem;
use std::os::fd::{BorrowedFd, RawFd};
use std::slice;

use rustix::fs::{FileType, SeekFrom};
use rustix::io::Errno;
use rustix::net::RecvFlags;

use crate::driver::direct::{code, send_now};
use crate::op::request::{CURRENT, Request};
use crate::sys;

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
pub(super) unsafe fn recv(fd: BorrowedFd<'_>, into: *mut u8, len: usize) -> Result<u32, Errno> {
    // SAFETY: passed on to the caller.
    let buffer = unsafe { writable(into, len) };
    let (received, _) = rustix::net::recv(fd, buffer, RecvFlags::DONTWAIT)?;
    Ok(received.0.len() as u32)
}

/// # Safety
///
/// `from` and `len` are of an operation that is under way.
pub(super) unsafe fn send(fd: BorrowedFd<'_>, from: *const u8, len: usize) -> Result<u32, Errno> {
    // SAFETY: passed on to the caller.
    let bytes = unsafe { readable(from, len) };
    send_now(fd, bytes).map(|count| count as u32)
}

/// # Safety
///
/// `message` is of an operation that is under way, or of the caller, with all it points to.
pub(super) unsafe fn recvmsg(fd: RawFd, message: *mut libc::msghdr, flags: i32) -> Result<u32, Errno> {
    // SAFETY: passed on to the caller.
    let count = unsafe { libc::recvmsg(fd, message, flags | libc::MSG_DONTWAIT) };
    checked(count)
}

/// # Safety
///
/// As for [`recvmsg`].
pub(super) unsafe fn sendmsg(fd: RawFd, message: *const libc::msghdr, flags: i32) -> Result<u32, Errno> {
    // SAFETY: passed on to the caller.
    let count = unsafe { libc::sendmsg(fd, message, flags | libc::MSG_DONTWAIT | sys::SEND_FLAGS) };
    checked(count)
}

/// # Safety
///
/// `address` and `len` are of an operation that is under way.
pub(super) unsafe fn connect(
    fd: RawFd,
    address: *const libc::sockaddr,
    len: libc::socklen_t,
) -> Result<(), Errno> {
    // SAFETY: passed on to the caller.
    let result = unsafe { libc::connect(fd, address, len) };
    checked(result as isize).map(drop)
}

/// Reads what is there, or all of it that the cache has if `is_file`.
///
/// # Safety
///
/// `into` and `len` are of an operation that is under way.
pub(super) unsafe fn read_now(
    fd: BorrowedFd<'_>,
    into: *mut u8,
    len: usize,
    offset: u64,
    is_file: bool,
) -> Result<u32, Errno> {
    // SAFETY: passed on to the caller.
    let buffer = unsafe { writable(into, len) };
    if !is_file {
        let read = rustix::io::read(fd, buffer)?;
        return Ok(read.0.len() as u32);
    }
    match sys::read_cached(fd, buffer, offset)? {
        // Linux 5.9 and 5.10 say so too of what is not in the cache.
        0 if len > 0 && is_before_end(fd, offset) => Err(Errno::AGAIN),
        count => Ok(count),
    }
}

/// Whether a file has bytes behind `offset`, or is a disk, whose length its status does not tell.
fn is_before_end(fd: BorrowedFd<'_>, offset: u64) -> bool {
    let at = if offset == CURRENT { rustix::fs::seek(fd, SeekFrom::Current(0)) } else { Ok(offset) };
    let Ok(status) = rustix::fs::fstat(fd) else { return false };
    let is_disk = FileType::from_raw_mode(status.st_mode) == FileType::BlockDevice;
    is_disk || at.is_ok_and(|at| at < status.st_size as u64)
}

/// # Safety
///
/// `from` and `len` are of an operation that is under way.
pub(super) unsafe fn write_now(
    fd: BorrowedFd<'_>,
    from: *const u8,
    len: usize,
    offset: u64,
    is_file: bool,
) -> Result<u32, Errno> {
    // SAFETY: passed on to the caller.
    let bytes = unsafe { readable(from, len) };
    if is_file {
        return sys::write_cached(fd, bytes, offset);
    }
    rustix::io::write(fd, bytes).map(|count| count as u32)
}

/// A result of libc as one of rustix.
fn checked(result: isize) -> Result<u32, Errno> {
    if result >= 0 {
        return Ok(result as u32);
    }
    let error = std::io::Error::last_os_error();
    Err(Errno::from_io_error(&error).unwrap_or(Errno::IO))
}

/// A call that may take long, for a thread.
#[derive(Debug)]
pub(super) struct Blocking {
    request: Request,
    fd: RawFd,
    file_bytes: usize,
}

// SAFETY: the addresses are those of an operation that stays in its slot, and that nobody touches
// until the result was taken; the descriptor stays in the table as long.
unsafe impl Send for Blocking {}

impl Blocking {
    pub(super) fn new(request: Request, fd: RawFd, file_bytes: u32) -> Blocking {
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
    fn fd(&self) -> BorrowedFd<'_> {
        // SAFETY: it stays in the table until the result was taken.
        unsafe { BorrowedFd::borrow_raw(self.fd) }
    }

    fn attempt(&self) -> Result<u32, Errno> {
        match self.request {
            Request::Read { into, len, offset } => {
                // SAFETY: the memory is the operation's, which is under way.
                let buffer = unsafe { writable(into, len.min(self.file_bytes)) };
                let read = if offset == CURRENT {
                    rustix::io::read(self.fd(), buffer)
                } else {
                    rustix::io::pread(self.fd(), buffer, offset)
                };
                read.map(|(bytes, _)| bytes.len() as u32)
            }
            Request::Write { from, len, offset } => {
                // SAFETY: the memory is the operation's, which is under way.
                let bytes = unsafe { readable(from, len.min(self.file_bytes)) };
                let written = if offset == CURRENT {
                    rustix::io::write(self.fd(), bytes)
                } else {
                    rustix::io::pwrite(self.fd(), bytes, offset)
                };
                written.map(|count| count as u32)
            }
            Request::Fsync { data_only } => sys::sync(self.fd(), data_only).map(|()| 0),
            Request::Open { folder, path, flags, mode } => {
                // SAFETY: the path is a string of the operation, which is under way.
                checked(unsafe { libc::openat(folder, path, flags, mode) } as isize)
            }
            Request::Statx { path, into } => {
                // SAFETY: the path and the structure are the operation's, which is under way.
                unsafe { sys::status(path, into) }.map(|()| 0)
            }
            other => unreachable!("no thread does {other:?}"),
        }
    }
}

#[cfg(all(test, not(ferrio_loom)))]
mod tests {
    use std::fs::{self, File};
    use std::io::Read;
    use std::os::fd::AsFd;
    use std::{env, process};

    use super::{CURRENT, is_before_end};

    #[test]
    fn the_end_of_a_file_is_where_its_length_is() {
        let path = env::temp_dir().join(format!("ferrio-end-{}", process::id()));
        fs::write(&path, b"text").unwrap();
        let mut file = File::open(&path).unwrap();
        fs::remove_file(path).unwrap();
        for (offset, expected) in [(0, true), (3, true), (4, false), (5, false), (CURRENT, true)] {
            assert_eq!(is_before_end(file.as_fd(), offset), expected, "{offset}");
        }
        file.read_to_end(&mut Vec::new()).unwrap();
        assert!(!is_before_end(file.as_fd(), CURRENT));
    }
}
