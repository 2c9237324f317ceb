//! Signals, where the C library or its binding lacks a part of what collecting them needs.
#![allow(dead_code, reason = "no signal is ever listened for")]

use std::io;
use std::ops::RangeInclusive;

use crate::error;
use crate::error::kernel;
use crate::sys::arrival::Arrival;

pub(crate) use libc::{
    SIGALRM, SIGCHLD, SIGCONT, SIGHUP, SIGINT, SIGPIPE, SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG,
    SIGUSR1, SIGUSR2, SIGWINCH,
};

#[cfg(not(target_os = "haiku"))]
pub(crate) use libc::SIGIO;
#[cfg(target_os = "haiku")]
pub(crate) use libc::SIGPOLL as SIGIO;

#[derive(Debug)]
pub(crate) enum Listening {}

pub(crate) fn listen(signal: i32, _: impl Fn(Arrival) + Send + Sync + 'static) -> io::Result<Listening> {
    Err(error::signal_not_collectable(&describe(signal), "signals are not collected on this system yet"))
}

pub(crate) fn ensure_handled(_: i32) -> io::Result<()> {
    Err(kernel::no_signals())
}

pub(crate) fn restore_default(_: i32) -> io::Result<()> {
    Err(kernel::no_signals())
}

pub(crate) fn is_ignored(_: i32) -> io::Result<bool> {
    Err(kernel::no_signals())
}

pub(crate) fn raise(_: i32) -> io::Result<()> {
    Err(kernel::no_signals())
}

pub(crate) fn real_time() -> RangeInclusive<i32> {
    RangeInclusive::new(1, 0)
}

pub(crate) fn describe(signal: i32) -> String {
    format!("signal {signal}")
}
