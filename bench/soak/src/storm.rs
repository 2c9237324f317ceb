//! Threads that wake a loop, and wait until it has seen that.

use std::io;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ferrio_poll::{Events, Poll, Registry, Token, Waker};

use crate::dice::Dice;
use crate::setup::{PATIENCE, Setup, join};

/// How many threads there are.
const THREADS: usize = 3;
/// The token of the wake that ends the loop.
const OVER: Token = Token(usize::MAX);
/// After how many polls there is another list of events.
const POLLS: u64 = 500;

/// What a thread and the loop share.
struct Side {
    /// The one that it has from the beginning.
    waker: Waker,
    /// The token of the waker that it uses now.
    token: AtomicUsize,
    /// How often it has woken, and how much of that the loop has seen.
    woken: AtomicU64,
    seen: AtomicU64,
    /// How often there was no answer.
    lost: AtomicU64,
}

/// Wakes the loop of `poll` that sleeps by `sleep`, which polls with the list that it is given.
pub(crate) fn run(
    setup: &Setup,
    poll: &mut Poll,
    mut sleep: impl FnMut(&mut Poll, &mut Events, &mut Dice) -> io::Result<()>,
) -> io::Result<String> {
    let registry = poll.registry().try_clone()?;
    let sides = (0..THREADS).map(|token| {
        let (woken, seen, lost) = Default::default();
        Ok(Side { waker: Waker::new(&registry, Token(token))?, token: token.into(), woken, seen, lost })
    });
    let sides: Vec<Side> = sides.collect::<io::Result<_>>()?;
    let (over, left) = (Waker::new(&registry, OVER)?, AtomicUsize::new(THREADS));
    let (mut dice, mut polls) = (Dice::new(THREADS), 0_u64);
    let mut events = Events::with_capacity(1);
    thread::scope(|scope| -> io::Result<()> {
        let waking = |number| {
            let (sides, registry, over, left) = (&sides, &registry, &over, &left);
            scope.spawn(move || {
                let result = wake(setup, &sides[number], registry, number);
                left.fetch_sub(1, Ordering::AcqRel);
                over.wake().and(result)
            })
        };
        let threads: Vec<_> = (0..THREADS).map(waking).collect();
        while left.load(Ordering::Acquire) > 0 {
            if polls % POLLS == 0 {
                events = Events::with_capacity(1 + dice.below(64));
            }
            sleep(poll, &mut events, &mut dice)?;
            polls += 1;
            heed(&sides, &events);
        }
        join(threads)
    })?;
    let wakes = sides.iter().map(|side| side.woken.load(Ordering::Acquire)).sum::<u64>();
    let lost = sides.iter().map(|side| side.lost.load(Ordering::Acquire)).sum::<u64>();
    Ok(format!("wakes={wakes} polls={polls} lost={lost}"))
}

/// Each wake from before this event is answered by it.
fn heed(sides: &[Side], events: &Events) {
    for token in events.iter().map(|event| event.token()).filter(|token| *token != OVER) {
        let side = &sides[token.0 % THREADS];
        // A late event of another waker would answer for one that was lost.
        if side.token.load(Ordering::Acquire) == token.0 {
            side.seen.store(side.woken.load(Ordering::Acquire), Ordering::Release);
        }
    }
}

/// Wakes once or many times, by a waker that is kept, cloned or new, and waits for the
/// answer.
fn wake(setup: &Setup, side: &Side, registry: &Registry, number: usize) -> io::Result<()> {
    let (mut dice, mut round) = (Dice::new(number), 0);
    while !setup.is_over() {
        round += 1;
        let is_new = dice.below(2) == 0;
        let token = if is_new { number + THREADS * round } else { number };
        side.token.store(token, Ordering::Release);
        let waker = if is_new { Waker::new(registry, Token(token))? } else { side.waker.clone() };
        let wakes = if dice.below(2) == 0 { 1 } else { dice.below(100) + 1 };
        for _ in 0..wakes {
            side.woken.fetch_add(1, Ordering::AcqRel);
            waker.wake()?;
        }
        // The last wake of one that is gone is delivered all the same.
        drop(waker);
        side.lost.fetch_add(u64::from(!is_answered(side)), Ordering::AcqRel);
    }
    Ok(())
}

fn is_answered(side: &Side) -> bool {
    let woken = side.woken.load(Ordering::Acquire);
    let (begin, mut turns) = (Instant::now(), 0);
    while side.seen.load(Ordering::Acquire) < woken {
        turns += 1;
        if turns < 100 {
            thread::yield_now();
        } else if begin.elapsed() < PATIENCE {
            thread::sleep(Duration::from_micros(50));
        } else {
            return false;
        }
    }
    true
}
