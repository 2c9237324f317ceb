//! The loops of timers: what a structure of deadlines costs with a million in it.
//!
//! Time is an argument here, and all deadlines are drawn from the same numbers, so
//! that each structure gets the same.

use std::io;
use std::time::{Duration, Instant};

use crate::allocations;
use crate::control::Meter;
use crate::options::Options;

/// How many timers are live.
const LIVE: usize = 1_000_000;
/// How many are inserted or cancelled in a row, beyond those: in a turn of a loop.
const BATCH: usize = 1000;
/// How far ahead deadlines are: the first and the last. So far that none comes while a
/// loop runs, for a structure that reads the clock itself.
const AHEAD: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(65));
/// How far time moves at once when timers expire.
const STEP: Duration = Duration::from_millis(1);

/// A structure of deadlines.
pub trait Timers {
    /// What a timer is cancelled by.
    type Timer;

    /// Sets a timer. Its value says how many ns after the first one it is due.
    fn insert(&mut self, deadline: Instant, value: u64) -> Self::Timer;

    /// Does what it does when a loop goes round, at a time when nothing is due.
    fn turn(&mut self) {}
}

/// One whose timers can be taken out before they are due.
pub trait Cancel: Timers {
    /// Takes a timer out; false if it was not there.
    fn cancel(&mut self, timer: Self::Timer) -> bool;
}

/// One whose time is an argument.
pub trait Expire: Timers {
    /// The value of the next timer that is due.
    fn expire(&mut self, now: Instant) -> Option<u64>;
}

/// Runs the loop that `options` name, if it is one that cancels; false if not.
pub fn run_cancel<T: Cancel>(
    options: &Options,
    new: impl FnOnce(Instant, usize) -> io::Result<T>,
) -> io::Result<bool> {
    let counts_inserts = match options.job.as_str() {
        "timer_insert" => true,
        "timer_cancel" => false,
        _ => return Ok(false),
    };
    let start = Instant::now();
    churn(new(start, LIVE + BATCH)?, start, counts_inserts, options.rounds)?;
    Ok(true)
}

/// Runs the loop that `options` name, if it is one that expires; false if not.
pub fn run_expire<T: Expire>(
    options: &Options,
    new: impl FnOnce(Instant, usize) -> io::Result<T>,
) -> io::Result<bool> {
    if options.job != "timer_expire" {
        return Ok(false);
    }
    let start = Instant::now();
    expire(new(start, LIVE)?, start, options.rounds)?;
    Ok(true)
}

/// Runs the loop that `options` name, if it is the one of memory; false if not.
pub fn run_memory<T: Timers>(
    options: &Options,
    new: impl FnOnce(Instant, usize) -> io::Result<T>,
) -> io::Result<bool> {
    if options.job != "timer_memory" {
        return Ok(false);
    }
    memory(new)?;
    Ok(true)
}

/// Inserts and cancels in turn, beside a million that stay or are replaced. One of the
/// two counts.
fn churn<T: Cancel>(mut timers: T, start: Instant, counts_inserts: bool, rounds: u64) -> io::Result<()> {
    let mut numbers = Numbers::new();
    let mut live = Vec::with_capacity(LIVE + BATCH);
    for value in numbers.offsets(LIVE) {
        live.push(timers.insert(at(start, value), value));
        if live.len().is_power_of_two() {
            timers.turn();
        }
    }
    let mut is_whole = true;
    let mut meter = Meter::paused()?;
    for _ in 0..rounds {
        let new = numbers.offsets(BATCH);
        if counts_inserts {
            meter.resume();
        }
        for value in new {
            live.push(timers.insert(at(start, value), value));
        }
        meter.pause();
        let doomed: Vec<_> = (0..BATCH).map(|_| live.swap_remove(numbers.below(live.len()))).collect();
        if !counts_inserts {
            meter.resume();
        }
        for timer in doomed {
            is_whole &= timers.cancel(timer);
        }
        meter.pause();
    }
    if !is_whole {
        return Err(io::Error::other("a live timer could not be cancelled"));
    }
    meter.stop(rounds * BATCH as u64)
}

/// Lets time pass until all have come, again and again.
fn expire<T: Expire>(mut timers: T, start: Instant, rounds: u64) -> io::Result<()> {
    let mut numbers = Numbers::new();
    let mut origin = start;
    let mut meter = Meter::paused()?;
    for _ in 0..rounds {
        let mut sum = 0_u64;
        for value in numbers.offsets(LIVE) {
            sum = sum.wrapping_add(value);
            timers.insert(at(origin, value), value);
        }
        let (mut count, mut seen, mut early) = (0, 0_u64, 0);
        let mut now = Duration::ZERO;
        meter.resume();
        // A step further, for one that rounds deadlines up.
        while now <= AHEAD.1 + STEP {
            while let Some(value) = timers.expire(origin + now) {
                count += 1;
                seen = seen.wrapping_add(value);
                early += u64::from(AHEAD.0 + Duration::from_nanos(value) > now);
            }
            now += STEP;
        }
        meter.pause();
        if (count, seen, early) != (LIVE, sum, 0) {
            let text =
                format!("{count} timers of {LIVE} came, {early} of them early, their sum {seen}, not {sum}");
            return Err(io::Error::other(text));
        }
        origin += now;
    }
    meter.stop(rounds * LIVE as u64)
}

/// Makes room for a million timers as they come, and weighs it.
fn memory<T: Timers>(new: impl FnOnce(Instant, usize) -> io::Result<T>) -> io::Result<()> {
    let offsets = Numbers::new().offsets(LIVE);
    let mut handles = Vec::with_capacity(LIVE);
    let start = Instant::now();
    let meter = Meter::start()?;
    allocations::weigh();
    let mut timers = new(start, 0)?;
    for value in offsets.iter().copied() {
        handles.push(timers.insert(at(start, value), value));
    }
    meter.stop(LIVE as u64)
}

fn at(start: Instant, value: u64) -> Instant {
    start + AHEAD.0 + Duration::from_nanos(value)
}

/// Numbers that look random and are the same in each run: splitmix64.
struct Numbers(u64);

impl Numbers {
    fn new() -> Self {
        Self(0)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// The values of `count` timers.
    fn offsets(&mut self, count: usize) -> Vec<u64> {
        let span = (AHEAD.1 - AHEAD.0).as_nanos() as u64;
        (0..count).map(|_| self.next() % span).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::io;
    use std::time::{Duration, Instant};

    use super::{AHEAD, Expire, LIVE, Numbers, Timers, expire};

    /// A structure that is right, or gives all timers out a little too early.
    struct Sorted {
        /// With a number in the key, for some deadlines are equal.
        timers: BTreeMap<(Instant, usize), u64>,
        haste: Duration,
    }

    impl Timers for Sorted {
        type Timer = ();

        fn insert(&mut self, deadline: Instant, value: u64) {
            self.timers.insert((deadline, self.timers.len()), value);
        }
    }

    impl Expire for Sorted {
        fn expire(&mut self, now: Instant) -> Option<u64> {
            let first = self.timers.first_entry()?;
            if first.key().0 > now + self.haste {
                return None;
            }
            Some(first.remove())
        }
    }

    fn run(haste: Duration) -> io::Result<()> {
        expire(Sorted { timers: BTreeMap::new(), haste }, Instant::now(), 1)
    }

    #[test]
    fn a_structure_that_is_early_is_found_out() {
        run(Duration::ZERO).expect("in time");
        let error = run(Duration::from_millis(2)).expect_err("2 ms early");
        assert!(error.to_string().contains(&format!("{LIVE} timers of {LIVE} came, {LIVE} of them early")));
    }

    #[test]
    fn numbers_are_the_same_in_each_run_and_no_deadline_is_out_of_reach() {
        let offsets = Numbers::new().offsets(1000);
        assert_eq!(offsets, Numbers::new().offsets(1000));
        let span = (AHEAD.1 - AHEAD.0).as_nanos() as u64;
        assert!(offsets.iter().all(|offset| *offset < span));
        assert!(offsets.iter().max() > Some(&(span / 10 * 9)));
    }
}
