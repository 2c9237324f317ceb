//! How far the reads and the writes of a pipe are.

use std::io;

use crate::sys::overlapped::{FlightId, Memory};
use crate::sys::pipe;

/// How far a read is.
#[derive(Debug)]
pub(super) enum Reading {
    /// Not begun: there was no peer, no registration, or it was cancelled.
    Idle,
    /// The kernel has it.
    UnderWay(FlightId),
    /// Something was read, and was not given to the user in full.
    Ready(Received),
    /// It failed, and the user was not told yet.
    Failed(io::Error),
    /// The peer has closed its end. It stays so until the pipe is disconnected.
    Ended,
}

/// What was read.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) memory: Memory,
    /// What was given to the user.
    pub(super) given: usize,
    /// What was read.
    pub(super) len: usize,
    /// True if a message ends with it.
    pub(super) ends_message: bool,
}

/// How far a write is.
#[derive(Debug)]
pub(super) enum Writing {
    /// There is none.
    Idle,
    /// The kernel has it.
    UnderWay(FlightId),
    /// It failed, and the user was not told yet.
    Failed(io::Error),
}

impl Reading {
    /// True if there is something to tell the user.
    pub(super) fn is_ready(&self) -> bool {
        matches!(self, Reading::Ready(_) | Reading::Failed(_) | Reading::Ended)
    }

    pub(super) fn failed(error: io::Error) -> Reading {
        if pipe::is_end(&error) { Reading::Ended } else { Reading::Failed(error) }
    }
}

impl Writing {
    pub(super) fn is_under_way(&self) -> bool {
        matches!(self, Writing::UnderWay(_))
    }
}

/// How many bytes an operation reads at least. The user may ask for less.
pub(super) const READ_MIN: usize = 4 * 1024;

/// How many bytes it reads at most: as much memory a pipe holds while it waits.
pub(super) const READ_MAX: usize = 64 * 1024;
