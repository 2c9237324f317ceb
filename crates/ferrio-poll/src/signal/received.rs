//! A signal that arrived.

use crate::sys::arrival::{Arrival, Datum, Origin};

/// A signal that arrived; made by [`Signals::take`](super::Signals::take).
///
/// If so many signals came that only the number of this one was kept, all that is optional
/// here is `None`.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Received {
    arrival: Arrival,
}

impl Received {
    pub(super) fn new(arrival: Arrival) -> Received {
        Received { arrival }
    }

    /// The number of the signal.
    pub fn signal(&self) -> i32 {
        self.arrival.signal
    }

    /// The process that it came from. `None` if the system itself sent it, or a process that
    /// this one cannot see. Always `None` on Windows.
    #[doc(alias = "si_pid")]
    pub fn origin(&self) -> Option<Origin> {
        self.arrival.origin
    }

    /// How it was sent, as a number of the system: `SI_USER` by kill(2), `SI_QUEUE` by
    /// sigqueue(3), `SI_TKILL` to one thread, as by raise(3), and `SI_KERNEL` by the system,
    /// as for ctrl-c; for SIGCHLD `CLD_EXITED` and others say what the child did. The crate
    /// `libc` has these names. On Windows it is the number of the event, such as 0 for
    /// `CTRL_C_EVENT`, and -1 for a signal that this process has raised.
    ///
    /// # Examples
    ///
    /// A ctrl-c of the terminal is not the same as a kill by another process:
    ///
    /// ```
    /// # extern crate ferrio_poll as ferrio;
    /// # fn main() -> std::io::Result<()> {
    /// use ferrio::signal::{self, SIGINT, Signals};
    ///
    /// let mut signals = Signals::new([SIGINT])?;
    /// signal::raise(SIGINT)?;
    /// let received = signals.take().unwrap();
    /// assert_eq!(received.code(), Some(libc::SI_TKILL));
    /// assert_ne!(received.code(), Some(libc::SI_KERNEL));
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "si_code")]
    pub fn code(&self) -> Option<i32> {
        self.arrival.code
    }

    /// The integer that its sender gave to sigqueue(3); `None` for a signal that was sent
    /// otherwise.
    #[doc(alias = "si_value")]
    #[doc(alias = "si_int")]
    pub fn value(&self) -> Option<i32> {
        match self.arrival.datum {
            Some(Datum::Value(value)) => Some(value),
            _ => None,
        }
    }

    /// For a SIGCHLD of the system, how the child exited: its exit code if [`code`] is
    /// `CLD_EXITED`, and otherwise the number of the signal that ended, stopped or continued
    /// it. `None` for any other signal, and for a SIGCHLD that a process sent.
    ///
    /// One SIGCHLD may stand for several children: do not count on one for each. The exit of
    /// one child is a [`ChildExit`](crate::process::ChildExit).
    ///
    /// [`code`]: Received::code
    #[doc(alias = "si_status")]
    pub fn status(&self) -> Option<i32> {
        match self.arrival.datum {
            Some(Datum::Status(status)) => Some(status),
            _ => None,
        }
    }
}
