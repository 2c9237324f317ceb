//! The same random sequence on epoll and on poll(2): what the user sees is the same.
//!
//! One thing may differ, and the book names it: epoll also reports an edge for a source that
//! was not used up since its last event, when something happens to it again. So an event that
//! only one backend has must say nothing that was not told before. And poll(2) may be 100 ms
//! late in noticing that a hang-up has ended.

mod source;

use std::cell::RefCell;
use std::io::ErrorKind;
use std::time::Duration;

use ferrio_poll::event::Event;
use ferrio_poll::{Backend, Events, Interest, Mode, Poll, Token};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, prop_oneof};
use proptest::sample::select;
use proptest::test_runner::{TestCaseError, TestRunner};

use crate::twins::source::{KINDS, Kind, Outcome, Source};

/// The longest sequence.
const LENGTH_MAX: usize = 60;

/// A little more than poll(2) may be late.
const LATE: Duration = Duration::from_millis(150);

/// The network is not done when a call returns, if the machine is busy: a difference counts if
/// each of so many runs has it.
const RUNS: usize = 3;

#[derive(Copy, Clone, Debug)]
enum Operation {
    /// Registers, or changes the registration if there is one.
    Register(usize, Interest, Mode),
    Deregister(usize),
    Read(usize, usize),
    Drain(usize),
    Write(usize),
    Fill(usize),
    ReadErrorQueue(usize),
    TakeError(usize),
    PeerWrites(usize),
    PeerReads(usize),
    PeerEnds(usize),
    PeerCloses(usize),
    Reopen(usize),
    /// Polls until all is told, with room for that many events at a time.
    Poll(usize),
}

/// What events said, and what operations have since shown to be over.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
struct Flags(u8);

impl Flags {
    const READABLE: Flags = Flags(1);
    const WRITABLE: Flags = Flags(2);
    const ERROR: Flags = Flags(4);
    const READ_CLOSED: Flags = Flags(8);
    const WRITE_CLOSED: Flags = Flags(16);

    fn of(event: &Event) -> Flags {
        let answers = [
            event.is_readable(),
            event.is_writable(),
            event.is_error(),
            event.is_read_closed(),
            event.is_write_closed(),
            event.is_priority(),
        ];
        Flags(answers.iter().enumerate().map(|(bit, answer)| u8::from(*answer) << bit).sum())
    }

    fn union(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }

    fn has(self, other: Flags) -> bool {
        self.0 & other.0 != 0
    }

    fn without(self, other: Flags) -> Flags {
        Flags(self.0 & !other.0)
    }
}

/// One backend with its sources.
struct World {
    poll: Poll,
    sources: Vec<Source>,
}

/// The state of a source that both worlds share.
#[derive(Copy, Clone, Debug, Default)]
struct State {
    mode: Option<Mode>,
    told: Flags,
}

/// What a source reported in one look: how often, and what.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
struct Report {
    count: usize,
    flags: Flags,
}

#[derive(Copy, Clone, Debug, Default)]
struct Tally {
    reports: usize,
    closes: usize,
    errors: usize,
    refusals: usize,
}

#[test]
fn every_sequence_is_the_same_on_epoll_and_on_poll2() {
    if Backend::candidates().len() < 2 {
        println!("SKIPPED: this build has one backend");
        return;
    }
    let tally = RefCell::new(Tally::default());
    let result = TestRunner::new(crate::config()).run(&vec(strategy(), 1..=LENGTH_MAX), |operations| {
        let mut difference = String::new();
        for _ in 0..RUNS {
            match run(&operations, &mut tally.borrow_mut()) {
                Ok(()) => return Ok(()),
                Err(error) => difference = error,
            }
        }
        Err(TestCaseError::fail(difference))
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    let tally = tally.into_inner();
    println!("{tally:?}");
    let Tally { reports, closes, errors, refusals } = tally;
    assert!([reports, closes, errors, refusals].iter().all(|count| *count > 0), "{tally:?}");
}

fn strategy() -> impl Strategy<Value = Operation> {
    let at = || 0..KINDS.len();
    let interest =
        || select(vec![Interest::READABLE, Interest::WRITABLE, Interest::READABLE | Interest::WRITABLE]);
    let mode = || select(vec![Mode::Edge, Mode::Edge, Mode::Level, Mode::Oneshot]);
    prop_oneof![
        7 => (at(), interest(), mode()).prop_map(|(n, interest, mode)| Operation::Register(n, interest, mode)),
        1 => at().prop_map(Operation::Deregister),
        3 => (at(), select(vec![1, 64])).prop_map(|(n, room)| Operation::Read(n, room)),
        4 => at().prop_map(Operation::Drain),
        2 => at().prop_map(Operation::Write),
        2 => at().prop_map(Operation::Fill),
        1 => at().prop_map(Operation::ReadErrorQueue),
        1 => at().prop_map(Operation::TakeError),
        5 => at().prop_map(Operation::PeerWrites),
        3 => at().prop_map(Operation::PeerReads),
        1 => at().prop_map(Operation::PeerEnds),
        2 => at().prop_map(Operation::PeerCloses),
        2 => at().prop_map(Operation::Reopen),
        9 => select(vec![1, 2, 16]).prop_map(Operation::Poll),
        1 => Just(Operation::Poll(3)),
    ]
}

fn run(operations: &[Operation], tally: &mut Tally) -> Result<(), String> {
    let mut worlds = [World::new(Backend::Epoll), World::new(Backend::Poll2)];
    let mut states = [State::default(); KINDS.len()];
    for (step, operation) in operations.iter().enumerate() {
        run_one(*operation, &mut worlds, &mut states, tally)
            .map_err(|error| format!("step {step}, {operation:?}: {error}"))?;
    }
    Ok(())
}

fn run_one(
    operation: Operation,
    worlds: &mut [World; 2],
    states: &mut [State],
    tally: &mut Tally,
) -> Result<(), String> {
    match operation {
        Operation::Register(n, interest, mode) => {
            let is_new = states[n].mode.is_none();
            worlds.iter_mut().for_each(|world| world.register(n, interest, mode, is_new));
            states[n] = State { mode: Some(mode), told: Flags::default() };
        }
        Operation::Deregister(n) => {
            if states[n].mode.take().is_some() {
                worlds.iter_mut().for_each(|world| world.deregister(n));
            }
        }
        Operation::Poll(room) => return look(worlds, states, room, tally),
        Operation::Reopen(n) => {
            let [is_new, _] = worlds.each_mut().map(|world| world.sources[n].reopen());
            if is_new {
                states[n] = State::default();
            }
        }
        Operation::PeerReads(n) => worlds.iter_mut().for_each(|world| world.sources[n].peer_reads()),
        Operation::PeerEnds(n) => worlds.iter_mut().for_each(|world| world.sources[n].peer_ends()),
        Operation::PeerCloses(n) => worlds.iter_mut().for_each(|world| world.sources[n].peer_closes()),
        Operation::PeerWrites(n) => {
            same(worlds, |world| world.sources[n].peer_writes())?;
        }
        Operation::Read(n, room) => {
            let outcome = read(worlds, n, room)?;
            states[n].has_read(n, outcome, room);
        }
        Operation::Drain(n) => {
            // Errors are taken on the way.
            let mut last = read(worlds, n, 64)?;
            while !matches!(last, None | Some(Ok(0)) | WOULD_BLOCK) {
                tally.refusals += usize::from(last == Some(Err(ErrorKind::ConnectionRefused)));
                last = read(worlds, n, 64)?;
            }
            states[n].has_read(n, last, 64);
        }
        Operation::Write(n) => {
            let bytes = [7; 16];
            states[n].has_written(same(worlds, |world| world.sources[n].write(&bytes))?, bytes.len());
        }
        Operation::Fill(n) => {
            // The buffers of UDP are not filled here.
            let count = if is_udp(n) { 2 } else { 10_000 };
            let bytes = [7; 65536];
            let mut writes = (0..count).map(|_| same(worlds, |world| world.sources[n].write(&bytes)));
            let last = writes.find(|outcome| !matches!(outcome, Ok(Some(Ok(_)))));
            states[n].has_written(last.unwrap_or(Ok(None))?, bytes.len());
        }
        Operation::ReadErrorQueue(n) => {
            let outcome = same(worlds, |world| world.sources[n].read_error_queue())?;
            // Without a queue the error stays where it is.
            if outcome == WOULD_BLOCK && KINDS[n] == Kind::UdpWithQueue {
                states[n].told = states[n].told.without(Flags::ERROR);
            }
        }
        Operation::TakeError(n) => {
            same(worlds, |world| world.sources[n].take_error())?;
        }
    }
    Ok(())
}

const WOULD_BLOCK: Outcome = Some(Err(ErrorKind::WouldBlock));

impl State {
    fn has_read(&mut self, n: usize, outcome: Outcome, room: usize) {
        // Behind a datagram there may be another, and behind the last bytes there is the end.
        let is_told_all = is_udp(n) || self.told.has(Flags::READ_CLOSED);
        let is_short = matches!(outcome, Some(Ok(count)) if 0 < count && count < room) && !is_told_all;
        if is_short || outcome == WOULD_BLOCK {
            self.told = self.told.without(Flags::READABLE);
        }
    }

    fn has_written(&mut self, outcome: Outcome, len: usize) {
        let is_short = matches!(outcome, Some(Ok(count)) if 1 < count && count < len);
        if is_short || outcome == WOULD_BLOCK {
            self.told = self.told.without(Flags::WRITABLE);
        }
    }
}

fn is_udp(n: usize) -> bool {
    matches!(KINDS[n], Kind::Udp | Kind::UdpWithQueue)
}

fn read(worlds: &mut [World; 2], n: usize, room: usize) -> Result<Outcome, String> {
    same(worlds, |world| world.sources[n].read(room))
}

/// Does the same in both worlds, with the same end.
fn same(worlds: &mut [World; 2], act: impl FnMut(&mut World) -> Outcome) -> Result<Outcome, String> {
    let [on_epoll, on_poll2] = worlds.each_mut().map(act);
    if on_epoll == on_poll2 { Ok(on_epoll) } else { Err(format!("{on_epoll:?} against {on_poll2:?}")) }
}

/// Polls both worlds until all is told, and compares.
fn look(worlds: &mut [World; 2], states: &mut [State], room: usize, tally: &mut Tally) -> Result<(), String> {
    let [on_epoll, mut on_poll2] = worlds.each_mut().map(|world| world.look(room, Duration::ZERO));
    let is_missing = |on_poll2: &[Report]| {
        on_epoll.iter().zip(on_poll2).zip(&*states).any(|((epoll, poll2), state)| {
            poll2.count == 0 && epoll.flags.without(state.told) != Flags::default()
        })
    };
    if is_missing(&on_poll2) {
        let late = worlds[1].look(room, LATE);
        for (report, late) in on_poll2.iter_mut().zip(late).filter(|(report, _)| report.count == 0) {
            *report = late;
        }
    }
    for (n, state) in states.iter_mut().enumerate() {
        let (epoll, poll2) = (on_epoll[n], on_poll2[n]);
        let has_both = epoll.count > 0 && poll2.count > 0;
        let is_stale = |report: Report| report.flags.without(state.told) == Flags::default();
        let is_same = match state.mode {
            None => epoll.count == 0 && poll2.count == 0,
            Some(Mode::Level) => epoll.flags == poll2.flags,
            Some(_) if epoll.count > 1 || poll2.count > 1 => false,
            Some(_) if has_both => epoll.flags == poll2.flags,
            Some(Mode::Edge) => is_stale(epoll) && is_stale(poll2),
            Some(_) => epoll.count == poll2.count,
        };
        if !is_same {
            return Err(format!("{:?} {state:?}: epoll {epoll:?}, poll2 {poll2:?}", KINDS[n]));
        }
        state.told = state.told.union(epoll.flags).union(poll2.flags);
        if epoll.flags.has(Flags::ERROR) {
            // An error alone counts as a close; the next one may be alone though this was not.
            state.told = state.told.union(Flags::WRITE_CLOSED);
        }
        tally.reports += epoll.count;
        tally.closes += usize::from(epoll.flags.has(Flags::READ_CLOSED));
        tally.errors += usize::from(epoll.flags.has(Flags::ERROR));
    }
    Ok(())
}

impl World {
    fn new(backend: Backend) -> World {
        let poll = Poll::builder().backend(backend).build().expect("a Poll");
        World { poll, sources: KINDS.map(Source::new).into() }
    }

    fn register(&mut self, n: usize, interest: Interest, mode: Mode, is_new: bool) {
        let registry = self.poll.registry();
        let source = self.sources[n].as_source();
        if is_new {
            registry.register_with(source, Token(n), interest, mode).expect("a registration");
        } else {
            registry.reregister_with(source, Token(n), interest, mode).expect("a reregistration");
        }
    }

    fn deregister(&mut self, n: usize) {
        self.sources[n].as_source().deregister(self.poll.registry()).expect("a deregistration");
    }

    /// Polls so often that each source has its turn twice.
    fn look(&mut self, room: usize, timeout: Duration) -> Vec<Report> {
        let mut reports = vec![Report::default(); KINDS.len()];
        let mut events = Events::with_capacity(room);
        let mut timeout = timeout;
        for _ in 0..2 * KINDS.len().div_ceil(room) {
            self.poll.wait(&mut events, Some(timeout)).expect("a wait");
            timeout = Duration::ZERO;
            for event in &events {
                let report = &mut reports[event.token().0];
                report.count += 1;
                report.flags = report.flags.union(Flags::of(event));
            }
        }
        reports
    }
}
