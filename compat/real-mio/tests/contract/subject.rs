//! The subject of this run: the published mio.

use std::io;

use mio::Poll;

/// True if the subject is Ferrio, false if it is the real mio.
pub(crate) const IS_FERRIO: bool = false;

/// A new Poll.
pub(crate) fn new_poll() -> io::Result<Poll> {
    Poll::new()
}

/// True if this run uses a backend that re-arms a direction only when an
/// operation in that direction ran short or would have blocked.
pub(crate) fn rearms_on_demand() -> bool {
    cfg!(any(windows, mio_unsupported_force_poll_poll))
}

/// What an event may say beyond what a program can rely on, and what else is a matter of the
/// backend.
#[allow(dead_code, reason = "what goes beyond mio asks for some")]
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Hint {
    /// An event says all that is true of its source, and not only what is new.
    AllConditions,
    /// The error that waits in a datagram socket is an error, and makes nothing readable.
    DatagramError,
    /// A socket has a queue of errors beside its data.
    ErrorQueue,
    /// A Poll can be used in a child of the process that made it.
    InheritedPoll,
    /// A source that waits for one direction hears of the end of the other.
    OtherEnd,
    /// The other end of a pipe being gone is an error to a writer, and closes a reader both ways
    /// without being readable.
    PipeClosed,
    /// Children and timers are descriptors of Linux: one each, non-blocking, and a thread has an
    /// id of its own.
    SpecialDescriptors,
}

/// True if this run's backend gives `hint`: those of mio that run here give all.
pub(crate) fn gives(_: Hint) -> bool {
    true
}
