//! Exits of processes, where no call tells of them in the form needed.
#![allow(dead_code, reason = "most systems have such a call")]

use std::env::consts::OS;
use std::io;
#[cfg(any(unix, target_os = "wasi"))]
use std::os::fd::{AsFd, BorrowedFd};
use std::process::ExitStatus;

use crate::error::kernel;
use crate::sys::job_change::JobChange;

/// The exit of a process. There is none: no process can be watched here.
#[derive(Debug)]
pub(crate) enum Exit {}

impl Exit {
    pub(crate) fn open(pid: u32) -> io::Result<Exit> {
        Err(kernel::no_child_events(pid, OS))
    }

    pub(crate) fn open_any(pid: u32) -> io::Result<Exit> {
        Err(kernel::no_child_events(pid, OS))
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

#[cfg(any(unix, target_os = "wasi"))]
impl AsFd for Exit {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match *self {}
    }
}
