//! A signal that arrived.

use crate::sys::signal;

/// A signal that arrived; given out by [`Signals::take`](super::Signals::take).
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Received {
    signal: i32,
    sender: Option<Sender>,
}

/// The process that a signal came from. For SIGCHLD it is the child.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Sender {
    /// The id of the process. It may be gone by now, and its id another's.
    pub pid: u32,
    /// The user that it ran as.
    pub uid: u32,
}

impl Received {
    pub(super) fn new(signal: i32, sender: Option<signal::Origin>) -> Received {
        let sender = sender.map(|origin| Sender { pid: origin.pid, uid: origin.uid });
        Received { signal, sender }
    }

    /// The number of the signal.
    pub fn signal(&self) -> i32 {
        self.signal
    }

    /// Who sent it. `None` if that was the system itself, or a process that this one
    /// cannot see, or if so many signals came that only the number of this one was kept.
    pub fn sender(&self) -> Option<Sender> {
        self.sender
    }
}
