//! Threads disturb waits that have a timeout: by nudges, by wakes whose signal may come
//! after their event, by sources that report only once, by timers that are cancelled. No
//! wait may end empty before its time.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ferrio_poll::time::Timer;
use ferrio_poll::user::{self, UserSource};
use ferrio_poll::{Events, Interest, Mode, Poll, Token, Waker};

use crate::dice::Dice;
use crate::setup::{Setup, join};

const ONCE: Token = Token(0);
const TIMER: Token = Token(1);
const WAKE: Token = Token(2);
/// The most microseconds of a timeout, and of a pause between disturbances.
const TIMEOUT: usize = 3000;
const PAUSE: usize = 400;
/// After how many waits the source that reports once may do so again.
const WAITS: u64 = 64;

pub(crate) fn run(setup: &Setup) -> io::Result<String> {
    let mut poll = setup.poll()?;
    let registry = poll.registry().try_clone()?;
    let (mut once, trigger) = user::source();
    registry.register_with(&mut once, ONCE, Interest::READABLE, Mode::Oneshot)?;
    let mut timer = Timer::new();
    registry.register(&mut timer, TIMER, Interest::READABLE)?;
    let (nudge, waker) = (poll.nudge()?, Waker::new(&registry, WAKE)?);
    let (is_over, nudges) = (AtomicBool::new(false), AtomicU64::new(0));
    let [waits, empty, early] = thread::scope(|scope| {
        let disturbing = |seed, act: &(dyn Fn(&mut Dice) -> io::Result<()> + Sync)| {
            disturb(&is_over, &mut Dice::new(seed), act)
        };
        let nudging = |_: &mut Dice| {
            nudges.fetch_add(1, Ordering::Relaxed);
            nudge.nudge()
        };
        let firing = |_: &mut Dice| trigger.fire();
        let setting = |dice: &mut Dice| {
            timer.set(Duration::from_micros(200) + dice.microseconds(PAUSE))?;
            timer.cancel();
            // Rarely: a wait with events has nothing to say here.
            if dice.below(32) == 0 { waker.wake() } else { Ok(()) }
        };
        let threads = [
            scope.spawn(move || disturbing(0, &nudging)),
            scope.spawn(move || disturbing(1, &firing)),
            scope.spawn(move || disturbing(2, &setting)),
        ];
        let result = waits(setup, &mut poll, &mut once);
        // Whatever happened, the others end too.
        is_over.store(true, Ordering::Release);
        join(threads.into()).and(result)
    })?;
    let nudges = nudges.into_inner();
    Ok(format!("waits={waits} empty={empty} nudges={nudges} early={early}"))
}

/// Waits with timeouts of different lengths. Gives the number of waits, of those without an
/// event, and of those of them that ended before their time.
fn waits(setup: &Setup, poll: &mut Poll, once: &mut UserSource) -> io::Result<[u64; 3]> {
    let (mut dice, mut events) = (Dice::new(3), Events::with_capacity(8));
    let (mut waits, mut empty, mut early) = (0, 0, 0);
    while !setup.is_over() {
        let timeout = dice.microseconds(TIMEOUT);
        let begin = Instant::now();
        poll.wait(&mut events, Some(timeout))?;
        let took = begin.elapsed();
        waits += 1;
        empty += u64::from(events.is_empty());
        early += u64::from(events.is_empty() && took < timeout);
        if waits % WAITS == 0 {
            once.take();
            poll.registry().reregister_with(once, ONCE, Interest::READABLE, Mode::Oneshot)?;
        }
    }
    Ok([waits, empty, early])
}

/// Does something again and again, with pauses of which some are none.
fn disturb(
    is_over: &AtomicBool,
    dice: &mut Dice,
    act: &dyn Fn(&mut Dice) -> io::Result<()>,
) -> io::Result<()> {
    while !is_over.load(Ordering::Acquire) {
        act(dice)?;
        match dice.below(4) {
            0 => {}
            1 => thread::yield_now(),
            _ => thread::sleep(dice.microseconds(PAUSE)),
        }
    }
    Ok(())
}
