//! Timers of the wall clock.

mod schedule;

use std::io;
use std::time::{Duration, SystemTime};

use crate::source::impls::source_impls;
use crate::source::io_source::IoSource;
use crate::sync::{Mutex, lock};
use crate::sys::handle::object_impls;
use crate::sys::wall_timer::{self, Reading};
use crate::time::wall_timer::schedule::Schedule;

/// A timer that goes by the wall clock: readable at a time of day, whatever happens to
/// the clock until then.
///
/// When somebody sets the clock, or the machine wakes up from sleep, the timer is
/// readable too, says so by [`Tick::ClockSet`], and arms itself for the new time. What
/// the clock jumped over counts as having come; what it jumped back over comes again,
/// but for a single time that has come already.
///
/// For a span of time, such as a timeout, use a [`Timer`](crate::time::Timer): it does not
/// heed the clock on the wall.
///
/// Register it as readable, and [take](WallTimer::take) the tick on each event.
///
/// # Implementation notes
///
/// On Linux one timerfd of `CLOCK_REALTIME` with `TFD_TIMER_ABSTIME` and
/// `TFD_TIMER_CANCEL_ON_SET`; see timerfd_create(2). A timer costs one descriptor.
///
/// On Apple's systems and the BSDs no timer of the kernel follows a clock that is set. There it is
/// a kqueue of its own with a timer of at most a second, after which the clock is looked at: while
/// it is set it is an event every second, for which [`take`](WallTimer::take) gives `None`, and a
/// clock that was set is noticed within a second. On other Unixes making one is `Unsupported`.
///
/// On Windows one waitable timer with an absolute time, see SetWaitableTimer, which the system
/// moves with the clock. It does not say that the clock was set, so that
/// [`Tick::ClockSet`] is never given there: a clock that is set forward makes the timer expire,
/// with a count of all that was jumped over; after one that is set back the next time of an
/// interval is the one that was next before. It expires with a tick of the system's clock, up
/// to 16 ms late.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use std::time::{Duration, SystemTime};
/// use ferrio::time::{Tick, WallTimer};
/// use ferrio::{Events, Interest, Poll, Token};
///
/// let mut poll = Poll::new()?;
/// let mut timer = WallTimer::new()?;
/// poll.registry().register(&mut timer, Token(0), Interest::READABLE)?;
///
/// let when = SystemTime::now() + Duration::from_millis(5);
/// timer.set(when)?;
/// loop {
///     poll.wait(&mut Events::with_capacity(1), None)?;
///     match timer.take()? {
///         Some(Tick::Expired(times)) => break assert_eq!(times, 1),
///         // The clock was set; the timer goes on by the new time.
///         _ => continue,
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[doc(alias = "ev_periodic")]
#[doc(alias = "timerfd")]
#[derive(Debug)]
pub struct WallTimer {
    /// What becomes readable.
    inner: IoSource<wall_timer::Timer>,
    /// What the timer is set for. Held while the kernel is told, so that both agree.
    schedule: Mutex<Schedule>,
}

/// Why a [`WallTimer`] was readable.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Tick {
    /// The clock was set, or the machine slept. The timer has armed itself for the new
    /// time, and no expiration is lost; what else depends on the time of day should be
    /// looked at. Windows does not tell this.
    ClockSet,
    /// The time has come, this many times since the last tick was taken.
    Expired(u64),
}

impl WallTimer {
    /// A timer that is not set.
    ///
    /// # Errors
    ///
    /// What the system says: `EMFILE` if this process has no descriptor left.
    pub fn new() -> io::Result<WallTimer> {
        let inner = IoSource::new(wall_timer::Timer::new()?);
        Ok(WallTimer { inner, schedule: Mutex::new(Schedule::Off) })
    }

    /// Sets the timer for one time. A time in the past expires at once. What it was set
    /// for before, and what of it was not taken yet, is forgotten.
    ///
    /// # Errors
    ///
    /// `InvalidInput` for a time before 1970 or after April 2262, which the kernel's
    /// clock does not know.
    pub fn set(&self, time: SystemTime) -> io::Result<()> {
        self.start(Schedule::once(time)?)
    }

    /// Sets the timer for `offset` after the beginning of 1970, in UTC, and for every
    /// `interval` after that: of these times those that are still to come. An offset of
    /// three hours and an interval of a day is every night at three. What it was set for
    /// before, and what of it was not taken yet, is forgotten.
    ///
    /// # Errors
    ///
    /// `InvalidInput` if `interval` is zero, or if the next time is after April 2262.
    pub fn set_every(&self, offset: Duration, interval: Duration) -> io::Result<()> {
        self.start(Schedule::every(offset, interval, SystemTime::now())?)
    }

    /// Stops the timer. What of it was not taken yet is forgotten; stopping a timer that
    /// is not set does nothing.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn cancel(&self) -> io::Result<()> {
        let mut schedule = lock(&self.schedule);
        // It forgets what was due: the readiness is used up, as by a read.
        self.inner.drain(wall_timer::Timer::disarm)?;
        *schedule = Schedule::Off;
        Ok(())
    }

    /// Why the timer is readable; `None` if it is not.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn take(&self) -> io::Result<Option<Tick>> {
        let mut schedule = lock(&self.schedule);
        match self.inner.drain(wall_timer::Timer::read) {
            Ok(Reading::Expired(times)) => {
                schedule.expired(times);
                Ok(Some(Tick::Expired(times)))
            }
            // Nothing is left to come, so the new time does not matter.
            Ok(Reading::ClockSet) if *schedule == Schedule::Off => Ok(None),
            Ok(Reading::ClockSet) => {
                schedule.clock_was_set(SystemTime::now());
                self.arm(&mut schedule)?;
                Ok(Some(Tick::ClockSet))
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn start(&self, mut new: Schedule) -> io::Result<()> {
        let mut schedule = lock(&self.schedule);
        self.arm(&mut new)?;
        *schedule = new;
        Ok(())
    }

    /// Tells the kernel what comes next.
    fn arm(&self, schedule: &mut Schedule) -> io::Result<()> {
        while let Some((first, interval)) = schedule.next() {
            // As in `cancel`: what was due before is forgotten.
            if self.inner.drain(|timer| timer.arm(first, interval))? {
                break;
            }
            schedule.clock_was_set(SystemTime::now());
        }
        Ok(())
    }
}

source_impls!(WallTimer);
object_impls!(WallTimer);
