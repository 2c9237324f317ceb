//! Whether a source was fired, and whether it is registered.

use std::io;

use crate::sync::{AtomicU8, Ordering};

/// Remembers that a source was fired until that is taken.
///
/// Firing and registering both change one word, so one of them comes first. If the
/// registration does, the thread that fires finds it and wakes the slot; if the fire does,
/// the thread that registers finds the source fired and wakes the slot. Exactly one of the
/// two wakes it.
#[derive(Debug)]
pub(crate) struct Latch {
    /// `FIRED`, `REGISTERED` and `ONESHOT`.
    state: AtomicU8,
}

impl Latch {
    pub(crate) fn new() -> Latch {
        Latch { state: AtomicU8::new(0) }
    }

    /// Fires, and calls `wake` if the source is registered.
    pub(crate) fn fire(&self, wake: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        // A read-modify-write even if it was fired before: it publishes what the caller
        // did to the thread that takes it.
        let before = self.state.fetch_or(FIRED, Ordering::AcqRel);
        let is_told = before & (FIRED | ONESHOT) == FIRED | ONESHOT;
        if before & REGISTERED == 0 || is_told { Ok(()) } else { wake() }
    }

    /// True if it was fired since the last time. What was done before is visible then.
    pub(crate) fn take(&self) -> bool {
        self.state.fetch_and(!FIRED, Ordering::AcqRel) & FIRED != 0
    }

    /// Notes that the source is registered and its slot armed, and calls `wake` if it was
    /// fired. A `oneshot` source is woken by its first fire, and by no other until it is
    /// taken.
    pub(crate) fn register(&self, oneshot: bool, wake: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        let registered = if oneshot { REGISTERED | ONESHOT } else { REGISTERED };
        let change = |state: u8| Some(state & FIRED | registered);
        // The closure never refuses.
        let before = self.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, change).unwrap_or(0);
        if before & FIRED != 0 { wake() } else { Ok(()) }
    }

    /// Notes that the source is no longer registered. A thread that fired just before may
    /// still wake its slot.
    pub(crate) fn deregister(&self) {
        self.state.fetch_and(FIRED, Ordering::AcqRel);
    }

    pub(crate) fn is_registered(&self) -> bool {
        self.state.load(Ordering::Acquire) & REGISTERED != 0
    }
}

/// It was fired, and that was not taken yet. Set by each fire, cleared by `take`.
const FIRED: u8 = 1;

/// Its slot is armed. Set by each registration, cleared when that ends.
const REGISTERED: u8 = 1 << 1;

/// It is disarmed by its first event: firing it again tells the poller nothing. Set together
/// with `REGISTERED`.
const ONESHOT: u8 = 1 << 2;
