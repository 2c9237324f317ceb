//! A registration with its kernel, and a model that judges what is reported.

use super::fake::Fake;
use super::{Outcome, Return, State};
use crate::interest::Interest;
use crate::mode::Mode;
use crate::sys::windows::event::Flags;
use crate::token::Token;

/// Something that happens to a registration or to its socket.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Register {
        interest: Interest,
        mode: Mode,
    },
    Reregister {
        interest: Interest,
        mode: Mode,
    },
    Rearm(Interest),
    Deregister,
    /// Conditions come true.
    Raise(Flags),
    /// They are over.
    Clear(Flags),
    /// The poller asks for what is listed and takes packets, at most so many.
    Wait(usize),
    /// An exclusive poll of others ends an operation.
    TakePlace(usize),
    /// The kernel refuses to go on with an operation.
    Fail(usize),
    /// The kernel refuses the next operations, or takes them again.
    Refuse(bool),
    /// The socket is closed behind the registration's back.
    Close,
}

/// A slot with its kernel, and what a user may expect of it.
struct World<const OPS: usize> {
    state: State<OPS>,
    kernel: Fake<OPS>,
    /// The entries of the poller's list.
    listed: Vec<u32>,
    /// Entries that came through the port.
    asked: Vec<u32>,
    registered: bool,
    is_gone: bool,
    next_token: usize,
    /// Of the registration: its token, interest and mode.
    token: Token,
    interest: Interest,
    mode: Mode,
    /// What is not to be reported: what an edge has told and nothing has armed again, or all of it
    /// after a failure.
    told: Flags,
    /// True once a oneshot has fired.
    has_fired: bool,
    /// True after a failure, until the user acts.
    has_failed: bool,
}

impl<const OPS: usize> World<OPS> {
    fn new() -> World<OPS> {
        World {
            state: State::new(),
            kernel: Fake::new(),
            listed: Vec::new(),
            asked: Vec::new(),
            registered: false,
            is_gone: false,
            next_token: 0,
            token: Token(0),
            interest: Interest::READABLE,
            mode: Mode::Edge,
            told: Flags::empty(),
            has_fired: false,
            has_failed: false,
        }
    }

    fn apply(&mut self, step: &Step) {
        match *step {
            Step::Register { interest, mode } if !self.registered && self.kernel.is_idle() => {
                self.begin(interest, mode);
                self.kernel.conditions.remove(Flags::LOCAL_CLOSE);
                let want = Flags::asked_by(interest);
                let opened = self.state.open(self.token, interest, mode, want, &mut self.kernel);
                assert_eq!(opened.is_err(), self.kernel.refuses);
                self.registered = opened.is_ok();
                self.is_gone = false;
            }
            Step::Reregister { interest, mode } if self.state.is_live() => {
                let before =
                    (self.token, self.interest, self.mode, self.told, self.has_fired, self.has_failed);
                self.begin(interest, mode);
                let want = Flags::asked_by(interest);
                if self.state.set(self.token, interest, mode, want, &mut self.kernel).is_err() {
                    // The user was told: it is as it was.
                    (self.token, self.interest, self.mode, self.told, self.has_fired, self.has_failed) =
                        before;
                }
            }
            Step::Rearm(direction) if self.registered => {
                self.rearm(direction);
                if self.state.rearm(direction, &mut self.kernel).is_err() {
                    self.asked.push(self.state.generation());
                }
            }
            Step::Deregister if self.registered => self.close(),
            Step::Raise(conditions) => self.kernel.raise(conditions),
            Step::Clear(conditions) => self.kernel.conditions -= conditions,
            Step::Wait(room) => drop(self.wait(room)),
            Step::TakePlace(op) => self.kernel.end(op % OPS, Outcome::Nothing),
            Step::Fail(op) => self.kernel.end(op % OPS, Outcome::Failed),
            Step::Refuse(refuses) => self.kernel.refuses = refuses,
            Step::Close => self.kernel.raise(Flags::LOCAL_CLOSE),
            _ => {}
        }
        self.check();
    }

    fn begin(&mut self, interest: Interest, mode: Mode) {
        self.next_token += 1;
        self.token = Token(self.next_token);
        (self.interest, self.mode) = (interest, mode);
        (self.told, self.has_fired, self.has_failed) = (Flags::empty(), false, false);
    }

    /// An operation found nothing left in `direction`.
    fn rearm(&mut self, direction: Interest) {
        if self.mode != Mode::Edge {
            return;
        }
        if std::mem::take(&mut self.has_failed) {
            self.told = Flags::empty();
        }
        if direction.is_readable() {
            self.told -= Flags::RECEIVE | Flags::ACCEPT | Flags::RECEIVE_EXPEDITED;
        }
        self.told.set(Flags::SEND, self.told.contains(Flags::SEND) && !direction.is_writable());
    }

    fn close(&mut self) {
        let is_free = self.state.close(&mut self.kernel);
        assert_eq!(is_free, self.kernel.is_idle());
        self.registered = false;
    }

    /// One wait of the poller, which takes `room` packets; the conditions it reported.
    fn wait(&mut self, room: usize) -> Flags {
        let mut all = Flags::empty();
        for generation in self.listed.drain(..).chain(self.asked.drain(..)).collect::<Vec<_>>() {
            if self.state.ask_listed(generation, &mut self.kernel).is_err() {
                let returned = self.state.fail();
                all |= self.judge(returned, true);
            }
        }
        for _ in 0..room {
            let Some((op, outcome)) = self.kernel.port.pop_front() else { break };
            let is_live = self.state.is_live();
            let returned = self.state.came_back(op, outcome);
            self.is_gone |= is_live && !self.state.is_live();
            assert_eq!(returned == Return::Freed, !self.registered && self.kernel.is_idle());
            all |= self.judge(returned, outcome == Outcome::Failed);
            if self.state.list() {
                self.listed.push(self.state.generation());
            }
        }
        all
    }

    /// What may be reported is reported, and nothing else.
    fn judge(&mut self, returned: Return, has_failed: bool) -> Flags {
        let Return::Event(token, flags) = returned else { return Flags::empty() };
        assert!(self.registered && !self.is_gone, "an event of no registration: {flags:?}");
        assert_eq!(token, self.token, "a stale token");
        let conditions = flags - (Flags::READABLE | Flags::WRITABLE);
        assert!(Flags::asked_by(self.interest).contains(conditions), "{flags:?} was not asked for");
        if self.mode == Mode::Oneshot {
            assert!(!std::mem::replace(&mut self.has_fired, true), "two shots");
        } else if has_failed {
            self.told = Flags::all();
            self.has_failed = true;
        } else if self.mode == Mode::Edge {
            assert!(!self.told.intersects(conditions), "{flags:?} was told: {:?}", self.told);
            self.told |= conditions;
        }
        flags
    }

    /// After each step: nothing is missing, or the poller knows, or an operation is due that brings it
    /// about.
    fn check(&self) {
        let generation = self.state.generation();
        let is_known = self.listed.iter().chain(&self.asked).any(|known| *known == generation);
        let is_due = self.state.cancelled.contains(&true);
        let missing = self.state.missing();
        assert!(missing.is_empty() || is_known || is_due, "{missing:?} is forgotten: {:?}", self.state);
    }

    /// What is true and was not reported, although the registration asks for it.
    fn due(&self) -> Flags {
        let is_over = self.mode == Mode::Oneshot && self.has_fired;
        let asked = if is_over { Flags::empty() } else { Flags::asked_by(self.interest) };
        (asked & self.kernel.conditions) - self.told
    }

    /// Waits until nothing more comes; what was reported.
    fn settle(&mut self) -> Flags {
        self.kernel.refuses = false;
        // A level comes with each wait.
        (0..6).fold(Flags::empty(), |all, _| all | self.wait(usize::MAX))
    }
}

/// Runs `steps`, then lets everything come back: what holds and is armed was reported, and a
/// registration that has ended gives its slot back.
pub(super) fn run<const OPS: usize>(steps: &[Step]) {
    let mut world = World::<OPS>::new();
    for step in steps {
        world.apply(step);
    }
    world.settle();
    if world.registered && !world.is_gone {
        let due = world.due();
        match world.mode {
            Mode::Level => {
                let told = world.settle();
                assert!(told.contains(due), "{due:?} is a level and was not repeated: {told:?}");
            }
            _ => assert!(due.is_empty(), "{due:?} was not reported"),
        }
    }
    if world.registered {
        world.close();
    }
    world.settle();
    assert!(world.kernel.is_idle() && !world.state.is_closing(), "{:?}", world.state);
}
