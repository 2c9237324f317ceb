//! Registrations are made and ended by several threads while another polls. No poll that
//! began after the end of one may report its token.
//!
//! Polls are numbered. A thread that ends a registration notes the number of the last poll that had
//! begun by then; the poller notes the last poll that reported each token. No token comes
//! twice, and a round is judged after it, so no race of this program hides a stale one.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use ferrio_poll::{Events, Interest, Poll, Registry, Token};

use crate::dice::Dice;
use crate::lure::{KINDS, Lure};
use crate::setup::{MODES, Setup, join};

/// How many threads make and end registrations.
const THREADS: usize = 3;
/// How many each makes in a round: so often that each kind has each mode and each end.
const SOURCES: usize = KINDS * MODES.len() * 2 * 6;

/// What the threads of a round share.
struct Round {
    /// The first token.
    base: usize,
    /// How many polls have begun.
    polls: AtomicU64,
    /// By token: how many had when its registration had ended.
    ended: Vec<AtomicU64>,
    /// Whether all have.
    is_over: AtomicBool,
}

pub(crate) fn run(setup: &Setup) -> io::Result<String> {
    let (mut sources, mut events, mut stale) = (0, 0, 0);
    let mut poll = setup.poll()?;
    while !setup.is_over() {
        let ended: Vec<_> = (0..THREADS * SOURCES).map(|_| AtomicU64::new(0)).collect();
        let (polls, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
        let round = Round { base: sources, polls, ended, is_over };
        let mut seen = vec![0; THREADS * SOURCES];
        let registry = poll.registry().try_clone()?;
        let reported = thread::scope(|scope| -> io::Result<(u64, u64)> {
            let poller = scope.spawn(|| watch(&round, &mut poll, &mut seen));
            let owner = |thread| {
                let (round, registry) = (&round, &registry);
                scope.spawn(move || own(round, registry, thread))
            };
            let owned = join((0..THREADS).map(owner).collect());
            round.is_over.store(true, Ordering::Release);
            let reported = poller.join().expect("it does not panic");
            owned.and(reported)
        })?;
        let late = seen.iter().zip(&round.ended).filter(|(seen, end)| **seen > end.load(Ordering::Acquire));
        sources += THREADS * SOURCES;
        events += reported.0;
        stale += reported.1 + late.count() as u64;
    }
    Ok(format!("sources={sources} events={events} stale={stale}"))
}

/// Makes registrations, each ready before or after it is made, and ends them in each way.
fn own(round: &Round, registry: &Registry, thread: usize) -> io::Result<()> {
    for number in 0..SOURCES {
        let place = thread * SOURCES + number;
        let mut lure = Lure::new(number % KINDS)?;
        let rest = number / KINDS;
        let (mode, is_dropped) = (MODES[rest % MODES.len()], rest / MODES.len() % 2 == 0);
        let is_ready_first = rest / MODES.len() / 2 % 2 == 0;
        if is_ready_first {
            lure.fire()?;
        }
        registry.register_with(lure.source(), Token(round.base + place), Interest::READABLE, mode)?;
        if !is_ready_first {
            lure.fire()?;
        }
        match rest % 4 {
            0 => thread::sleep(Duration::from_micros(10)),
            1 => thread::yield_now(),
            _ => {}
        }
        let begun = || round.polls.fetch_add(0, Ordering::AcqRel);
        if is_dropped {
            drop(lure);
            round.ended[place].store(begun(), Ordering::Release);
        } else {
            registry.deregister(lure.source())?;
            round.ended[place].store(begun(), Ordering::Release);
            // Once more, so that what remembers it would report it.
            lure.fire()?;
        }
    }
    Ok(())
}

/// Polls until the round is over and once more. Gives the number of events, and of those
/// that are of an earlier round.
fn watch(round: &Round, poll: &mut Poll, seen: &mut [u64]) -> io::Result<(u64, u64)> {
    let mut events = Events::with_capacity(1 + Dice::new(round.base).below(64));
    let (mut count, mut stale) = (0, 0);
    loop {
        let is_last = round.is_over.load(Ordering::Acquire);
        let number = round.polls.fetch_add(1, Ordering::AcqRel) + 1;
        let timeout = if is_last { Duration::ZERO } else { Duration::from_millis(1) };
        poll.wait(&mut events, Some(timeout))?;
        for event in &events {
            count += 1;
            let place = event.token().0.checked_sub(round.base);
            match place.and_then(|place| seen.get_mut(place)) {
                Some(seen) => *seen = number,
                None => stale += 1,
            }
        }
        if is_last {
            return Ok((count, stale));
        }
    }
}
