//! What each slot of the queue stands for.

use std::sync::Arc;

use crate::mode::Mode;
use crate::queue::latch::{Latch, State as LatchState};
use crate::token::Token;

/// All slots of one queue.
#[derive(Debug, Default)]
pub(super) struct Slots {
    /// Every slot ever made.
    entries: Vec<Slot>,
    /// The slots that are free again.
    free: Vec<usize>,
}

/// What the events of a slot say.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    /// The token that they carry.
    pub(crate) token: Token,
    /// What the source is ready for.
    pub(crate) direction: Direction,
    /// How often the same readiness is reported.
    pub(crate) mode: Mode,
}

/// What a source is ready for.
#[derive(Clone, Debug)]
pub(crate) enum Direction {
    /// Either or both: what it was fired for when the event is delivered.
    Fired(Arc<Latch>),
    /// To be read.
    Readable,
    /// To be written.
    Writable,
}

impl Direction {
    /// What the source is ready for now, once it was woken.
    pub(super) fn ready(&self) -> LatchState {
        match self {
            Direction::Fired(latch) => latch.ready(),
            Direction::Readable => LatchState::READABLE,
            Direction::Writable => LatchState::WRITABLE,
        }
    }
}

/// What the wakes of a slot are to a drain.
#[derive(Clone, Debug)]
pub(super) enum Wakes {
    /// An event, if the source is still ready.
    Event(Report),
    /// Nothing yet: the bit stays for when the slot is armed.
    Kept,
    /// Nothing, ever.
    Silent,
}

#[derive(Clone, Debug)]
struct Slot {
    report: Report,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Its wakes are events. Set when its source is registered.
    Armed,
    /// Its source is gone, but one event is still to be delivered; the drain frees it
    /// then. Set when an armed slot that is ready is removed.
    Closing,
    /// Its wakes are no events: not registered, or it has had its one shot. They are kept for
    /// when it is armed.
    Disarmed,
    /// Its wakes are never events; they only end a sleep.
    Silent,
}

impl Slots {
    /// Makes a slot that is disarmed. `grow` is called with the number of a new one.
    pub(super) fn insert(&mut self, grow: impl FnOnce(usize)) -> usize {
        if let Some(slot) = self.free.pop() {
            return slot;
        }
        let slot = self.entries.len();
        grow(slot);
        self.entries.push(Slot { report: UNUSED, state: State::Disarmed });
        slot
    }

    /// Lets `slot` deliver events.
    pub(super) fn arm(&mut self, slot: usize, report: Report) {
        self.entries[slot] = Slot { report, state: State::Armed };
    }

    /// Stops `slot` from delivering events.
    pub(super) fn disarm(&mut self, slot: usize) {
        self.entries[slot].state = State::Disarmed;
    }

    /// Frees `slot` once its last event was delivered.
    pub(super) fn close(&mut self, slot: usize) {
        self.entries[slot].state = State::Closing;
    }

    /// Frees `slot`, whose bit is not set.
    pub(super) fn free(&mut self, slot: usize) {
        self.entries[slot] = Slot { report: UNUSED, state: State::Disarmed };
        self.free.push(slot);
    }

    /// Makes a slot whose wakes are never events.
    pub(super) fn silence(&mut self, slot: usize) {
        self.entries[slot].state = State::Silent;
    }

    /// What the wakes of `slot` are to a drain.
    pub(super) fn wakes(&self, slot: usize) -> Wakes {
        let Slot { report, state } = &self.entries[slot];
        match state {
            State::Disarmed => Wakes::Kept,
            State::Silent => Wakes::Silent,
            State::Armed | State::Closing => Wakes::Event(report.clone()),
        }
    }

    /// Notes that an event of `slot` is delivered. True if the next drain delivers it again.
    pub(super) fn delivered(&mut self, slot: usize) -> bool {
        let Slot { report, state } = &self.entries[slot];
        match (state, report.mode) {
            (State::Closing, _) => self.free(slot),
            (_, Mode::Oneshot) => self.disarm(slot),
            (_, Mode::Level) => return true,
            (_, Mode::Edge) => {}
        }
        false
    }
}

/// Of a slot that was never armed.
const UNUSED: Report = Report { token: Token(0), direction: Direction::Readable, mode: Mode::Edge };
