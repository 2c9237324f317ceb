//! Timers of the wall clock: whether each time comes once, though the clock seems to be
//! set again and again.

use std::io;
use std::time::{Duration, SystemTime};

use ferrio_poll::time::{Tick, WallTimer};
use ferrio_poll::{Interest, Token};

use crate::turns::Turns;

const TICKS: Token = Token(0);
const ALARM: Token = Token(1);

/// From one tick to the next.
const INTERVAL: Duration = Duration::from_millis(5);
/// How far ahead the alarm is set, again and again.
const AHEAD: Duration = Duration::from_millis(7);
/// How long they tick.
const RUN: Duration = Duration::from_millis(700);

/// What happened.
#[derive(Debug, Default)]
struct Account {
    /// Ticks that came.
    ticks: u64,
    /// Alarms that came.
    alarms: u64,
    /// Alarms that came before their time.
    early: u64,
    /// How often the clock was said to be set.
    cleared: u64,
}

/// Does the job and says what happened.
pub(crate) fn run() -> io::Result<()> {
    let mut turns = Turns::new()?;
    let (mut ticks, mut alarm) = (WallTimer::new()?, WallTimer::new()?);
    turns.poll.registry().register(&mut ticks, TICKS, Interest::READABLE)?;
    turns.poll.registry().register(&mut alarm, ALARM, Interest::READABLE)?;
    let mut account = Account::default();
    let mut deadline = SystemTime::now() + AHEAD;
    alarm.set(deadline)?;
    let start = number(SystemTime::now());
    ticks.set_every(Duration::ZERO, INTERVAL)?;
    let end = start + (RUN.as_nanos() / INTERVAL.as_nanos()) as u64;
    while number(SystemTime::now()) < end {
        turns.turn()?;
        for event in &turns.events {
            let timer = if event.token() == TICKS { &ticks } else { &alarm };
            match (event.token(), timer.take()?) {
                (TICKS, Some(Tick::Expired(times))) => account.ticks += times,
                (_, Some(Tick::Expired(times))) => {
                    account.alarms += times;
                    account.early += u64::from(SystemTime::now() < deadline);
                    deadline = SystemTime::now() + AHEAD;
                    alarm.set(deadline)?;
                }
                (_, Some(Tick::ClockSet)) => account.cleared += 1,
                _ => {}
            }
        }
    }
    // What is due by now has to be there, once the clock is no longer said to be set.
    for _ in 0..4 {
        match ticks.take()? {
            Some(Tick::Expired(times)) => account.ticks += times,
            Some(Tick::ClockSet) => account.cleared += 1,
            _ => {}
        }
    }
    let due = number(SystemTime::now()) - start;
    // The first and the last may fall between two looks at the clock.
    let missing = due.saturating_sub(account.ticks + 1);
    let extra = account.ticks.saturating_sub(due + 1);
    let Account { ticks, alarms, early, cleared } = account;
    println!(
        "final: due={due} ticks={ticks} alarms={alarms} cleared={cleared} early={early} missing={missing} \
         extra={extra}"
    );
    Ok(())
}

/// How many ticks the clock had at `time`.
fn number(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    (since.as_nanos() / INTERVAL.as_nanos()) as u64
}
