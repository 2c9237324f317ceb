//! Calls on files, and on what is read and written as they are.
#![allow(unsafe_code, reason = "a path is an address, and a result of a thread is a descriptor")]

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, FromRawFd, OwnedFd};

use rustix::fs::FileType;
use rustix::io::Errno;

use crate::sys::{PathUnit, errno_of};

/// Whether readiness says nothing of it: a regular file or a disk.
pub(crate) fn is_file(fd: BorrowedFd<'_>) -> bool {
    let kind = rustix::fs::fstat(fd).map(|stat| FileType::from_raw_mode(stat.st_mode));
    matches!(kind, Ok(FileType::RegularFile | FileType::BlockDevice | FileType::Directory))
}

pub(crate) fn read(fd: BorrowedFd<'_>, into: &mut [MaybeUninit<u8>]) -> Result<u32, Errno> {
    rustix::io::read(fd, into).map(|(bytes, _)| bytes.len() as u32)
}

pub(crate) fn read_at(fd: BorrowedFd<'_>, into: &mut [MaybeUninit<u8>], offset: u64) -> Result<u32, Errno> {
    rustix::io::pread(fd, into, offset).map(|(bytes, _)| bytes.len() as u32)
}

pub(crate) fn write(fd: BorrowedFd<'_>, from: &[u8]) -> Result<u32, Errno> {
    rustix::io::write(fd, from).map(|count| count as u32)
}

pub(crate) fn write_at(fd: BorrowedFd<'_>, from: &[u8], offset: u64) -> Result<u32, Errno> {
    rustix::io::pwrite(fd, from, offset).map(|count| count as u32)
}

/// Opens a file; the number of its descriptor, for [`take_opened`].
///
/// # Safety
///
/// The path is a string of C.
pub(crate) unsafe fn open(path: *const PathUnit, flags: i32, mode: u32) -> Result<u32, Errno> {
    // SAFETY: passed on to the caller.
    let fd = unsafe { libc::open(path, flags | libc::O_CLOEXEC, mode) };
    u32::try_from(fd).map_err(|_| errno_of(&io::Error::last_os_error()))
}

/// The file of an operation that has opened one, of which this is the result.
///
/// # Safety
///
/// It is taken once.
pub(crate) unsafe fn take_opened(result: i32) -> OwnedFd {
    // SAFETY: it was opened for this operation, and nobody else knows of it, by the word of the
    // caller.
    unsafe { OwnedFd::from_raw_fd(result) }
}
