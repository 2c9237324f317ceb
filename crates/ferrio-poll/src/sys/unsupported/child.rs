//! Processes cannot be watched.

use std::io;
use std::process::ExitStatus;

use crate::error::kernel;
use crate::sys::job_change::JobChange;

#[derive(Debug)]
pub(crate) enum Exit {}

impl Exit {
    pub(crate) fn open(_: u32) -> io::Result<Exit> {
        Err(kernel::unsupported_system())
    }

    pub(crate) fn open_any(_: u32) -> io::Result<Exit> {
        Err(kernel::unsupported_system())
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
