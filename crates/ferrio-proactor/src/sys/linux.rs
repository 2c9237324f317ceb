//! Linux. See the contract in [`sys`](crate::sys).
#![allow(unsafe_code, reason = "the kernel fills memory in")]

use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};
use std::time::{Duration, SystemTime};

use rustix::fs::{FileType, SeekFrom};
use rustix::io::{Errno, ReadWriteFlags};
use rustix::net::{AddressFamily, SocketFlags};
use rustix::pipe::SpliceFlags;

use crate::sys::{CURRENT, errno_of};

pub(crate) const LACKS: &[(&str, &str)] = &[];

pub(crate) const NETLINK: Option<AddressFamily> = Some(AddressFamily::NETLINK);

pub(crate) const PASSING: &[Errno] = &[Errno::NONET];

pub(crate) const SEND_FLAGS: i32 = libc::MSG_NOSIGNAL;

pub(crate) fn adopt(_fd: BorrowedFd<'_>) {}

pub(crate) fn accept(fd: BorrowedFd<'_>) -> Result<OwnedFd, Errno> {
    rustix::net::accept_with(fd, SocketFlags::CLOEXEC)
}

pub(crate) fn read_cached(
    file: BorrowedFd<'_>,
    into: &mut [MaybeUninit<u8>],
    offset: u64,
) -> Result<u32, Errno> {
    let slice = libc::iovec { iov_base: into.as_mut_ptr().cast(), iov_len: into.len() };
    // The kernel takes an offset in two registers, of which those of 64 bits fill one.
    let (low, high) = (offset as libc::c_ulong, (offset >> 32) as libc::c_ulong);
    let (call, fd, slices) = (libc::SYS_preadv2, file.as_raw_fd(), &raw const slice);
    // Not by rustix, which asks for bytes that are initialized.
    // SAFETY: the one slice is `into`, to which the kernel only writes.
    let count = unsafe { libc::syscall(call, fd, slices, 1_usize, low, high, libc::RWF_NOWAIT) };
    match u32::try_from(count) {
        // Linux 5.9 and 5.10 say so too of what is not in the cache.
        Ok(0) if !into.is_empty() && is_before_end(file, offset) => Err(Errno::AGAIN),
        Ok(count) => Ok(count),
        Err(_) => Err(errno_of(&io::Error::last_os_error())),
    }
}

/// Whether a file has bytes behind `offset`, or is a disk, whose length its status does not tell.
fn is_before_end(fd: BorrowedFd<'_>, offset: u64) -> bool {
    let at = if offset == CURRENT { rustix::fs::seek(fd, SeekFrom::Current(0)) } else { Ok(offset) };
    let Ok(status) = rustix::fs::fstat(fd) else { return false };
    let is_disk = FileType::from_raw_mode(status.st_mode) == FileType::BlockDevice;
    is_disk || at.is_ok_and(|at| at < status.st_size as u64)
}

pub(crate) fn write_cached(fd: BorrowedFd<'_>, from: &[u8], offset: u64) -> Result<u32, Errno> {
    let slices = &[IoSlice::new(from)];
    rustix::io::pwritev2(fd, slices, offset, ReadWriteFlags::NOWAIT).map(|count| count as u32)
}

pub(crate) fn sync(fd: BorrowedFd<'_>, data_only: bool) -> Result<(), Errno> {
    if data_only { rustix::fs::fdatasync(fd) } else { rustix::fs::fsync(fd) }
}

pub(crate) fn splice(
    from: BorrowedFd<'_>,
    mut from_offset: Option<u64>,
    to: BorrowedFd<'_>,
    mut to_offset: Option<u64>,
    len: usize,
) -> Result<usize, Errno> {
    let flags = SpliceFlags::NONBLOCK;
    rustix::pipe::splice(from, from_offset.as_mut(), to, to_offset.as_mut(), len, flags)
}

pub(crate) type Status = libc::statx;

/// Asks for the status of the file at `path`; a link is followed.
///
/// # Safety
///
/// The path is a string of C, and `into` has room for a status.
pub(crate) unsafe fn status(path: *const libc::c_char, into: *mut Status) -> Result<(), Errno> {
    // SAFETY: passed on to the caller.
    let result = unsafe { libc::statx(libc::AT_FDCWD, path, 0, libc::STATX_BASIC_STATS, into) };
    if result == 0 { Ok(()) } else { Err(errno_of(&io::Error::last_os_error())) }
}

pub(crate) fn size(status: &Status) -> u64 {
    status.stx_size
}

pub(crate) fn mode(status: &Status) -> u32 {
    u32::from(status.stx_mode)
}

pub(crate) fn modified(status: &Status) -> Option<SystemTime> {
    let time = status.stx_mtime;
    let since = Duration::new(u64::try_from(time.tv_sec).ok()?, time.tv_nsec);
    SystemTime::UNIX_EPOCH.checked_add(since)
}

pub(crate) fn is_regular(status: &Status) -> bool {
    mode(status) & libc::S_IFMT == libc::S_IFREG
}

pub(crate) fn is_folder(status: &Status) -> bool {
    mode(status) & libc::S_IFMT == libc::S_IFDIR
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
