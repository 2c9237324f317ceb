//! The signals that have arrived and were not taken yet.

use crate::queue::Direction;
use crate::registry::readiness::Readiness;
use crate::signal::received::Received;
use crate::signal::records::Records;
use crate::sys::arrival::Arrival;

/// The signals that have arrived and were not taken yet: handlers put them here, and the loop
/// takes them.
#[derive(Debug)]
pub(super) struct Inbox {
    /// Makes the source ready.
    pub(super) readiness: Readiness,
    /// What was not taken yet.
    records: Records<ROOM>,
}

impl Inbox {
    pub(super) fn new() -> Inbox {
        Inbox { readiness: Readiness::new(Direction::Readable), records: Records::new() }
    }

    /// Notes a signal and makes the source ready. Safe in a signal handler: it changes
    /// atomics, and may write to the wake descriptor of the Poll.
    pub(super) fn put(&self, arrival: Arrival) {
        self.records.put(arrival);
        // No way is known in which it fails, and a handler could not report it.
        let _ = self.readiness.fire();
    }

    /// The next signal. Only one thread at a time may call this.
    pub(super) fn take(&self) -> Option<Received> {
        let received = self.records.take();
        if received.is_none() {
            // Before the second look: a fire after it leaves an event behind.
            self.readiness.take();
        }
        let arrival = match received {
            Some(received) => received,
            None => {
                let late = self.records.take()?;
                // Others may have come with it, whose firing was just forgotten.
                let _ = self.readiness.fire();
                late
            }
        };
        Some(Received::new(arrival))
    }
}

/// How many signals that were not taken yet are kept with their senders and, if they
/// are real-time signals, their count.
pub(super) const ROOM: usize = 64;
