//! Exits of child processes, where rustix has no pidfd: on Android.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::process::ExitStatus;

use crate::error::kernel;

/// The exit of a child process. There is none: no child can be watched here.
#[derive(Debug)]
pub(crate) enum Exit {}

impl Exit {
    pub(crate) fn open(pid: u32) -> io::Result<Exit> {
        Err(kernel::no_child_events(pid, "Android"))
    }

    pub(crate) fn pid(&self) -> u32 {
        match *self {}
    }

    pub(crate) fn peek(&self) -> io::Result<ExitStatus> {
        match *self {}
    }

    pub(crate) fn reap(&self) -> io::Result<ExitStatus> {
        match *self {}
    }
}

impl AsFd for Exit {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match *self {}
    }
}
