//! Times of the wall clock, by timerfd_create(2).

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
        let flags = TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK;
        Ok(Timer(timerfd_create(TimerfdClockId::Realtime, flags)?))
    }

    /// Lets the timer expire at `first`, a time since 1970, and every `interval` after that
    /// unless it is zero. False if the clock was set since the timer was last armed or read:
    /// the timer is armed, but `first` may have been chosen by the old time.
    pub(crate) fn arm(&self, first: Duration, interval: Duration) -> io::Result<bool> {
        // To the kernel zero means never; one nanosecond later is in the past as well.
        let first = first.max(Duration::from_nanos(1));
        let value = Itimerspec { it_interval: timespec(interval), it_value: timespec(first) };
        let flags = TimerfdTimerFlags::ABSTIME | TimerfdTimerFlags::CANCEL_ON_SET;
        match timerfd_settime(&self.0, flags, &value) {
            Ok(_) => Ok(true),
            Err(Errno::CANCELED) => Ok(false),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Stops the timer and forgets what has expired.
    pub(crate) fn disarm(&self) -> io::Result<()> {
        let never = Itimerspec { it_interval: timespec(Duration::ZERO), it_value: timespec(Duration::ZERO) };
        timerfd_settime(&self.0, TimerfdTimerFlags::ABSTIME, &never)?;
        Ok(())
    }

    /// Why the timer is readable. It would block if it is not.
    pub(crate) fn read(&self) -> io::Result<Reading> {
        let mut count = [0; 8];
        match retry_on_intr(|| read(&self.0, &mut count)) {
            Ok(8) => Ok(Reading::Expired(u64::from_ne_bytes(count))),
            // A clock that was set back just now takes an expiration away.
            Ok(_) => Err(io::ErrorKind::WouldBlock.into()),
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

fn timespec(duration: Duration) -> Timespec {
    // The caller keeps within the kernel's clock, whose seconds fit.
    Timespec { tv_sec: duration.as_secs() as i64, tv_nsec: duration.subsec_nanos().into() }
}
