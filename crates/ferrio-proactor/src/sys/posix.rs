//! Every Unix but Linux: uses what POSIX has, and substitutes for missing flags. See the contract in
//! [`sys`](crate::sys).
#![allow(unsafe_code, reason = "a status is written to where an operation has room for it")]

use std::ffi::{CStr, OsStr};
use std::fs::{self, Metadata};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::time::SystemTime;

use rustix::io::Errno;
use rustix::net::AddressFamily;
use socket2::SockRef;

use crate::sys::errno_of;

pub(crate) const LACKS: &[(&str, &str)] = &[("Splice", "completion has splice(2) on Linux alone")];

pub(crate) const NETLINK: Option<AddressFamily> = None;

pub(crate) const PASSING: &[Errno] = &[];

#[cfg(not(any(target_vendor = "apple", target_os = "redox")))]
pub(crate) const SEND_FLAGS: i32 = libc::MSG_NOSIGNAL;
/// On Apple's systems an option of the socket does it; see [`adopt`].
#[cfg(any(target_vendor = "apple", target_os = "redox"))]
pub(crate) const SEND_FLAGS: i32 = 0;

#[cfg(target_vendor = "apple")]
pub(crate) fn adopt(fd: BorrowedFd<'_>) {
    // What is no socket refuses it.
    let _ = rustix::net::sockopt::set_socket_nosigpipe(fd, true);
}

#[cfg(not(target_vendor = "apple"))]
pub(crate) fn adopt(_fd: BorrowedFd<'_>) {}

pub(crate) fn accept(fd: BorrowedFd<'_>) -> Result<OwnedFd, Errno> {
    let (socket, _) = SockRef::from(&fd).accept().map_err(|error| errno_of(&error))?;
    // accept(2) of some systems hands the listener's flag on.
    rustix::io::ioctl_fionbio(&socket, false)?;
    Ok(socket.into())
}

pub(crate) fn read_cached(_: BorrowedFd<'_>, _: &mut [MaybeUninit<u8>], _: u64) -> Result<u32, Errno> {
    Err(Errno::AGAIN)
}

pub(crate) fn write_cached(_: BorrowedFd<'_>, _: &[u8], _: u64) -> Result<u32, Errno> {
    Err(Errno::AGAIN)
}

/// The metadata that need not be written is, for fdatasync(2) is not everywhere.
pub(crate) fn sync(fd: BorrowedFd<'_>, _data_only: bool) -> Result<(), Errno> {
    // fsync(2) of Apple's systems leaves the data in the cache of the device; but not each file
    // system there, as one of the network, knows the other call.
    #[cfg(target_vendor = "apple")]
    match rustix::fs::fcntl_fullfsync(fd) {
        Err(Errno::NOTSUP | Errno::NOTTY | Errno::INVAL) => {}
        synced => return synced,
    }
    rustix::fs::fsync(fd)
}

pub(crate) fn splice(
    _: BorrowedFd<'_>,
    _: Option<u64>,
    _: BorrowedFd<'_>,
    _: Option<u64>,
    _: usize,
) -> Result<usize, Errno> {
    Err(Errno::OPNOTSUPP)
}

pub(crate) type Status = Metadata;

/// Asks for the status of the file at `path`; a link is followed.
///
/// # Safety
///
/// The path is a string of C, and `into` has room for a status.
pub(crate) unsafe fn status(path: *const libc::c_char, into: *mut Status) -> Result<(), Errno> {
    // SAFETY: passed on to the caller.
    let path = unsafe { CStr::from_ptr(path) };
    let status = fs::metadata(OsStr::from_bytes(path.to_bytes())).map_err(|error| errno_of(&error))?;
    // SAFETY: passed on to the caller.
    unsafe { into.write(status) };
    Ok(())
}

pub(crate) fn size(status: &Status) -> u64 {
    status.len()
}

pub(crate) fn mode(status: &Status) -> u32 {
    status.mode()
}

pub(crate) fn modified(status: &Status) -> Option<SystemTime> {
    status.modified().ok().filter(|time| *time >= SystemTime::UNIX_EPOCH)
}

pub(crate) fn is_regular(status: &Status) -> bool {
    status.is_file()
}

pub(crate) fn is_folder(status: &Status) -> bool {
    status.is_dir()
}
