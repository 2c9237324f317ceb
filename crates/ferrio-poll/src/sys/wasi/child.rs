//! WASI has no processes whose exit could be told.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::process::ExitStatus;

use crate::error::host;
use crate::sys::job_change::JobChange;

/// The exit of a process. There is none.
#[derive(Debug)]
pub(crate) enum Exit {}

impl Exit {
    pub(crate) fn open(pid: u32) -> io::Result<Exit> {
        Err(host::no_processes(pid))
    }

    pub(crate) fn open_any(pid: u32) -> io::Result<Exit> {
        Err(host::no_processes(pid))
    }

    pub(crate) fn pid(&self) -> u32 {
        match *self {}
    }

    pub(crate) fn has_exited(&self) -> io::Result<bool> {
        match *self {}
    }

    pub(crate) fn peek(&self) -> io::Result<ExitStatus> {
        match *self {}
    }

    pub(crate) fn reap(&self) -> io::Result<ExitStatus> {
        match *self {}
    }

    pub(crate) fn take_job_change(&self) -> io::Result<JobChange> {
        match *self {}
    }
}

impl AsFd for Exit {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match *self {}
    }
}
