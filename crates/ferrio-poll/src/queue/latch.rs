//! Whether a source was fired, whether or not it is registered.

use std::io;

use crate::queue::sync::{AtomicU8, Ordering};

/// Remembers that a source was fired until somebody takes note.
///
/// Firing and registering both change one word, so one of them is first: either the one
/// who fires finds the source seated and wakes its slot, or the one who seats it finds
/// it fired and does. In either case exactly one of the two.
#[derive(Debug)]
pub(crate) struct Latch {
    /// `FIRED`, `SEATED` and `ONCE`.
    state: AtomicU8,
}

impl Latch {
    pub(crate) fn new() -> Latch {
        Latch { state: AtomicU8::new(0) }
    }

    /// Fires, and calls `wake` if the source is seated.
    pub(crate) fn fire(&self, wake: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        // A read-modify-write even if it was fired before: it publishes what the caller
        // did to whoever takes it.
        let before = self.state.fetch_or(FIRED, Ordering::AcqRel);
        if before & SEATED == 0 || before & (FIRED | ONCE) == FIRED | ONCE { Ok(()) } else { wake() }
    }

    /// True if it was fired since the last time. What was done before is visible then.
    pub(crate) fn take(&self) -> bool {
        self.state.fetch_and(!FIRED, Ordering::AcqRel) & FIRED != 0
    }

    /// Seats the source, whose slot is armed, and calls `wake` if it was fired. One that is
    /// heard `once` is woken by its first fire and not by others until it is taken.
    pub(crate) fn seat(&self, once: bool, wake: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        let seated = if once { SEATED | ONCE } else { SEATED };
        let change = |state: u8| Some(state & FIRED | seated);
        // The closure never refuses.
        let before = self.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, change).unwrap_or(0);
        if before & FIRED != 0 { wake() } else { Ok(()) }
    }

    /// Takes the source from its seat. Who has fired just before may still wake its slot.
    pub(crate) fn unseat(&self) {
        self.state.fetch_and(FIRED, Ordering::AcqRel);
    }

    pub(crate) fn is_seated(&self) -> bool {
        self.state.load(Ordering::Acquire) & SEATED != 0
    }
}

/// It was fired, and nobody has taken note. Set by whoever fires, cleared by `take`.
const FIRED: u8 = 1;

/// Its slot is armed. Set and cleared by whoever registers it.
const SEATED: u8 = 1 << 1;

/// It is disarmed by its first event: to fire it again tells the poller nothing. Goes with
/// `SEATED`.
const ONCE: u8 = 1 << 2;
