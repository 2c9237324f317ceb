//! A signal that comes in the midst of a delivery.
//!
//! This file knows no Windows: its tests and its models run anywhere.

#[cfg(all(test, ferrio_loom))]
mod models;
#[cfg(all(test, not(ferrio_loom)))]
mod tests;

use crate::sync::{AtomicU8, Ordering};

/// Whether the poller is delivering what may wake its own Poll.
///
/// A pipe that an operation has made ready is reported by the queue of this process, and wakes
/// it. The poller is awake at that moment, but has not said so yet: without this each such wake
/// would be a packet, and another call to take it from the port. While the poller delivers, a
/// signal is a mark instead; the poller takes it at the end and counts as woken.
#[derive(Debug, Default)]
pub(super) struct Attention(AtomicU8);

impl Attention {
    /// Delivers something by `deliver`; true if it, or anybody else, signalled meanwhile.
    pub(super) fn during(&self, deliver: impl FnOnce()) -> bool {
        self.0.store(DELIVERING, Ordering::Release);
        let end = End(self);
        deliver();
        end.end()
    }

    /// Signals the poller if it is delivering. False if it takes a packet to reach it.
    pub(super) fn signal(&self) -> bool {
        let mark = |state| (state != IDLE).then_some(SIGNALLED);
        self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, mark).is_ok()
    }
}

/// Ends a delivery, also one that panics.
struct End<'a>(&'a Attention);

impl End<'_> {
    fn end(&self) -> bool {
        self.0.0.swap(IDLE, Ordering::AcqRel) == SIGNALLED
    }
}

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.end();
    }
}

/// The poller delivers nothing that could wake it.
const IDLE: u8 = 0;

/// It does. Set by the poller.
const DELIVERING: u8 = 1;

/// It was signalled meanwhile. Set by whoever signals, cleared by the poller.
const SIGNALLED: u8 = 2;
