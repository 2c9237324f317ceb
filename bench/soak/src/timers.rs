//! Timers are set, set again and cancelled by several threads. None is early, none is lost,
//! and one that is cancelled is not reported.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use ferrio_poll::time::Timer;
use ferrio_poll::{Events, Interest, Poll, Token, Waker};

use crate::dice::Dice;
use crate::setup::{MODES, PATIENCE, Setup, join};

/// How many timers there are, and how many threads set them.
const TIMERS: usize = 24;
const THREADS: usize = 3;
/// The token of the wake that ends the loop.
const OVER: Token = Token(TIMERS);
/// A timer is due within so many microseconds.
const SOON: usize = 3000;

/// A timer, and what is to come of it.
struct Slot {
    timer: Timer,
    /// When it was set, and for when, if it is set and has not come.
    plan: Option<(Instant, Instant)>,
    /// How many polls had begun when it was cancelled, if it is.
    cancelled: Option<u64>,
    /// What happened to it.
    tally: Tally,
}

/// How often a timer came or was cancelled, came early, and came although it was cancelled.
#[derive(Debug, Default)]
struct Tally {
    fired: u64,
    cancelled: u64,
    early: u64,
    stale: u64,
}

/// What all threads share.
struct Shared {
    slots: Vec<Mutex<Slot>>,
    /// How many polls have begun.
    polls: AtomicU64,
    is_over: AtomicBool,
}

pub(crate) fn run(setup: &Setup) -> io::Result<String> {
    let mut poll = setup.poll()?;
    let slots = (0..TIMERS).map(|place| {
        let mut timer = Timer::new();
        let mode = MODES[place % MODES.len()];
        poll.registry().register_with(&mut timer, Token(place), Interest::READABLE, mode)?;
        Ok(Mutex::new(Slot { timer, plan: None, cancelled: None, tally: Tally::default() }))
    });
    let slots = slots.collect::<io::Result<_>>()?;
    let shared = Shared { slots, polls: AtomicU64::new(0), is_over: AtomicBool::new(false) };
    let over = Waker::new(poll.registry(), OVER)?;
    let lost = thread::scope(|scope| -> io::Result<u64> {
        let poller = scope.spawn(|| shared.watch(&mut poll));
        let setting = |number| {
            let shared = &shared;
            scope.spawn(move || shared.set(setup, number))
        };
        let result = join((0..THREADS).map(setting).collect());
        let lost = shared.lost();
        shared.is_over.store(true, Ordering::Release);
        over.wake()?;
        poller.join().expect("it does not panic").and(result).map(|()| lost)
    })?;
    let sum = |part: fn(&Tally) -> u64| (0..TIMERS).map(|place| part(&shared.slot(place).tally)).sum::<u64>();
    let (fired, cancelled) = (sum(|tally| tally.fired), sum(|tally| tally.cancelled));
    let (early, stale) = (sum(|tally| tally.early), sum(|tally| tally.stale));
    Ok(format!("fired={fired} cancelled={cancelled} early={early} lost={lost} stale={stale}"))
}

impl Shared {
    /// Sets any of the timers that is not overdue, or cancels it.
    fn set(&self, setup: &Setup, number: usize) -> io::Result<()> {
        let mut dice = Dice::new(number);
        while !setup.is_over() {
            let mut slot = self.slot(dice.below(TIMERS));
            let now = Instant::now();
            if slot.plan.is_some_and(|(_, deadline)| deadline <= now) {
                // To set it again now would hide that it is lost.
            } else if dice.below(4) == 0 {
                slot.timer.cancel();
                slot.plan = None;
                slot.cancelled = Some(self.polls.fetch_add(0, Ordering::AcqRel));
                slot.tally.cancelled += 1;
            } else {
                let after = dice.microseconds(SOON);
                slot.plan = Some((now, now + after));
                slot.cancelled = None;
                if dice.below(2) == 0 { slot.timer.set(after)? } else { slot.timer.set_at(now + after)? }
            }
            drop(slot);
            if dice.below(8) == 0 {
                thread::sleep(dice.microseconds(500));
            }
        }
        Ok(())
    }

    /// Polls, and checks each timer that is reported.
    fn watch(&self, poll: &mut Poll) -> io::Result<()> {
        let mut events = Events::with_capacity(5);
        while !self.is_over.load(Ordering::Acquire) {
            let number = self.polls.fetch_add(1, Ordering::AcqRel) + 1;
            poll.wait(&mut events, None)?;
            let now = Instant::now();
            for token in events.iter().map(|event| event.token()).filter(|token| *token != OVER) {
                let slot = &mut *self.slot(token.0);
                slot.check(now, number);
                let mode = MODES[token.0 % MODES.len()];
                poll.registry().reregister_with(&mut slot.timer, token, Interest::READABLE, mode)?;
            }
        }
        Ok(())
    }

    /// How many timers do not come that should.
    fn lost(&self) -> u64 {
        let begin = Instant::now();
        loop {
            let left = (0..TIMERS).filter(|place| self.slot(*place).plan.is_some()).count();
            if left == 0 || begin.elapsed() > PATIENCE {
                return left as u64;
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn slot(&self, place: usize) -> MutexGuard<'_, Slot> {
        self.slots[place].lock().expect("no thread panics")
    }
}

impl Slot {
    /// Enters an event that poll `number` had, which ended at `now`. It is of an earlier plan
    /// if the timer has not come.
    fn check(&mut self, now: Instant, number: u64) {
        let has_come = self.timer.take() > 0;
        let is_stale = self.cancelled.is_some_and(|begun| has_come || number > begun);
        self.tally.stale += u64::from(is_stale);
        if let Some((set, deadline)) = self.plan.take_if(|_| has_come) {
            self.tally.fired += 1;
            // One that was due already when it was set may have been set after the poll.
            self.tally.early += u64::from(now.max(set) < deadline);
        }
    }
}
