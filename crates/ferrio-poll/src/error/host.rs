//! What a WASI host lacks, in words.
#![allow(dead_code, reason = "only programs for WASI have a host")]

use std::io::{self, ErrorKind};

use crate::error::new;
use crate::interest::Interest;

/// A wait that nothing can end, where the thread that waits is the only one.
#[cold]
pub(crate) fn endless_wait() -> io::Error {
    new(
        ErrorKind::Unsupported,
        "this wait would never end: it has no timeout, no source is registered that has not been reported already, \
         and WASI has no other thread that could wake it; use sources until WouldBlock, or give a timeout",
    )
}

#[cold]
pub(crate) fn interest_absent(interest: Interest) -> io::Error {
    new(
        ErrorKind::Unsupported,
        format!(
            "interest {interest:?} cannot be watched on WASI, which knows reading and writing alone: use READABLE, \
             which is reported at an end too"
        ),
    )
}

#[cold]
pub(crate) fn no_new_sockets(what: &str) -> io::Error {
    new(
        ErrorKind::Unsupported,
        format!(
            "{what} on this version of WASI, where only the host opens sockets: take one that it hands over, by \
             `from_std`"
        ),
    )
}

#[cold]
pub(crate) fn no_processes(pid: u32) -> io::Error {
    new(ErrorKind::Unsupported, format!("process {pid} cannot be watched: WASI has no processes"))
}

#[cold]
pub(crate) fn no_signals() -> io::Error {
    new(ErrorKind::Unsupported, "WASI has no signals: leave out what handles them there")
}
