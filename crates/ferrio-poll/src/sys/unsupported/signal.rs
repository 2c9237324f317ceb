//! Signals cannot be collected.

use std::io;
use std::ops::RangeInclusive;

use crate::error::kernel;
use crate::sys::arrival::Arrival;

pub(crate) const SIGALRM: i32 = 14;
pub(crate) const SIGBREAK: i32 = 21;
pub(crate) const SIGCHLD: i32 = 17;
pub(crate) const SIGCONT: i32 = 18;
pub(crate) const SIGHUP: i32 = 1;
pub(crate) const SIGINT: i32 = 2;
pub(crate) const SIGIO: i32 = 29;
pub(crate) const SIGPIPE: i32 = 13;
pub(crate) const SIGQUIT: i32 = 3;
pub(crate) const SIGTERM: i32 = 15;
pub(crate) const SIGTSTP: i32 = 20;
pub(crate) const SIGTTIN: i32 = 21;
pub(crate) const SIGTTOU: i32 = 22;
pub(crate) const SIGURG: i32 = 23;
pub(crate) const SIGUSR1: i32 = 10;
pub(crate) const SIGUSR2: i32 = 12;
pub(crate) const SIGWINCH: i32 = 28;

#[derive(Debug)]
pub(crate) enum Listening {}

pub(crate) fn listen(_: i32, _: impl Fn(Arrival) + Send + Sync + 'static) -> io::Result<Listening> {
    Err(kernel::unsupported_system())
}

pub(crate) fn ensure_handled(_: i32) -> io::Result<()> {
    Err(kernel::unsupported_system())
}

pub(crate) fn restore_default(_: i32) -> io::Result<()> {
    Err(kernel::unsupported_system())
}

pub(crate) fn is_ignored(_: i32) -> io::Result<bool> {
    Err(kernel::unsupported_system())
}

pub(crate) fn raise(_: i32) -> io::Result<()> {
    Err(kernel::unsupported_system())
}

pub(crate) fn real_time() -> RangeInclusive<i32> {
    RangeInclusive::new(1, 0)
}

pub(crate) fn describe(signal: i32) -> String {
    format!("signal {signal}")
}
