//! Timers of the clocks that do not stand still in a suspend, by timerfd_create(2).

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::fs::Timespec;
use rustix::io::{Errno, read, retry_on_intr};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, timerfd_create, timerfd_settime,
};

/// Why a timer is readable.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Its time came, and every interval since makes one more.
    Expired(u64),
    /// The clock was set. What had expired before is forgotten by the kernel, and the
    /// timer is to be armed anew.
    ClockSet,
}

/// A timer of the wall clock, non-blocking and close-on-exec: readable at its time, and when
/// the clock was set.
#[derive(Debug)]
pub(crate) struct Timer(OwnedFd);

impl Timer {
    pub(crate) fn new() -> io::Result<Timer> {
        Ok(Timer(create(TimerfdClockId::Realtime)?))
    }

    /// Lets the timer expire at `first`, a time since 1970, and every `interval` after that
    /// unless it is zero. False if the clock was set since the timer was last armed or read:
    /// the timer is armed, but `first` may have been chosen by the old time.
    pub(crate) fn arm(&self, first: Duration, interval: Duration) -> io::Result<bool> {
        let flags = TimerfdTimerFlags::ABSTIME | TimerfdTimerFlags::CANCEL_ON_SET;
        match set(&self.0, flags, first, interval) {
            Ok(()) => Ok(true),
            Err(Errno::CANCELED) => Ok(false),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Stops the timer and forgets what has expired.
    pub(crate) fn disarm(&self) -> io::Result<()> {
        Ok(stop(&self.0)?)
    }

    /// Why the timer is readable. It would block if it is not.
    pub(crate) fn read(&self) -> io::Result<Reading> {
        match expirations(&self.0) {
            Ok(count) => Ok(Reading::Expired(count)),
            Err(Errno::CANCELED) => Ok(Reading::ClockSet),
            Err(errno) => Err(errno.into()),
        }
    }
}

impl AsFd for Timer {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// A timer of the time since the boot, suspends included; as [`Timer`] otherwise.
#[derive(Debug)]
pub(crate) struct BootTimer(OwnedFd);

impl BootTimer {
    pub(crate) fn new() -> io::Result<BootTimer> {
        Ok(BootTimer(create(TimerfdClockId::Boottime)?))
    }

    /// Lets the timer expire after `first`, and every `interval` after that unless it is zero.
    pub(crate) fn arm(&self, first: Duration, interval: Duration) -> io::Result<()> {
        Ok(set(&self.0, TimerfdTimerFlags::empty(), first.min(LONGEST), interval.min(LONGEST))?)
    }

    /// Stops the timer and forgets what has expired.
    pub(crate) fn disarm(&self) -> io::Result<()> {
        Ok(stop(&self.0)?)
    }

    /// How often the timer has expired since the last time. It would block if it has not.
    pub(crate) fn read(&self) -> io::Result<u64> {
        Ok(expirations(&self.0)?)
    }
}

impl AsFd for BootTimer {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

fn create(clock: TimerfdClockId) -> Result<OwnedFd, Errno> {
    timerfd_create(clock, TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK)
}

fn set(fd: &OwnedFd, flags: TimerfdTimerFlags, first: Duration, interval: Duration) -> Result<(), Errno> {
    // To the kernel zero means never; one nanosecond later it is due at once as well.
    let first = first.max(Duration::from_nanos(1));
    let value = Itimerspec { it_interval: timespec(interval), it_value: timespec(first) };
    timerfd_settime(fd, flags, &value).map(drop)
}

fn stop(fd: &OwnedFd) -> Result<(), Errno> {
    let never = Itimerspec { it_interval: timespec(Duration::ZERO), it_value: timespec(Duration::ZERO) };
    timerfd_settime(fd, TimerfdTimerFlags::empty(), &never).map(drop)
}

/// How often a timer has expired since it was last read.
fn expirations(fd: &OwnedFd) -> Result<u64, Errno> {
    let mut count = [0; 8];
    match retry_on_intr(|| read(fd, &mut count))? {
        8 => Ok(u64::from_ne_bytes(count)),
        // A clock that was set back just now takes an expiration away.
        _ => Err(Errno::AGAIN),
    }
}

/// The longest span that the kernel counts, of 292 years.
const LONGEST: Duration = Duration::from_nanos(i64::MAX as u64);

fn timespec(duration: Duration) -> Timespec {
    // The callers keep within the kernel's clock, whose seconds fit.
    Timespec { tv_sec: duration.as_secs() as i64, tv_nsec: duration.subsec_nanos().into() }
}
