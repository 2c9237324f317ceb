//! Timers: how many ticks came of those that were due, and whether one was early.

use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

use ferrio_poll::time::Timer;
use ferrio_poll::{Backend, Events, Interest, Poll, Token};

/// The intervals of the timers that tick.
const INTERVALS: [Duration; 3] =
    [Duration::from_millis(1), Duration::from_millis(3), Duration::from_millis(7)];
/// How far ahead the timer is set that is due once, again and again.
const AHEAD: Duration = Duration::from_millis(2);
/// Its token; the others have their places.
const ONCE: Token = Token(INTERVALS.len());
/// How long they tick.
const RUN: Duration = Duration::from_millis(600);
/// How late a timer may be in a loop that does not lag: much more than Ferrio promises.
const MARGIN: Duration = Duration::from_millis(1);
/// How many timeouts there are after that, and how long each is.
const TIMEOUTS: (u32, Duration) = (50, Duration::from_millis(3));
/// When a wait for a timer that is set has failed.
const PATIENCE: Duration = Duration::from_secs(10);

/// A loop with its timers.
struct Loop {
    poll: Poll,
    events: Events,
    start: Instant,
    /// Those that tick, each with how often it did.
    beats: Vec<(Timer, u64)>,
    once: Timer,
    /// When that is due next.
    deadline: Instant,
    account: Account,
}

/// What happened.
#[derive(Debug, Default)]
struct Account {
    /// Turns of the loop.
    turns: u64,
    /// Polls that said that they were interrupted.
    interrupted: u64,
    /// Ticks that were due, and those that came.
    due: u64,
    ticks: u64,
    /// Timers that were due once and came.
    singles: u64,
    /// Ticks and timers that came before their time.
    early: u64,
    /// Events of a timer that had not ticked.
    empty: u64,
    /// Timers of which something is missing at the end.
    missing: u64,
    /// Waits that ended before their timeout, without an event.
    short: u64,
}

/// Does the job and says what happened.
pub(crate) fn run() -> io::Result<()> {
    let mut this = Loop::new()?;
    while this.start.elapsed() < RUN {
        this.turn()?;
    }
    this.settle()?;
    this.time_out()?;
    let Account { turns, interrupted, due, ticks, singles, early, empty, missing, short } = this.account;
    println!(
        "final: turns={turns} interrupted={interrupted} due={due} ticks={ticks} singles={singles} \
         early={early} empty={empty} missing={missing} short={short}"
    );
    Ok(())
}

impl Loop {
    fn new() -> io::Result<Self> {
        let poll = Poll::builder().backend(Backend::from_env()?).build()?;
        let start = Instant::now();
        let mut beats = Vec::new();
        for (place, interval) in INTERVALS.into_iter().enumerate() {
            let mut timer = Timer::new();
            poll.registry().register(&mut timer, Token(place), Interest::READABLE)?;
            timer.set_every_from(start + interval, interval)?;
            beats.push((timer, 0));
        }
        let (mut once, deadline) = (Timer::new(), start + AHEAD);
        poll.registry().register(&mut once, ONCE, Interest::READABLE)?;
        once.set_at(deadline)?;
        let events = Events::with_capacity(16);
        Ok(Self { poll, events, start, beats, once, deadline, account: Account::default() })
    }

    /// Waits and looks at what came. Every other turn is told of interruptions; the rest
    /// goes on by itself.
    fn turn(&mut self) -> io::Result<()> {
        self.account.turns += 1;
        if self.account.turns % 2 == 0 {
            let begin = Instant::now();
            let count = self.poll.wait(&mut self.events, Some(PATIENCE))?;
            self.account.short += u64::from(count == 0 && begin.elapsed() < PATIENCE);
            if count == 0 {
                return Err(io::Error::other("no timer came"));
            }
        } else if !self.look(None)? {
            return Ok(());
        }
        self.take()
    }

    /// Polls; false if it was interrupted.
    fn look(&mut self, timeout: Option<Duration>) -> io::Result<bool> {
        match self.poll.poll(&mut self.events, timeout) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {
                self.account.interrupted += 1;
                Ok(false)
            }
            result => result.map(|()| true),
        }
    }

    fn take(&mut self) -> io::Result<()> {
        let now = Instant::now();
        let account = &mut self.account;
        for event in &self.events {
            if event.token() == ONCE {
                account.early += u64::from(now < self.deadline);
                account.empty += u64::from(self.once.take() != 1);
                account.singles += 1;
                self.deadline = now + AHEAD;
                self.once.set_at(self.deadline)?;
                continue;
            }
            let place = event.token().0;
            let (timer, ticks) = &mut self.beats[place];
            let new = timer.take();
            *ticks += new;
            account.ticks += new;
            account.empty += u64::from(new == 0);
            account.early += u64::from(now < self.start + times(INTERVALS[place], *ticks));
        }
        Ok(())
    }

    /// Stops the timers, after all that was due by now has come.
    fn settle(&mut self) -> io::Result<()> {
        let now = Instant::now();
        while !self.look(Some(Duration::ZERO))? {
            if now.elapsed() > PATIENCE {
                return Err(io::Error::other("every poll is interrupted"));
            }
        }
        self.take()?;
        let by = now - MARGIN;
        for ((timer, ticks), interval) in self.beats.iter().zip(INTERVALS) {
            let due = ((by - self.start).as_nanos() / interval.as_nanos()) as u64;
            self.account.due += due;
            self.account.missing += due.saturating_sub(*ticks);
            timer.cancel();
        }
        self.account.missing += u64::from(self.deadline <= by);
        self.once.cancel();
        Ok(())
    }

    /// Waits in vain: no wait may end before its time.
    fn time_out(&mut self) -> io::Result<()> {
        let (count, timeout) = TIMEOUTS;
        for _ in 0..count {
            let begin = Instant::now();
            let events = self.poll.wait(&mut self.events, Some(timeout))?;
            self.account.short += u64::from(begin.elapsed() < timeout);
            self.account.empty += events as u64;
        }
        Ok(())
    }
}

/// `interval`, `count` times.
fn times(interval: Duration, count: u64) -> Duration {
    interval.saturating_mul(u32::try_from(count).unwrap_or(u32::MAX))
}
