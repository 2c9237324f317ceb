//! What a system says of a signal.

/// A signal that arrived.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Arrival {
    /// Its number.
    pub(crate) signal: i32,
    /// The process that it came from, if that is known.
    pub(crate) origin: Option<Origin>,
    /// Why it was sent; `None` if only the number was kept.
    pub(crate) code: Option<i32>,
    /// What came with it, if something does with signals of this code.
    pub(crate) datum: Option<Datum>,
}

/// What comes with some signals.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Datum {
    /// How a child exited, or the signal that ended or stopped it.
    Status(i32),
    /// What the sender chose.
    Value(i32),
}

/// The process that a signal came from. For SIGCHLD it is the child.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Origin {
    /// The id of the process. It may be gone by now, and its id another's.
    pub pid: u32,
    /// The user that it ran as.
    pub uid: u32,
}

impl Arrival {
    /// A signal of which only the number is known.
    pub(crate) fn of_number(signal: i32) -> Arrival {
        Arrival { signal, origin: None, code: None, datum: None }
    }
}

impl Origin {
    pub(crate) fn new(pid: u32, uid: u32) -> Origin {
        Origin { pid, uid }
    }
}
