//! What each slot of the queue stands for.

use crate::mode::Mode;
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
#[derive(Clone, Copy, Debug)]
pub(crate) struct Report {
    /// The token that they carry.
    pub(crate) token: Token,
    /// What the source is ready for.
    pub(crate) direction: Direction,
    /// How often the same readiness is reported.
    pub(crate) mode: Mode,
}

/// What a source is ready for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// To be read.
    Readable,
    /// To be written.
    Writable,
}

/// What a drain does with a slot whose bit is set.
#[derive(Clone, Copy, Debug)]
pub(super) enum Turn {
    /// Gives an event, and forgets the bit.
    Once(Report),
    /// Gives an event, and leaves the bit for the next drain.
    Again(Report),
    /// Nothing, and leaves the bit for when the slot is armed.
    Rest,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    report: Report,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Its events are given out. Set by whoever registers the source.
    Armed,
    /// Its source is gone, but one event is still to be given out; the drain frees it
    /// then. Set when an armed slot that is ready is retired.
    Closing,
    /// Nothing is given out: not registered, or it has had its one shot.
    Resting,
}

impl Slots {
    /// Makes a slot that rests. `grow` is called with the number of a new one.
    pub(super) fn insert(&mut self, grow: impl FnOnce(usize)) -> usize {
        if let Some(slot) = self.free.pop() {
            return slot;
        }
        let slot = self.entries.len();
        grow(slot);
        self.entries.push(Slot { report: UNUSED, state: State::Resting });
        slot
    }

    /// Has `slot` give out events.
    pub(super) fn arm(&mut self, slot: usize, report: Report) {
        self.entries[slot] = Slot { report, state: State::Armed };
    }

    /// Has `slot` give out nothing.
    pub(super) fn rest(&mut self, slot: usize) {
        self.entries[slot].state = State::Resting;
    }

    /// Gives `slot` back after the event that it still owes.
    pub(super) fn close(&mut self, slot: usize) {
        self.entries[slot].state = State::Closing;
    }

    /// Gives `slot` back; its bit is not set.
    pub(super) fn free(&mut self, slot: usize) {
        self.entries[slot].state = State::Resting;
        self.free.push(slot);
    }

    /// What a drain does with `slot`, whose bit is set.
    pub(super) fn turn(&mut self, slot: usize) -> Turn {
        let Slot { report, state } = self.entries[slot];
        match (state, report.mode) {
            (State::Resting, _) => Turn::Rest,
            (State::Closing, _) => {
                self.free(slot);
                Turn::Once(report)
            }
            (State::Armed, Mode::Edge) => Turn::Once(report),
            (State::Armed, Mode::Level) => Turn::Again(report),
            (State::Armed, Mode::Oneshot) => {
                self.rest(slot);
                Turn::Once(report)
            }
        }
    }
}

/// Of a slot that was never armed.
const UNUSED: Report = Report { token: Token(0), direction: Direction::Readable, mode: Mode::Edge };
