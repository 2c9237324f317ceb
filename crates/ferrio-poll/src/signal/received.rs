//! A signal that arrived.

use crate::sys::signal::Origin;

/// A signal that arrived; made by [`Signals::take`](super::Signals::take).
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Received {
    signal: i32,
    origin: Option<Origin>,
}

impl Received {
    pub(super) fn new(signal: i32, origin: Option<Origin>) -> Received {
        Received { signal, origin }
    }

    /// The number of the signal.
    pub fn signal(&self) -> i32 {
        self.signal
    }

    /// The process that it came from. `None` if the system itself sent it, or a process that
    /// this one cannot see, or if so many signals came that only the number of this one was
    /// kept.
    #[doc(alias = "si_pid")]
    pub fn origin(&self) -> Option<Origin> {
        self.origin
    }
}
