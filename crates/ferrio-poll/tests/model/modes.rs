//! Random sequences on sources in every mode, judged by the table of the modes.

use std::cell::RefCell;
use std::io::{ErrorKind, Read, Write};
use std::time::Duration;

use ferrio_poll::user::{self, Trigger, UserSource};
use ferrio_poll::{Backend, Events, Interest, Mode, Poll, Token};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, prop_oneof};
use proptest::test_runner::{TestCaseError, TestRunner};

use crate::system::{Stream, TELLS_WHAT_WAS_DRAINED, pair, settle};

/// The longest sequence.
const LENGTH_MAX: usize = 60;

/// How many sources there are: the first half sockets, the others of ours.
const SOURCES: usize = 6;

#[derive(Copy, Clone, Debug)]
enum Operation {
    /// Registers, or changes the registration if there is one.
    Register(usize, Mode),
    Deregister(usize),
    MakeReady(usize),
    Drain(usize),
    Poll,
}

enum Source {
    Socket { reader: Stream, writer: Stream },
    User { receiver: UserSource, trigger: Trigger },
}

/// What the table says of one source.
#[derive(Copy, Clone, Debug, Default)]
struct State {
    mode: Option<Mode>,
    /// There is something to be read.
    is_ready: bool,
    /// Its next event is due: it became ready, or was registered while it was.
    is_due: bool,
    /// It became ready anew while it was ready: an edge that only some keep.
    may_be_due: bool,
    /// It had its one shot.
    is_disarmed: bool,
    /// It was drained before its event was told, which some systems tell still.
    is_late: bool,
    /// Such an event was told: an edge is told anew only after it was drained once more.
    is_undrained: bool,
}

/// How often what happened.
#[derive(Copy, Clone, Debug, Default)]
struct Tally {
    edges: usize,
    levels: usize,
    shots: usize,
    silences: usize,
}

#[test]
fn every_sequence_of_modes_keeps_the_table() {
    for backend in Backend::candidates() {
        let tally = RefCell::new(Tally::default());
        let result = TestRunner::new(crate::config()).run(&vec(strategy(), 1..=LENGTH_MAX), |operations| {
            run(*backend, &operations, &mut tally.borrow_mut()).map_err(TestCaseError::fail)
        });
        if let Err(error) = result {
            panic!("{backend:?}: {error}");
        }
        let tally = tally.into_inner();
        println!("{backend:?}: {tally:?}");
        let Tally { edges, levels, shots, silences } = tally;
        assert!([edges, levels, shots, silences].iter().all(|count| *count > 0), "{tally:?}");
    }
}

fn strategy() -> impl Strategy<Value = Operation> {
    let mode = prop_oneof![Just(Mode::Edge), Just(Mode::Level), Just(Mode::Oneshot)];
    prop_oneof![
        3 => (0..SOURCES, mode).prop_map(|(source, mode)| Operation::Register(source, mode)),
        1 => (0..SOURCES).prop_map(Operation::Deregister),
        4 => (0..SOURCES).prop_map(Operation::MakeReady),
        3 => (0..SOURCES).prop_map(Operation::Drain),
        5 => Just(Operation::Poll),
    ]
}

fn run(backend: Backend, operations: &[Operation], tally: &mut Tally) -> Result<(), String> {
    let mut poll = Poll::builder().backend(backend).build().unwrap();
    let mut events = Events::with_capacity(2 * SOURCES);
    let mut sources: Vec<_> = (0..SOURCES).map(Source::new).collect();
    let mut states = [State::default(); SOURCES];
    for (step, operation) in operations.iter().enumerate() {
        match *operation {
            Operation::Register(n, mode) => {
                let is_new = states[n].mode.is_none();
                sources[n].register(&poll, Token(n), mode, is_new);
                states[n].register(mode);
            }
            Operation::Deregister(n) if states[n].mode.is_some() => {
                sources[n].deregister(&poll);
                states[n].mode = None;
            }
            Operation::Deregister(_) => {}
            Operation::MakeReady(n) => {
                sources[n].make_ready();
                states[n].make_ready();
            }
            Operation::Drain(n) => {
                sources[n].drain();
                states[n].drain();
            }
            Operation::Poll => {
                settle();
                poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
                judge(&events, &mut states, tally)
                    .map_err(|error| format!("step {step}: {error}, {events:?}"))?;
            }
        }
    }
    Ok(())
}

/// Compares what was reported with what the table says.
fn judge(events: &Events, states: &mut [State], tally: &mut Tally) -> Result<(), String> {
    for (n, state) in states.iter_mut().enumerate() {
        let count = events.iter().filter(|event| event.token() == Token(n)).count();
        let (must, may) = state.expected();
        if count > 1 || (must && count == 0) || (!may && count == 1) {
            return Err(format!("source {n} in {state:?} was reported {count} times"));
        }
        match state.mode {
            Some(Mode::Edge) => tally.edges += count,
            Some(Mode::Level) => tally.levels += count,
            Some(Mode::Oneshot) => tally.shots += count,
            None => {}
        }
        tally.silences += usize::from(count == 0 && state.is_ready);
        if count == 1 {
            state.reported();
        }
    }
    Ok(())
}

impl State {
    fn register(&mut self, mode: Mode) {
        // What is late goes on being so when a registration is changed.
        self.is_late &= self.mode.is_some();
        self.mode = Some(mode);
        self.is_due = self.is_ready;
        self.may_be_due = false;
        self.is_disarmed = false;
        self.is_undrained = false;
    }

    fn drain(&mut self) {
        let (_, may) = self.expected();
        *self = State {
            is_ready: false,
            is_due: false,
            may_be_due: false,
            is_late: may && TELLS_WHAT_WAS_DRAINED,
            is_undrained: false,
            ..*self
        };
    }

    fn make_ready(&mut self) {
        let was_ready = self.is_ready;
        self.is_ready = true;
        if !was_ready && !self.is_undrained {
            self.is_due = true;
        } else {
            self.may_be_due = true;
        }
    }

    /// Whether an event must come, and whether it may.
    fn expected(&self) -> (bool, bool) {
        let (must, may) = match self.mode {
            None => (false, false),
            Some(Mode::Level) => (self.is_ready, self.is_ready),
            Some(Mode::Edge) => (self.is_due, self.is_due || self.may_be_due),
            Some(Mode::Oneshot) => {
                let is_due = self.is_ready && !self.is_disarmed;
                (is_due, is_due)
            }
        };
        (must, may || self.is_late && self.mode.is_some())
    }

    fn reported(&mut self) {
        self.is_undrained = self.is_late && self.mode == Some(Mode::Edge);
        self.is_late = false;
        self.is_due = false;
        self.may_be_due = false;
        self.is_disarmed = self.mode == Some(Mode::Oneshot);
    }
}

impl Source {
    fn new(n: usize) -> Source {
        if n < SOURCES / 2 {
            let (reader, writer) = pair();
            Source::Socket { reader, writer }
        } else {
            let (receiver, trigger) = user::source();
            Source::User { receiver, trigger }
        }
    }

    fn as_source(&mut self) -> &mut dyn ferrio_poll::event::Source {
        match self {
            Source::Socket { reader, .. } => reader,
            Source::User { receiver, .. } => receiver,
        }
    }

    fn register(&mut self, poll: &Poll, token: Token, mode: Mode, is_new: bool) {
        let (registry, source) = (poll.registry(), self.as_source());
        if is_new {
            registry.register_with(source, token, Interest::READABLE, mode).unwrap();
        } else {
            registry.reregister_with(source, token, Interest::READABLE, mode).unwrap();
        }
    }

    fn deregister(&mut self, poll: &Poll) {
        poll.registry().deregister(self.as_source()).unwrap();
    }

    fn make_ready(&mut self) {
        match self {
            Source::Socket { writer, .. } => writer.write_all(b"!").unwrap(),
            Source::User { trigger, .. } => trigger.fire().unwrap(),
        }
    }

    fn drain(&mut self) {
        match self {
            Source::Socket { reader, .. } => {
                let mut buffer = [0; 128];
                while reader.read(&mut buffer).is_ok() {}
                assert_eq!(reader.read(&mut buffer).unwrap_err().kind(), ErrorKind::WouldBlock);
            }
            Source::User { receiver, .. } => drop(receiver.take()),
        }
    }
}
