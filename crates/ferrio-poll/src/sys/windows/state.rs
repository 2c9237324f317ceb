//! The state of one registration: what it is to hear of, and which operations are under way.
//!
//! A poll of AFD ends at the first condition that holds and is then over. So a registration
//! keeps two sets of conditions. What is *armed* is to be reported; what is *asked* is covered
//! by an operation that is under way. Whatever is armed and not asked is *missing*, and is
//! asked for as soon as that makes sense: at once after a change from outside, and before the
//! next wait after a delivery, when the user has had the chance to use up what was reported.
//!
//! - *Edge*: a condition that was reported is disarmed; an operation that finds nothing left
//!   arms it again.
//! - *Level*: it stays armed, so it is asked for anew before each wait.
//! - *Oneshot*: an event disarms everything.
//!
//! There are several operations, so that a thread which arms a condition while another sleeps
//! in a wait can ask for it at once. With one only it would have to cancel what is under way,
//! and to wait for the end of it.
//!
//! A registration that ends cancels its operations, and its slot stays *closing* until the
//! last has come back: only then is nothing in the kernel that could report for it. So the
//! end of an operation always belongs to the registration that it finds, or to one that is
//! closing and reports nothing.
//!
//! This file knows no Windows: its tests run anywhere.

#[cfg(test)]
mod fake;
#[cfg(all(test, ferrio_loom))]
mod models;
#[cfg(all(test, not(ferrio_loom)))]
mod tests;
#[cfg(all(test, not(ferrio_loom)))]
mod world;

use std::io;

use crate::interest::Interest;
use crate::mode::Mode;
use crate::sys::windows::event::Flags;
use crate::token::Token;

/// The operations of one registration, which the kernel carries out.
pub(super) trait Operations {
    /// Starts operation `op`, which comes back once one of `conditions` holds.
    fn start(&mut self, op: usize, conditions: Flags) -> io::Result<()>;

    /// Ends operation `op` early. True if it still comes back.
    fn cancel(&mut self, op: usize) -> bool;
}

/// The state of one slot, which has room for `OPS` operations.
#[derive(Debug)]
pub(super) struct State<const OPS: usize> {
    phase: Phase,
    token: Token,
    interest: Interest,
    mode: Mode,
    /// All that the interest asks for.
    want: Flags,
    /// What of it is to be reported.
    armed: Flags,
    /// What each operation that is under way asks for; nothing if it is idle.
    asked: [Flags; OPS],
    /// Which of them were cancelled, and are awaited.
    cancelled: [bool; OPS],
    /// True after a failure, until the user acts: nothing is armed.
    has_failed: bool,
    /// Counts the registrations of this slot.
    generation: u32,
    /// True while it is to be asked for before the next wait.
    is_listed: bool,
}

/// What a slot is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Nothing. Set when the last operation of a closed registration has come back.
    Free,
    /// A registration. Set when it is opened.
    Live,
    /// A registration whose socket was closed behind its back: it reports nothing more.
    Gone,
    /// Operations of a registration that has ended are still under way.
    Closing,
}

/// How an operation came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// These conditions hold.
    Found(Flags),
    /// It was cancelled, or another poll took its place.
    Nothing,
    /// The kernel refuses to go on.
    Failed,
}

/// What follows from an operation that came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Return {
    /// Nothing to report.
    Silent,
    /// The slot may be used for another registration.
    Freed,
    /// An event.
    Event(Token, Flags),
}

impl<const OPS: usize> State<OPS> {
    pub(super) const fn new() -> State<OPS> {
        State {
            phase: Phase::Free,
            token: Token(0),
            interest: Interest::READABLE,
            mode: Mode::Edge,
            want: Flags::empty(),
            armed: Flags::empty(),
            asked: [Flags::empty(); OPS],
            cancelled: [false; OPS],
            has_failed: false,
            generation: 0,
            is_listed: false,
        }
    }

    /// Begins a registration in a free slot, and asks for all that it wants. If that fails the
    /// slot is free again.
    pub(super) fn open(
        &mut self,
        token: Token,
        interest: Interest,
        mode: Mode,
        want: Flags,
        operations: &mut impl Operations,
    ) -> io::Result<()> {
        debug_assert!(self.phase == Phase::Free && self.is_idle(), "{self:?}");
        self.generation = self.generation.wrapping_add(1);
        // An entry in the list of the poller is of a former registration.
        self.is_listed = false;
        self.phase = Phase::Live;
        let result = self.set(token, interest, mode, want, operations);
        if result.is_err() {
            self.phase = Phase::Free;
        }
        result
    }

    /// Changes the registration, and asks for all that it wants now. If that fails it is as it
    /// was.
    pub(super) fn set(
        &mut self,
        token: Token,
        interest: Interest,
        mode: Mode,
        want: Flags,
        operations: &mut impl Operations,
    ) -> io::Result<()> {
        let before = (self.token, self.interest, self.mode, self.want, self.armed, self.has_failed);
        (self.token, self.interest, self.mode) = (token, interest, mode);
        (self.want, self.armed, self.has_failed) = (want, want, false);
        let result = self.ask(operations);
        if result.is_err() {
            (self.token, self.interest, self.mode, self.want, self.armed, self.has_failed) = before;
        }
        result
    }

    /// Nothing is left in `direction`: its conditions are to be reported again.
    pub(super) fn rearm(&mut self, direction: Interest, operations: &mut impl Operations) -> io::Result<()> {
        if self.phase != Phase::Live || self.mode != Mode::Edge {
            return Ok(());
        }
        let mut conditions = Flags::empty();
        // An end that was told stays, and is not told again.
        conditions.set(Flags::RECEIVE | Flags::ACCEPT | Flags::RECEIVE_EXPEDITED, direction.is_readable());
        conditions.set(Flags::SEND, direction.is_writable());
        if self.has_failed {
            conditions = Flags::all();
            self.has_failed = false;
        }
        self.armed |= self.want & conditions;
        self.ask(operations)
    }

    /// Asks for what is missing.
    pub(super) fn ask(&mut self, operations: &mut impl Operations) -> io::Result<()> {
        let missing = self.missing();
        if missing.is_empty() {
            return Ok(());
        }
        let mut idle = self.asked.iter().position(|asked| asked.is_empty());
        if idle.is_none() && !self.cancelled[0] {
            // Its place is needed; when it has come back all that is missing is asked for.
            self.cancel(0, operations);
            idle = self.asked[0].is_empty().then_some(0);
        }
        let Some(op) = idle else { return Ok(()) };
        let conditions = missing | Flags::LOCAL_CLOSE;
        operations.start(op, conditions)?;
        self.asked[op] = conditions;
        Ok(())
    }

    /// Ends the registration. True if the slot may be used for another at once.
    pub(super) fn close(&mut self, operations: &mut impl Operations) -> bool {
        debug_assert!(matches!(self.phase, Phase::Live | Phase::Gone), "{self:?}");
        self.armed = Flags::empty();
        for op in 0..OPS {
            if !self.asked[op].is_empty() && !self.cancelled[op] {
                self.cancel(op, operations);
            }
        }
        let is_idle = self.is_idle();
        self.phase = if is_idle { Phase::Free } else { Phase::Closing };
        is_idle
    }

    /// Operation `op` came back with `outcome`.
    pub(super) fn came_back(&mut self, op: usize, outcome: Outcome) -> Return {
        self.asked[op] = Flags::empty();
        self.cancelled[op] = false;
        match (self.phase, outcome) {
            (Phase::Closing, _) if self.is_idle() => {
                self.phase = Phase::Free;
                Return::Freed
            }
            (Phase::Live, Outcome::Found(found)) if found.contains(Flags::LOCAL_CLOSE) => {
                self.phase = Phase::Gone;
                Return::Silent
            }
            (Phase::Live, Outcome::Found(found)) => self.report(found),
            (Phase::Live, Outcome::Failed) => self.fail(),
            _ => Return::Silent,
        }
    }

    /// What is missing cannot be asked for: that is an event, and nothing is asked any more until the
    /// user acts.
    pub(super) fn fail(&mut self) -> Return {
        if self.armed.is_empty() {
            return Return::Silent;
        }
        self.armed = Flags::empty();
        self.has_failed = true;
        Return::Event(self.token, Flags::CONNECT_FAIL.reported_to(self.interest))
    }

    fn report(&mut self, found: Flags) -> Return {
        let news = found & self.armed;
        if news.is_empty() {
            return Return::Silent;
        }
        match self.mode {
            Mode::Edge => self.armed -= news,
            Mode::Level => {}
            Mode::Oneshot => self.armed = Flags::empty(),
        }
        Return::Event(self.token, news.reported_to(self.interest))
    }

    /// True if the poller has to ask for something before its next wait, and does not know it
    /// yet.
    pub(super) fn list(&mut self) -> bool {
        let is_news = !self.is_listed && !self.missing().is_empty();
        self.is_listed |= is_news;
        is_news
    }

    /// Asks for what is missing on behalf of the list, if its entry is of this registration.
    pub(super) fn ask_listed(&mut self, generation: u32, operations: &mut impl Operations) -> io::Result<()> {
        if generation != self.generation {
            return Ok(());
        }
        self.is_listed = false;
        self.ask(operations)
    }

    /// What is armed and not asked for.
    pub(super) fn missing(&self) -> Flags {
        if self.phase != Phase::Live {
            return Flags::empty();
        }
        self.asked.iter().fold(self.armed, |missing, asked| missing - *asked)
    }

    /// True while a registration has the slot, and its socket is open as far as is known.
    pub(super) fn is_live(&self) -> bool {
        self.phase == Phase::Live
    }

    /// True if the registration has ended and operations of it are still under way.
    pub(super) fn is_closing(&self) -> bool {
        self.phase == Phase::Closing
    }

    pub(super) fn generation(&self) -> u32 {
        self.generation
    }

    fn is_idle(&self) -> bool {
        self.asked.iter().all(|asked| asked.is_empty())
    }

    fn cancel(&mut self, op: usize, operations: &mut impl Operations) {
        if operations.cancel(op) {
            self.cancelled[op] = true;
        } else {
            self.asked[op] = Flags::empty();
        }
    }
}
