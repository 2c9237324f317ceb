//! Timers: how many ticks came of those that were due, and whether one was early.

use std::io;
use std::time::{Duration, Instant};

use ferrio_poll::time::Timer;
use ferrio_poll::{Interest, Token};

use crate::beat::{Beat, MARGIN};
use crate::turns::Turns;

/// The intervals of the timers that tick.
const INTERVALS: [Duration; 3] =
    [Duration::from_millis(1), Duration::from_millis(3), Duration::from_millis(7)];
/// How far ahead the timer is set that is due once, again and again.
const AHEAD: Duration = Duration::from_millis(2);
/// Its token; the others have their places.
const ONCE: Token = Token(INTERVALS.len());
/// How long they tick.
const RUN: Duration = Duration::from_millis(600);
/// How many timeouts there are after that, and how long each is.
const TIMEOUTS: (u32, Duration) = (50, Duration::from_millis(3));

/// A loop with its timers.
struct Loop {
    turns: Turns,
    /// Those that tick.
    beats: Vec<Beat>,
    once: Timer,
    /// When that is due next.
    deadline: Instant,
    account: Account,
}

/// What happened, but for what the beats know.
#[derive(Debug, Default)]
struct Account {
    /// Ticks that were due.
    due: u64,
    /// Timers that were due once and came.
    singles: u64,
    /// Those that came before their time.
    early: u64,
    /// Events of a timer that had not ticked.
    empty: u64,
    /// Ticks and timers that are missing at the end.
    missing: u64,
    /// Waits that ended before their timeout, without an event.
    short: u64,
}

/// Does the job and says what happened.
pub(crate) fn run() -> io::Result<()> {
    let mut this = Loop::new()?;
    let start = Instant::now();
    while start.elapsed() < RUN {
        this.turns.turn()?;
        this.take()?;
    }
    this.settle()?;
    this.time_out()?;
    let Account { due, singles, early, empty, missing, short } = this.account;
    let sum = |part: fn(&Beat) -> u64| this.beats.iter().map(part).sum::<u64>();
    let (ticks, early) = (sum(|beat| beat.ticks), early + sum(|beat| beat.early));
    let empty = empty + sum(|beat| beat.empty);
    let (turns, interrupted) = (this.turns.count, this.turns.interrupted);
    println!(
        "final: turns={turns} interrupted={interrupted} due={due} ticks={ticks} singles={singles} \
         early={early} empty={empty} missing={missing} short={short}"
    );
    Ok(())
}

impl Loop {
    fn new() -> io::Result<Self> {
        let turns = Turns::new()?;
        let registry = turns.poll.registry();
        let mut beats = Vec::new();
        for (place, interval) in INTERVALS.into_iter().enumerate() {
            beats.push(Beat::start(registry, Token(place), interval)?);
        }
        let (mut once, deadline) = (Timer::new(), Instant::now() + AHEAD);
        registry.register(&mut once, ONCE, Interest::READABLE)?;
        once.set_at(deadline)?;
        Ok(Self { turns, beats, once, deadline, account: Account::default() })
    }

    fn take(&mut self) -> io::Result<()> {
        let now = Instant::now();
        let account = &mut self.account;
        for event in &self.turns.events {
            if event.token() != ONCE {
                self.beats[event.token().0].take(now);
                continue;
            }
            account.early += u64::from(now < self.deadline);
            account.empty += u64::from(self.once.take() != 1);
            account.singles += 1;
            self.deadline = now + AHEAD;
            self.once.set_at(self.deadline)?;
        }
        Ok(())
    }

    /// Stops the timers, after all that was due by now has come.
    fn settle(&mut self) -> io::Result<()> {
        let now = Instant::now();
        self.turns.look()?;
        self.take()?;
        for beat in &mut self.beats {
            let due = beat.stop(now);
            self.account.due += due;
            self.account.missing += due.saturating_sub(beat.ticks);
        }
        self.account.missing += u64::from(self.deadline + MARGIN <= now);
        self.once.cancel();
        Ok(())
    }

    /// Waits in vain: no wait may end before its time.
    fn time_out(&mut self) -> io::Result<()> {
        let (count, timeout) = TIMEOUTS;
        for _ in 0..count {
            let begin = Instant::now();
            let events = self.turns.poll.wait(&mut self.turns.events, Some(timeout))?;
            self.account.short += u64::from(begin.elapsed() < timeout);
            self.account.empty += events as u64;
        }
        Ok(())
    }
}
