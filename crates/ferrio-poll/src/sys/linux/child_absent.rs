//! Exits of child processes, where rustix has no pidfd: on Android.

use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::process::ExitStatus;

pub(crate) fn open(pid: u32) -> io::Result<OwnedFd> {
    Err(refusal(pid))
}

pub(crate) fn peek(_pidfd: BorrowedFd<'_>, pid: u32) -> io::Result<ExitStatus> {
    Err(refusal(pid))
}

pub(crate) fn reap(_pidfd: BorrowedFd<'_>, pid: u32) -> io::Result<ExitStatus> {
    Err(refusal(pid))
}

fn refusal(pid: u32) -> io::Error {
    let text = format!(
        "process {pid} cannot be watched on Android yet: wait for the child in a thread that wakes the Poll"
    );
    io::Error::new(io::ErrorKind::Unsupported, text)
}
