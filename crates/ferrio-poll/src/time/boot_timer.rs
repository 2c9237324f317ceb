//! Timers that count suspends.

use std::io;
use std::time::Duration;

use crate::error;
use crate::source::impls::source_impls;
use crate::source::io_source::IoSource;
use crate::sys::handle::object_impls;
use crate::sys::wall_timer;

/// A timer of the time that passes outside: the time in which the machine is suspended counts.
///
/// It is for what others wait for as well: a lease, a session, a token that is valid for an
/// hour. After a suspend it is due as soon as the machine is awake. A
/// [`Timer`](crate::time::Timer) stands still meanwhile, as timeouts of polls do, and a
/// [`WallTimer`](crate::time::WallTimer) follows a clock that people set; nobody sets this one.
/// It does not wake the machine up.
///
/// Register it as readable, and [take](BootTimer::take) the count on each event.
///
/// # Implementation notes
///
/// On Linux one timerfd of `CLOCK_BOOTTIME`; see timerfd_create(2). A timer costs one
/// descriptor, and setting it is a system call.
///
/// On Windows one waitable timer, see SetWaitableTimer. Since version 8 the span of such a timer stands
/// still while the machine is suspended, so it is set anew when the system says that it has
/// woken up (PowerRegisterSuspendResumeNotification). It goes by GetTickCount64: a timer is up to
/// 33 ms late, and the counts of an interval are right within that.
///
/// On Apple's systems and OpenBSD a kqueue of its own, which is an event every second too, as a
/// [`WallTimer`](crate::time::WallTimer) is. Elsewhere no clock counts suspends, or nothing waits
/// for it, and making one is `Unsupported`.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use std::time::Duration;
/// use ferrio::time::BootTimer;
/// use ferrio::{Events, Interest, Poll, Token};
///
/// let mut poll = Poll::new()?;
/// let mut lease = BootTimer::new()?;
/// poll.registry().register(&mut lease, Token(0), Interest::READABLE)?;
///
/// lease.set(Duration::from_millis(5))?;
/// poll.wait(&mut Events::with_capacity(1), None)?;
/// assert_eq!(lease.take()?, 1);
/// # Ok(())
/// # }
/// ```
#[doc(alias = "CLOCK_BOOTTIME")]
#[doc(alias = "timerfd")]
#[derive(Debug)]
pub struct BootTimer {
    /// What becomes readable.
    inner: IoSource<wall_timer::BootTimer>,
}

impl BootTimer {
    /// A timer that is not set.
    ///
    /// # Errors
    ///
    /// What the system says: `EMFILE` if this process has no descriptor left.
    pub fn new() -> io::Result<BootTimer> {
        Ok(BootTimer { inner: IoSource::new(wall_timer::BootTimer::new()?) })
    }

    /// Sets the timer for one time, `after` from now; zero is due at once, and what is beyond
    /// 292 years is never due. What it was set for before, and what of it was not taken yet,
    /// is forgotten.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn set(&self, after: Duration) -> io::Result<()> {
        self.arm(after, Duration::ZERO)
    }

    /// Sets the timer for each time that `interval` has passed, without a drift. What it was
    /// set for before, and what of it was not taken yet, is forgotten.
    ///
    /// # Errors
    ///
    /// `InvalidInput` if `interval` is zero.
    pub fn set_every(&self, interval: Duration) -> io::Result<()> {
        if interval.is_zero() {
            return Err(error::interval_of_zero());
        }
        self.arm(interval, interval)
    }

    /// Stops the timer. What of it was not taken yet is forgotten; stopping a timer that is
    /// not set does nothing.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn cancel(&self) -> io::Result<()> {
        // It forgets what was due: the readiness is used up, as by a read.
        self.inner.drain(wall_timer::BootTimer::disarm)
    }

    /// How often its time has come since the last time; 0 if it has not.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn take(&self) -> io::Result<u64> {
        match self.inner.drain(wall_timer::BootTimer::read) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            result => result,
        }
    }

    fn arm(&self, first: Duration, interval: Duration) -> io::Result<()> {
        // As in `cancel`: what was due before is forgotten.
        self.inner.drain(|timer| timer.arm(first, interval))
    }
}

source_impls!(BootTimer);
object_impls!(BootTimer);
