//! Timers of the clocks that do not stand still in a suspend, by waitable timers.
//!
//! A timer is set for one time; `read` counts the times of an interval that have passed, and
//! sets it for the next one. The periods that Windows itself knows are of milliseconds.

mod resume;
mod waitable_timer;

use std::io;
use std::os::windows::io::{AsHandle, BorrowedHandle};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::sync::{Mutex, lock};
use crate::sys::windows::handle::{AsSource, Handle};
use crate::sys::windows::waitable::try_wait;
use crate::sys::windows::wall_timer::resume::Resumed;
use crate::sys::windows::wall_timer::waitable_timer::{WaitableTimer, time_since_boot};

/// Why a timer is signalled.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Its time came, and every interval since makes one more.
    Expired(u64),
    /// The clock was set. Windows moves a timer with the clock, and tells only windows of it.
    #[allow(dead_code, reason = "no timer of Windows is signalled by that")]
    ClockSet,
}

/// A timer of the wall clock, signalled at its time.
#[derive(Debug)]
pub(crate) struct Timer {
    timer: WaitableTimer,
    /// Held while the timer is set, so that both agree.
    plan: Mutex<Plan>,
}

impl Timer {
    pub(crate) fn new() -> io::Result<Timer> {
        Ok(Timer { timer: WaitableTimer::new()?, plan: Mutex::new(Plan::OFF) })
    }

    /// Lets the timer expire at `first`, a time since 1970, and every `interval` after that
    /// unless it is zero. It is always true that the clock was not seen to be set.
    pub(crate) fn arm(&self, first: Duration, interval: Duration) -> io::Result<bool> {
        let mut plan = lock(&self.plan);
        self.timer.set_at(first)?;
        *plan = Plan { next: first, interval };
        Ok(true)
    }

    /// Stops the timer and forgets what has expired.
    pub(crate) fn disarm(&self) -> io::Result<()> {
        let _plan = lock(&self.plan);
        self.timer.stop()
    }

    /// Why the timer is signalled. It would block if it is not.
    pub(crate) fn read(&self) -> io::Result<Reading> {
        let mut plan = lock(&self.plan);
        try_wait(&self.timer)?;
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let count = plan.pass(now);
        if plan.is_repeated() {
            self.timer.set_at(plan.next)?
        } else {
            self.timer.stop()?
        }
        Ok(Reading::Expired(count))
    }
}

impl AsHandle for Timer {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.timer.as_handle()
    }
}

impl AsSource for Timer {
    fn as_source(&self) -> Handle<'_> {
        Handle::Object(self.as_handle())
    }
}

/// A timer of the time since the boot, suspends included; as [`Timer`] otherwise.
#[derive(Debug)]
pub(crate) struct BootTimer(Arc<BootClock>);

/// What is set again when the machine wakes up: a span of Windows stands still in a suspend, and
/// the time since the boot does not.
#[derive(Debug)]
struct BootClock {
    timer: WaitableTimer,
    /// `None` while the timer is off. Held while the timer is set, so that both agree.
    plan: Mutex<Option<Plan>>,
}

impl BootTimer {
    pub(crate) fn new() -> io::Result<BootTimer> {
        let clock = Arc::new(BootClock { timer: WaitableTimer::new()?, plan: Mutex::new(None) });
        let resumed: Arc<dyn Resumed> = clock.clone();
        resume::tell(&resumed)?;
        Ok(BootTimer(clock))
    }

    /// Lets the timer expire after `first`, and every `interval` after that unless it is zero.
    pub(crate) fn arm(&self, first: Duration, interval: Duration) -> io::Result<()> {
        let mut plan = lock(&self.0.plan);
        // The clock may be behind by a tick, and no timer is early.
        let next = time_since_boot() + LONGEST_TICK + first.min(LONGEST);
        self.0.timer.set_at_time_since_boot(next)?;
        *plan = Some(Plan { next, interval: interval.min(LONGEST) });
        Ok(())
    }

    /// Stops the timer and forgets what has expired.
    pub(crate) fn disarm(&self) -> io::Result<()> {
        let mut plan = lock(&self.0.plan);
        self.0.timer.stop()?;
        *plan = None;
        Ok(())
    }

    /// How often the timer has expired since the last time. It would block if it has not.
    pub(crate) fn read(&self) -> io::Result<u64> {
        let mut place = lock(&self.0.plan);
        let Some(plan) = &mut *place else {
            return Err(io::ErrorKind::WouldBlock.into());
        };
        try_wait(&self.0.timer)?;
        let count = plan.pass(time_since_boot());
        if plan.is_repeated() {
            self.0.timer.set_at_time_since_boot(plan.next)?;
        } else {
            self.0.timer.stop()?;
            *place = None;
        }
        Ok(count)
    }
}

impl Resumed for BootClock {
    fn resumed(&self) {
        if let Some(plan) = &*lock(&self.plan) {
            // It was set before by the same call, with another number. Nobody is there to be told
            // of an error, after which it expires late by the time of the suspend.
            let _ = self.timer.set_at_time_since_boot(plan.next);
        }
    }
}

impl AsHandle for BootTimer {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.0.timer.as_handle()
    }
}

impl AsSource for BootTimer {
    fn as_source(&self) -> Handle<'_> {
        Handle::Object(self.as_handle())
    }
}

/// When a timer expires, by its clock.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
struct Plan {
    /// What it is set for.
    next: Duration,
    /// What comes between two times; zero if there is one only.
    interval: Duration,
}

impl Plan {
    /// That of a timer which is not set.
    const OFF: Plan = Plan { next: Duration::ZERO, interval: Duration::ZERO };

    fn is_repeated(&self) -> bool {
        !self.interval.is_zero()
    }

    /// Goes on to the first time after `now`; how many times that passes. The timer has expired,
    /// so it is one at least, also if the clock was set back since.
    fn pass(&mut self, now: Duration) -> u64 {
        if !self.is_repeated() {
            return 1;
        }
        let late = now.saturating_sub(self.next);
        let more = u64::try_from(late.as_nanos() / self.interval.as_nanos()).unwrap_or(u64::MAX - 1);
        let passed = self.interval.as_nanos().saturating_mul(u128::from(more) + 1);
        let passed = u64::try_from(passed).map_or(LONGEST, Duration::from_nanos);
        self.next = self.next.saturating_add(passed);
        more + 1
    }
}

/// Between two ticks of the clock there are 15.625 ms at most, and a part of one ms is cut off.
const LONGEST_TICK: Duration = Duration::from_millis(17);

/// The longest span that is counted, of 292 years.
const LONGEST: Duration = Duration::from_nanos(i64::MAX as u64);

#[cfg(all(test, not(ferrio_loom)))]
mod tests {
    use super::*;

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn what_has_passed_is_counted_and_the_next_time_is_after_it() {
        let mut plan = Plan { next: seconds(10), interval: seconds(3) };
        assert_eq!(plan.pass(seconds(10)), 1);
        assert_eq!(plan.next, seconds(13));
        assert_eq!(plan.pass(seconds(19)), 3);
        assert_eq!(plan.next, seconds(22));
        // Set back.
        assert_eq!(plan.pass(seconds(5)), 1);
        assert_eq!(plan.next, seconds(25));
        let mut once = Plan { next: seconds(10), interval: Duration::ZERO };
        assert_eq!(once.pass(seconds(1000)), 1);
    }

    #[test]
    fn the_longest_and_the_shortest_intervals_do_not_overflow() {
        let mut plan = Plan { next: LONGEST, interval: LONGEST };
        assert_eq!(plan.pass(LONGEST), 1);
        let mut plan = Plan { next: Duration::ZERO, interval: Duration::from_nanos(1) };
        assert_eq!(plan.pass(LONGEST), LONGEST.as_nanos() as u64 + 1);
    }

    #[test]
    fn a_boot_timer_that_is_told_of_a_resume_keeps_its_time() {
        let timer = BootTimer::new().unwrap();
        timer.arm(seconds(1000), Duration::ZERO).unwrap();
        // As if the machine had slept for most of the span.
        lock(&timer.0.plan).as_mut().unwrap().next = time_since_boot() + Duration::from_millis(20);
        resume::tell_all();
        let begin = std::time::Instant::now();
        while timer.read().is_err() {
            assert!(begin.elapsed() < seconds(30), "it expires by the span of before");
            std::thread::sleep(Duration::from_millis(1));
        }
        // One that is off stays off.
        resume::tell_all();
        assert_eq!(timer.read().unwrap_err().kind(), io::ErrorKind::WouldBlock);
    }
}
