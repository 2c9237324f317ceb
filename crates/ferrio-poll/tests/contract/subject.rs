//! The subject of this run: ferrio-poll, on the backend that the environment names.

use std::io;

use mio::{Backend, Poll};

/// True if the subject is Ferrio, false if it is the real mio.
pub(crate) const IS_FERRIO: bool = true;

/// A new Poll on the backend that `FERRIO_BACKEND` names.
pub(crate) fn new_poll() -> io::Result<Poll> {
    Poll::builder().backend(Backend::from_env()?).build()
}

/// True if this run uses a backend that re-arms a direction only when an
/// operation in that direction ran short or would have blocked.
pub(crate) fn rearms_on_demand() -> bool {
    Backend::from_env().is_ok_and(|backend| matches!(backend, Backend::Iocp | Backend::Poll2))
}

/// What an event may say beyond what a program can rely on, and what else is a matter of the
/// backend.
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

/// What the backends do not give.
const COARSER: &[(Backend, &[Hint])] = &[(
    Backend::Kqueue,
    &[
        Hint::AllConditions,
        Hint::DatagramError,
        Hint::ErrorQueue,
        Hint::InheritedPoll,
        Hint::OtherEnd,
        Hint::PipeClosed,
        Hint::SpecialDescriptors,
    ],
)];

/// True if this run's backend gives `hint`. What only a system differs in is in
/// `harness::facts`.
pub(crate) fn gives(hint: Hint) -> bool {
    let backend = Backend::from_env().expect("a backend");
    !COARSER.iter().any(|(coarser, lacking)| *coarser == backend && lacking.contains(&hint))
}
