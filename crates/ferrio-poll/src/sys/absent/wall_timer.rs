//! Timers of the clocks that do not stand still, where no call makes one.
#![allow(dead_code, reason = "no timer is ever read")]

use std::io;
#[cfg(any(unix, target_os = "wasi"))]
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use crate::error::kernel;

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    Expired(u64),
    ClockSet,
}

#[derive(Debug)]
pub(crate) enum Timer {}

impl Timer {
    pub(crate) fn new() -> io::Result<Timer> {
        Err(kernel::no_wall_timers())
    }

    pub(crate) fn arm(&self, _: Duration, _: Duration) -> io::Result<bool> {
        match *self {}
    }

    pub(crate) fn disarm(&self) -> io::Result<()> {
        match *self {}
    }

    pub(crate) fn read(&self) -> io::Result<Reading> {
        match *self {}
    }
}

#[cfg(any(unix, target_os = "wasi"))]
impl AsFd for Timer {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match *self {}
    }
}

#[derive(Debug)]
pub(crate) enum BootTimer {}

impl BootTimer {
    pub(crate) fn new() -> io::Result<BootTimer> {
        Err(kernel::no_wall_timers())
    }

    pub(crate) fn arm(&self, _: Duration, _: Duration) -> io::Result<()> {
        match *self {}
    }

    pub(crate) fn disarm(&self) -> io::Result<()> {
        match *self {}
    }

    pub(crate) fn read(&self) -> io::Result<u64> {
        match *self {}
    }
}

#[cfg(any(unix, target_os = "wasi"))]
impl AsFd for BootTimer {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match *self {}
    }
}
