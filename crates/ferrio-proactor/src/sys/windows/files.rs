//! Calls on files, all of which may wait.
#![allow(unsafe_code, reason = "a path is an address, and a handle a number")]

use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io::{self, Read, Write};
use std::mem::{ManuallyDrop, MaybeUninit};
use std::os::windows::ffi::OsStringExt;
use std::os::windows::fs::FileExt;
use std::os::windows::io::{AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::ptr;
use std::slice;
use std::time::SystemTime;

use windows_sys::Win32::Foundation::INVALID_HANDLE_VALUE;
use windows_sys::Win32::Storage::FileSystem::{
    CreateFileW, FILE_ATTRIBUTE_NORMAL, FILE_SHARE_DELETE, FILE_SHARE_READ, FILE_SHARE_WRITE, FILE_TYPE_DISK,
    GetFileType,
};

use crate::sys::windows::descriptor::Borrowed;
use crate::sys::windows::errors::{Errno, errno_of};
use crate::sys::windows::sockets;

/// Whether it is a file on a disk. Pipes and consoles have calls that wait for ever.
pub(crate) fn is_file(descriptor: Borrowed<'_>) -> bool {
    let Borrowed::File(file) = descriptor else { return false };
    // SAFETY: the handle is borrowed.
    unsafe { GetFileType(file.as_raw_handle()) == FILE_TYPE_DISK }
}

/// Does `call` with a file.
///
/// # Errors
///
/// `EOPNOTSUPP` for what is no file on a disk.
fn with_file<T>(descriptor: Borrowed<'_>, call: impl FnOnce(&mut File) -> io::Result<T>) -> Result<T, Errno> {
    let file = match descriptor {
        Borrowed::File(file) if is_file(descriptor) => file,
        _ => return Err(Errno::OPNOTSUPP),
    };
    call(&mut borrow_file(file)).map_err(|error| errno_of(&error))
}

/// A file that is not closed when it is dropped.
fn borrow_file(file: BorrowedHandle<'_>) -> ManuallyDrop<File> {
    // SAFETY: the handle is open, and stays the lender's, for the file is never dropped.
    ManuallyDrop::new(unsafe { File::from_raw_handle(file.as_raw_handle()) })
}

/// The same memory with bytes in it, for std reads into nothing else.
fn zeroed(into: &mut [MaybeUninit<u8>]) -> &mut [u8] {
    for byte in &mut *into {
        byte.write(0);
    }
    // SAFETY: each byte was just written.
    unsafe { slice::from_raw_parts_mut(into.as_mut_ptr().cast(), into.len()) }
}

pub(crate) fn read(descriptor: Borrowed<'_>, into: &mut [MaybeUninit<u8>]) -> Result<u32, Errno> {
    match descriptor {
        Borrowed::Socket(_) => sockets::receive(descriptor, into),
        Borrowed::File(_) => with_file(descriptor, |file| file.read(zeroed(into))).map(|count| count as u32),
    }
}

pub(crate) fn read_at(
    descriptor: Borrowed<'_>,
    into: &mut [MaybeUninit<u8>],
    offset: u64,
) -> Result<u32, Errno> {
    with_file(descriptor, |file| file.seek_read(zeroed(into), offset)).map(|count| count as u32)
}

pub(crate) fn write(descriptor: Borrowed<'_>, from: &[u8]) -> Result<u32, Errno> {
    match descriptor {
        Borrowed::Socket(_) => sockets::send(descriptor, from),
        Borrowed::File(_) => with_file(descriptor, |file| file.write(from)).map(|count| count as u32),
    }
}

pub(crate) fn write_at(descriptor: Borrowed<'_>, from: &[u8], offset: u64) -> Result<u32, Errno> {
    with_file(descriptor, |file| file.seek_write(from, offset)).map(|count| count as u32)
}

pub(crate) fn read_cached(_: Borrowed<'_>, _: &mut [MaybeUninit<u8>], _: u64) -> Result<u32, Errno> {
    Err(Errno::AGAIN)
}

pub(crate) fn write_cached(_: Borrowed<'_>, _: &[u8], _: u64) -> Result<u32, Errno> {
    Err(Errno::AGAIN)
}

/// `FlushFileBuffers` leaves nothing out.
pub(crate) fn sync(descriptor: Borrowed<'_>, _data_only: bool) -> Result<(), Errno> {
    with_file(descriptor, |file| file.sync_all())
}

pub(crate) fn splice(
    _: Borrowed<'_>,
    _: Option<u64>,
    _: Borrowed<'_>,
    _: Option<u64>,
    _: usize,
) -> Result<usize, Errno> {
    Err(Errno::OPNOTSUPP)
}

/// Opens a file; its handle, for [`take_opened`].
///
/// # Safety
///
/// The path ends with a zero.
pub(crate) unsafe fn open(path: *const u16, access: i32, disposition: u32) -> Result<u32, Errno> {
    let share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    let (attributes, none) = (FILE_ATTRIBUTE_NORMAL, ptr::null_mut());
    // SAFETY: the path is a string, by the word of the caller; the rest are numbers.
    let handle =
        unsafe { CreateFileW(path, access as u32, share, ptr::null(), disposition, attributes, none) };
    if handle == INVALID_HANDLE_VALUE {
        return Err(errno_of(&io::Error::last_os_error()));
    }
    // The kernel's handles have 32 bits that say something, and count up from small numbers.
    Ok(handle as usize as u32)
}

/// The file of an operation that has opened one, of which this is the result.
///
/// # Safety
///
/// It is taken once.
pub(crate) unsafe fn take_opened(result: i32) -> OwnedHandle {
    // SAFETY: it was opened for this operation, and nobody else knows of it, by the word of the
    // caller.
    unsafe { OwnedHandle::from_raw_handle(result as usize as _) }
}

/// Asks for the status of the file at `path`; a link is followed.
///
/// # Safety
///
/// The path ends with a zero, and `into` has room for a status.
pub(crate) unsafe fn status(path: *const u16, into: *mut Metadata) -> Result<(), Errno> {
    // SAFETY: a unit before the zero is one of the path, by the word of the caller.
    let len = (0..).take_while(|&at| unsafe { *path.wrapping_add(at) } != 0).count();
    // SAFETY: as above.
    let path = unsafe { slice::from_raw_parts(path, len) };
    let status = fs::metadata(OsString::from_wide(path)).map_err(|error| errno_of(&error))?;
    // SAFETY: passed on to the caller.
    unsafe { into.write(status) };
    Ok(())
}

pub(crate) fn size(status: &Metadata) -> u64 {
    status.len()
}

/// As the C library's `stat` makes it of the attributes.
pub(crate) fn mode(status: &Metadata) -> u32 {
    let kind = if status.is_dir() { 0o040_000 } else { 0o100_000 };
    let permissions = if status.permissions().readonly() { 0o444 } else { 0o666 };
    kind | permissions | if status.is_dir() { 0o111 } else { 0 }
}

pub(crate) fn modified(status: &Metadata) -> Option<SystemTime> {
    status.modified().ok().filter(|time| *time >= SystemTime::UNIX_EPOCH)
}

pub(crate) fn is_regular(status: &Metadata) -> bool {
    status.is_file()
}

pub(crate) fn is_folder(status: &Metadata) -> bool {
    status.is_dir()
}
