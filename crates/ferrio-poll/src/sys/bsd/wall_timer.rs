//! Timers of the clocks that do not stand still in a suspend.
//!
//! A timer of the kernel counts a span of time. So the clock is looked at when that is over,
//! and at least every second: see [`Alarm`].

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant, SystemTime};

use super::alarm::Alarm;
use super::boot_clock;
use crate::error::kernel;
use crate::sync::{Mutex, lock};

/// Why a timer is readable.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Its time came, and every interval since makes one more.
    Expired(u64),
    /// The clock was set, and the timer is to be armed anew.
    ClockSet,
}

/// A timer of the wall clock: readable at its time, and soon after the clock was set.
#[derive(Debug)]
pub(crate) struct Timer {
    alarm: Alarm,
    state: Mutex<State>,
}

/// Both clocks at one time.
#[derive(Copy, Clone, Debug)]
struct Clocks {
    wall: Duration,
    steady: Instant,
}

#[derive(Debug)]
struct State {
    plan: Option<Plan>,
    /// When the clock was looked at last.
    seen: Clocks,
}

/// When a timer is due, on its clock.
#[derive(Copy, Clone, Debug)]
struct Plan {
    next: Duration,
    /// Zero for one time only.
    interval: Duration,
}

impl Timer {
    pub(crate) fn new() -> io::Result<Timer> {
        Ok(Timer { alarm: Alarm::new()?, state: Mutex::new(State { plan: None, seen: Clocks::now() }) })
    }

    /// Lets the timer expire at `first`, a time since 1970, and every `interval` after that
    /// unless it is zero. False if the clock was set since the timer was last armed or read:
    /// the timer is armed, but `first` may have been chosen by the old time.
    pub(crate) fn arm(&self, first: Duration, interval: Duration) -> io::Result<bool> {
        let mut state = lock(&self.state);
        let now = Clocks::now();
        let was_set = state.plan.is_some() && now.was_set_since(state.seen);
        self.alarm.set(first.saturating_sub(now.wall))?;
        *state = State { plan: Some(Plan { next: first, interval }), seen: now };
        Ok(!was_set)
    }

    /// Stops the timer and forgets what has expired.
    pub(crate) fn disarm(&self) -> io::Result<()> {
        let mut state = lock(&self.state);
        self.alarm.clear()?;
        state.plan = None;
        Ok(())
    }

    /// Why the timer is readable. It would block if it is not, or has only looked at the clock.
    pub(crate) fn read(&self) -> io::Result<Reading> {
        let mut state = lock(&self.state);
        let Some(plan) = &mut state.plan else { return Err(io::ErrorKind::WouldBlock.into()) };
        let mut plan = *plan;
        let now = Clocks::now();
        if now.was_set_since(state.seen) {
            self.alarm.clear()?;
            state.seen = now;
            return Ok(Reading::ClockSet);
        }
        let times = plan.take(now.wall);
        state.plan = proceed(&self.alarm, plan, times, now.wall)?;
        state.seen = now;
        if times == 0 { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(Reading::Expired(times)) }
    }
}

impl AsFd for Timer {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.alarm.as_fd()
    }
}

/// A timer of the time since the boot, suspends included; as [`Timer`] otherwise.
#[derive(Debug)]
pub(crate) struct BootTimer {
    alarm: Alarm,
    plan: Mutex<Option<Plan>>,
}

impl BootTimer {
    pub(crate) fn new() -> io::Result<BootTimer> {
        if boot_clock::now().is_none() {
            return Err(kernel::no_boot_clock());
        }
        Ok(BootTimer { alarm: Alarm::new()?, plan: Mutex::new(None) })
    }

    /// Lets the timer expire after `first`, and every `interval` after that unless it is zero.
    pub(crate) fn arm(&self, first: Duration, interval: Duration) -> io::Result<()> {
        let mut plan = lock(&self.plan);
        self.alarm.set(first)?;
        *plan = Some(Plan { next: boot_time().saturating_add(first), interval });
        Ok(())
    }

    /// Stops the timer and forgets what has expired.
    pub(crate) fn disarm(&self) -> io::Result<()> {
        let mut plan = lock(&self.plan);
        self.alarm.clear()?;
        *plan = None;
        Ok(())
    }

    /// How often the timer has expired since the last time. It would block if it has not.
    pub(crate) fn read(&self) -> io::Result<u64> {
        let mut plan = lock(&self.plan);
        let Some(mut due) = *plan else { return Err(io::ErrorKind::WouldBlock.into()) };
        let now = boot_time();
        let times = due.take(now);
        *plan = proceed(&self.alarm, due, times, now)?;
        if times == 0 { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(times) }
    }
}

impl AsFd for BootTimer {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.alarm.as_fd()
    }
}

impl Clocks {
    fn now() -> Clocks {
        let wall = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Clocks { wall, steady: Instant::now() }
    }

    /// True if somebody set the wall clock after `before`, or the machine slept where the steady
    /// clock stands still meanwhile.
    fn was_set_since(self, before: Clocks) -> bool {
        let expected = before.wall.saturating_add(self.steady.saturating_duration_since(before.steady));
        self.wall.abs_diff(expected) > TOLERANCE
    }
}

impl Plan {
    /// How often its time has come by `now`; these times are over.
    fn take(&mut self, now: Duration) -> u64 {
        let Some(late) = now.checked_sub(self.next) else { return 0 };
        if self.interval.is_zero() {
            return 1;
        }
        let times = late.as_nanos() / self.interval.as_nanos() + 1;
        let times = u64::try_from(times).unwrap_or(u64::MAX);
        self.next = self.next.saturating_add(span(self.interval, times));
        times
    }
}

/// Sets `alarm` for what is left of `plan`, of which `times` were taken.
fn proceed(alarm: &Alarm, plan: Plan, times: u64, now: Duration) -> io::Result<Option<Plan>> {
    if times > 0 && plan.interval.is_zero() {
        alarm.clear()?;
        return Ok(None);
    }
    alarm.set(plan.next.saturating_sub(now))?;
    Ok(Some(plan))
}

/// `times` intervals.
fn span(interval: Duration, times: u64) -> Duration {
    let nanos = interval.as_nanos().saturating_mul(u128::from(times));
    u64::try_from(nanos).map_or(Duration::MAX, Duration::from_nanos)
}

/// The time since the boot.
fn boot_time() -> Duration {
    boot_clock::now().unwrap_or_default()
}

/// A clock that is only slewed, by NTP, moves by less within the second between two looks.
const TOLERANCE: Duration = Duration::from_millis(500);

#[cfg(all(test, not(ferrio_loom)))]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_plan_counts_each_of_its_times_once() {
        let mut plan = Plan { next: 10 * SECOND, interval: 3 * SECOND };
        assert_eq!(plan.take(9 * SECOND), 0);
        assert_eq!(plan.take(10 * SECOND), 1);
        assert_eq!(plan.take(12 * SECOND), 0);
        assert_eq!(plan.take(19 * SECOND), 3);
        assert_eq!(plan.next, 22 * SECOND);
    }

    #[test]
    fn a_clock_that_goes_on_was_not_set_and_one_that_jumped_was() {
        let before = Clocks::now();
        let later = |wall: Duration| Clocks { wall, steady: before.steady + 2 * SECOND };
        assert!(!later(before.wall + 2 * SECOND).was_set_since(before));
        assert!(!later(before.wall + Duration::from_millis(1900)).was_set_since(before));
        assert!(later(before.wall + 4 * SECOND).was_set_since(before));
        assert!(later(before.wall - SECOND).was_set_since(before));
    }
}
