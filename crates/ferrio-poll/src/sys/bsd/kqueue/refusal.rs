//! What a kqueue refuses, in words.

use std::io;
use std::os::fd::BorrowedFd;

use rustix::fs::{FileType, fstat};
use rustix::io::Errno;

use crate::error::kernel;
use crate::interest::Interest;
use crate::sys::unix::refusal;

pub(super) use crate::sys::unix::refusal::of_aio;

/// The answer to a registration of `fd` that the kernel refused with `errno`.
pub(super) fn of(errno: Errno, fd: BorrowedFd<'_>, is_own: bool) -> io::Error {
    match errno {
        Errno::INVAL if is_own => kernel::poll_in_poll(),
        Errno::INVAL if is_device(fd) => kernel::device_refused(),
        // Kernels have several codes for a file without such a filter.
        Errno::INVAL | Errno::NODEV | Errno::OPNOTSUPP | Errno::NXIO => kernel::not_pollable(),
        other => refusal::of(other),
    }
}

/// The answer to an interest in urgent data where the kernel does not report it.
pub(super) fn of_priority() -> io::Error {
    kernel::priority_absent(Interest::PRIORITY)
}

fn is_device(fd: BorrowedFd<'_>) -> bool {
    fstat(fd).is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::CharacterDevice)
}
