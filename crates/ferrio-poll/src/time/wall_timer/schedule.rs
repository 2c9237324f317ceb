//! What a timer is set for, and what becomes of that when the clock is set.

use std::io;
use std::time::{Duration, SystemTime};

use crate::error;

/// What a timer is set for. Times are nanoseconds since 1970.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Schedule {
    /// Nothing, or a time that was taken already.
    Off,
    /// One time.
    Once { at: u64 },
    /// `offset`, and every `interval` after it.
    Every {
        offset: u64,
        interval: u64,
        /// The first of these times that was not taken yet.
        next: u64,
    },
}

impl Schedule {
    pub(super) fn once(time: SystemTime) -> io::Result<Schedule> {
        let since_1970 = time.duration_since(SystemTime::UNIX_EPOCH);
        let since_1970 = since_1970.map_err(|error| error::time_before_1970(error.duration()))?;
        Ok(Schedule::Once { at: nanoseconds(since_1970)? })
    }

    pub(super) fn every(offset: Duration, interval: Duration, now: SystemTime) -> io::Result<Schedule> {
        if interval.is_zero() {
            return Err(error::schedule_without_interval(interval));
        }
        let (offset, interval) = (nanoseconds(offset)?, nanoseconds(interval)?);
        let next = first_after(since_1970(now), offset, interval);
        nanoseconds(Duration::from_nanos(next))?;
        Ok(Schedule::Every { offset, interval, next })
    }

    /// The next time, and the interval after it, which is zero if there is none.
    pub(super) fn next(&self) -> Option<(Duration, Duration)> {
        match *self {
            Schedule::Off => None,
            Schedule::Once { at } => Some((Duration::from_nanos(at), Duration::ZERO)),
            Schedule::Every { next, interval, .. } => {
                Some((Duration::from_nanos(next), Duration::from_nanos(interval)))
            }
        }
    }

    /// Its time came, as often as that, and was taken.
    pub(super) fn expired(&mut self, times: u64) {
        match self {
            Schedule::Off => {}
            Schedule::Once { .. } => *self = Schedule::Off,
            Schedule::Every { interval, next, .. } => {
                *next = next.saturating_add(interval.saturating_mul(times));
            }
        }
    }

    /// The clock was set to `now`.
    ///
    /// What it jumped over stays the next time, so that the kernel counts it. If it
    /// jumped back, some of the times before the next one are to come again.
    pub(super) fn clock_was_set(&mut self, now: SystemTime) {
        if let Schedule::Every { offset, interval, next } = self {
            *next = first_after(since_1970(now), *offset, *interval).min(*next);
        }
    }
}

/// The first of `offset`, `offset + interval`, … that is after `now`.
fn first_after(now: u64, offset: u64, interval: u64) -> u64 {
    match now.checked_sub(offset) {
        None => offset,
        // Each is below 2^63, so the sum fits.
        Some(past) => now - past % interval + interval,
    }
}

/// `duration`, if the kernel's clock reaches as far.
fn nanoseconds(duration: Duration) -> io::Result<u64> {
    let nanoseconds = u64::try_from(duration.as_nanos()).ok();
    let nanoseconds = nanoseconds.filter(|nanoseconds| *nanoseconds <= LAST);
    nanoseconds.ok_or_else(|| error::time_after_the_clock(duration))
}

/// A clock before 1970 is taken as one that stands there.
fn since_1970(now: SystemTime) -> u64 {
    let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).map_or(LAST, |nanoseconds| nanoseconds.min(LAST))
}

/// The last nanosecond of the kernel's clock.
const LAST: u64 = i64::MAX as u64;

#[cfg(all(test, not(ferrio_loom)))]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn every(offset: u64, interval: u64, now: u64) -> Schedule {
        Schedule::every(Duration::from_secs(offset), Duration::from_secs(interval), at(now)).unwrap()
    }

    fn next(schedule: &Schedule) -> u64 {
        schedule.next().unwrap().0.as_secs()
    }

    #[test]
    fn the_first_time_is_the_next_on_the_grid_and_not_before_the_offset() {
        assert_eq!(next(&every(3, 10, 0)), 3);
        assert_eq!(next(&every(3, 10, 3)), 13);
        assert_eq!(next(&every(3, 10, 12)), 13);
        assert_eq!(next(&every(3, 10, 1_000_000)), 1_000_003);
        assert_eq!(next(&every(500, 10, 7)), 500);
    }

    #[test]
    fn what_was_taken_moves_the_schedule_on() {
        let mut schedule = every(0, 10, 5);
        schedule.expired(3);
        assert_eq!(next(&schedule), 40);
        let mut once = Schedule::once(at(7)).unwrap();
        once.expired(1);
        assert_eq!(once, Schedule::Off);
        assert_eq!(once.next(), None);
    }

    #[test]
    fn a_clock_that_is_set_on_loses_no_time_it_jumped_over() {
        let mut schedule = every(0, 10, 5);
        schedule.clock_was_set(at(1000));
        assert_eq!(next(&schedule), 10);
        let mut once = Schedule::once(at(7)).unwrap();
        once.clock_was_set(at(1000));
        assert_eq!(next(&once), 7);
    }

    #[test]
    fn a_clock_that_is_set_back_goes_through_its_times_again() {
        let mut schedule = every(3, 10, 1000);
        schedule.clock_was_set(at(500));
        assert_eq!(next(&schedule), 503);
        schedule.clock_was_set(at(0));
        assert_eq!(next(&schedule), 3);
        // By less than an interval: nothing comes twice.
        let mut schedule = every(0, 10, 15);
        schedule.clock_was_set(at(11));
        assert_eq!(next(&schedule), 20);
    }

    #[test]
    fn the_ends_of_the_clock_are_kept_and_what_is_beyond_is_named() {
        let last = SystemTime::UNIX_EPOCH + Duration::from_nanos(LAST);
        assert!(matches!(Schedule::once(last).unwrap(), Schedule::Once { at } if LAST - at < 100));
        // Not less, for the clock of some systems has steps of 100 ns.
        let error = Schedule::once(last + Duration::from_nanos(100)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert!(error.to_string().contains("9223372036.8547759"), "{error}");
        // The offset and the interval are within the clock, and their sum is not.
        let half = Duration::from_nanos(LAST / 2 + 1);
        assert!(
            Schedule::every(half, half, SystemTime::UNIX_EPOCH + half + Duration::from_micros(1)).is_err()
        );
        assert!(Schedule::every(Duration::MAX, half, at(0)).is_err());
        assert!(Schedule::every(half, Duration::MAX, at(0)).is_err());
    }
}
