//! Whether a source was fired, for which direction, and whether it is registered.

use std::io;

use bitflags::bitflags;

use crate::sync::{AtomicU8, Ordering};

/// Remembers that a source was fired until that is taken.
///
/// Firing and registering both change one word, so one of them comes first. If the
/// registration does, the thread that fires finds it and wakes the slot; if the fire does,
/// the thread that registers finds the source fired and wakes the slot. Exactly one of the
/// two wakes it.
#[derive(Debug)]
pub(crate) struct Latch {
    /// The bits of [`State`].
    state: AtomicU8,
}

bitflags! {
    /// The bits of a latch.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct State: u8 {
        /// It was fired to be read. Set by a fire, cleared by `take`.
        const READABLE = 1;
        /// It was fired to be written. Set by a fire, cleared by `take`.
        const WRITABLE = 1 << 1;
        /// Its slot is armed. Set by each registration, cleared when that ends.
        const REGISTERED = 1 << 2;
        /// It is disarmed by its first event: while it is fired, firing it again, for either
        /// direction, tells the poller nothing. Set together with `REGISTERED`.
        const ONESHOT = 1 << 3;
        /// To be read is what it is registered for. Set together with `REGISTERED`.
        const WANTS_READABLE = 1 << 4;
        /// To be written is. Set together with `REGISTERED`.
        const WANTS_WRITABLE = 1 << 5;
        /// All that says that it was fired.
        const FIRED = Self::READABLE.bits() | Self::WRITABLE.bits();
    }
}

impl State {
    /// What it was fired for of that which it is registered for.
    fn ready(self) -> State {
        let wanted = State::from_bits_retain(self.bits() >> 4) & State::FIRED;
        self & wanted
    }
}

impl Latch {
    pub(crate) fn new() -> Latch {
        Latch { state: AtomicU8::new(0) }
    }

    /// Fires for `direction`, and calls `wake` if the source is registered for it.
    pub(crate) fn fire(&self, direction: State, wake: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        // A read-modify-write even if it was fired before: it publishes what the caller
        // did to the thread that takes it.
        let before = State::from_bits_retain(self.state.fetch_or(direction.bits(), Ordering::AcqRel));
        let is_told = before.contains(State::ONESHOT) && !before.ready().is_empty();
        let is_wanted = !(before | direction).ready().intersection(direction).is_empty();
        if before.contains(State::REGISTERED) && is_wanted && !is_told { wake() } else { Ok(()) }
    }

    /// What it was fired for of `directions` since the last time; what else it was fired for
    /// stays. What was done before is visible then.
    pub(crate) fn take(&self, directions: State) -> State {
        let before = self.state.fetch_and(!directions.bits(), Ordering::AcqRel);
        State::from_bits_retain(before) & directions
    }

    /// What it was fired for, of that which it is registered for.
    pub(crate) fn ready(&self) -> State {
        State::from_bits_retain(self.state.load(Ordering::Acquire)).ready()
    }

    /// Notes that the source is registered for the directions in `wanted` and its slot armed,
    /// and calls `wake` if it was fired. A `oneshot` source is woken by its first fire, and by
    /// no other until it is taken.
    pub(crate) fn register(
        &self,
        wanted: State,
        oneshot: bool,
        wake: impl FnOnce() -> io::Result<()>,
    ) -> io::Result<()> {
        let mut registered = State::REGISTERED | State::from_bits_retain(wanted.bits() << 4);
        registered.set(State::ONESHOT, oneshot);
        let change = |state: u8| Some(state & State::FIRED.bits() | registered.bits());
        // The closure never refuses.
        let before = self.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, change).unwrap_or(0);
        let before = State::from_bits_retain(before);
        if before.intersects(wanted) { wake() } else { Ok(()) }
    }

    /// Notes that the source is no longer registered. A thread that fired just before may
    /// still wake its slot.
    pub(crate) fn deregister(&self) {
        self.state.fetch_and(State::FIRED.bits(), Ordering::AcqRel);
    }

    pub(crate) fn is_registered(&self) -> bool {
        State::from_bits_retain(self.state.load(Ordering::Acquire)).contains(State::REGISTERED)
    }
}
