//! No clock but the monotonic one can be followed.

use std::io;
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
        Err(kernel::unsupported_system())
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

#[derive(Debug)]
pub(crate) enum BootTimer {}

impl BootTimer {
    pub(crate) fn new() -> io::Result<BootTimer> {
        Err(kernel::unsupported_system())
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
