//! What each slot of the queue stands for.

use std::sync::Arc;

use crate::mode::Mode;
use crate::queue::latch::Latch;
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
    #[allow(dead_code, reason = "no source is only ever writable yet")]
    Writable,
}

/// What a drain does with a slot whose bit is set.
#[derive(Clone, Debug)]
pub(super) enum Delivery {
    /// It delivers no event, and leaves the bit for when the slot is armed.
    Nothing,
    /// It delivers an event, and clears the bit.
    Once(Report),
    /// It delivers an event, and leaves the bit for the next drain.
    Repeated(Report),
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
    /// Its wakes are no events: not registered, or it has had its one shot.
    Disarmed,
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

    /// What a drain does with `slot`, whose bit is set.
    pub(super) fn deliver(&mut self, slot: usize) -> Delivery {
        let Slot { report, state } = self.entries[slot].clone();
        match (state, report.mode) {
            (State::Disarmed, _) => Delivery::Nothing,
            (State::Closing, _) => {
                self.free(slot);
                Delivery::Once(report)
            }
            (State::Armed, Mode::Edge) => Delivery::Once(report),
            (State::Armed, Mode::Level) => Delivery::Repeated(report),
            (State::Armed, Mode::Oneshot) => {
                self.disarm(slot);
                Delivery::Once(report)
            }
        }
    }
}

/// Of a slot that was never armed.
const UNUSED: Report = Report { token: Token(0), direction: Direction::Readable, mode: Mode::Edge };
