//! WASI has no signals.
#![allow(dead_code, reason = "no signal is ever listened for")]

use std::io;
use std::ops::RangeInclusive;

use crate::error::{self, host};
use crate::sys::arrival::Arrival;

// The numbers that `proc_raise` gives them, which ends the program.
pub(crate) const SIGALRM: i32 = 14;
pub(crate) const SIGCHLD: i32 = 16;
pub(crate) const SIGCONT: i32 = 17;
pub(crate) const SIGHUP: i32 = 1;
pub(crate) const SIGINT: i32 = 2;
pub(crate) const SIGIO: i32 = 28;
pub(crate) const SIGPIPE: i32 = 13;
pub(crate) const SIGQUIT: i32 = 3;
pub(crate) const SIGTERM: i32 = 15;
pub(crate) const SIGTSTP: i32 = 19;
pub(crate) const SIGTTIN: i32 = 20;
pub(crate) const SIGTTOU: i32 = 21;
pub(crate) const SIGURG: i32 = 22;
pub(crate) const SIGUSR1: i32 = 10;
pub(crate) const SIGUSR2: i32 = 12;
pub(crate) const SIGWINCH: i32 = 27;

#[derive(Debug)]
pub(crate) enum Listening {}

pub(crate) fn listen(signal: i32, _: impl Fn(Arrival) + Send + Sync + 'static) -> io::Result<Listening> {
    Err(error::signal_not_collectable(&describe(signal), "WASI has no signals"))
}

pub(crate) fn ensure_handled(_: i32) -> io::Result<()> {
    Err(host::no_signals())
}

pub(crate) fn restore_default(_: i32) -> io::Result<()> {
    Err(host::no_signals())
}

pub(crate) fn is_ignored(_: i32) -> io::Result<bool> {
    Err(host::no_signals())
}

pub(crate) fn raise(_: i32) -> io::Result<()> {
    Err(host::no_signals())
}

pub(crate) fn real_time() -> RangeInclusive<i32> {
    RangeInclusive::new(1, 0)
}

pub(crate) fn describe(signal: i32) -> String {
    format!("signal {signal}")
}
