//! Where handlers put signals, and from where the loop takes them.

use crate::queue::Direction;
use crate::seat::Seat;
use crate::signal::received::Received;
use crate::signal::records::Records;
use crate::sys::signal::Origin;

/// Where handlers put signals, and from where the loop takes them.
#[derive(Debug)]
pub(super) struct Inbox {
    /// Makes the source ready.
    pub(super) seat: Seat,
    /// What was not taken yet.
    records: Records<ROOM>,
}

impl Inbox {
    pub(super) fn new() -> Inbox {
        Inbox { seat: Seat::new(Direction::Readable), records: Records::new() }
    }

    /// Notes a signal and makes the source ready. Safe in a signal handler: it changes
    /// atomics, and may write to the wake descriptor of the Poll.
    pub(super) fn put(&self, signal: i32, origin: Option<Origin>) {
        self.records.put(signal, origin);
        // It fails in no way that is known, and a handler has nobody to tell.
        let _ = self.seat.fire();
    }

    /// The next signal. Only one thread at a time may call this.
    pub(super) fn take(&self) -> Option<Received> {
        let received = self.records.take();
        if received.is_none() {
            // Before the second look: who fires after it leaves an event behind.
            self.seat.take();
        }
        let (signal, origin) = match received {
            Some(received) => received,
            None => {
                let late = self.records.take()?;
                // Others may have come with it, whose firing was just forgotten.
                let _ = self.seat.fire();
                late
            }
        };
        Some(Received::new(signal, origin))
    }
}

/// How many signals that were not taken yet are kept with their senders and, if they
/// are real-time signals, their count.
pub(super) const ROOM: usize = 64;
