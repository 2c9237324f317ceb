//! Timers that are sources.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::error;
use crate::interest::Interest;
use crate::queue::{Direction, Features, Summary};
use crate::registry::readiness::Readiness;
use crate::registry::{Registry, Source, check_readable};
use crate::sync::{Mutex, lock};
use crate::timers::{self, Alarm, Plan, Replanned};
use crate::token::Token;

/// A timer: readable when its time has come.
///
/// Register it as readable, set it, and [take](Timer::take) the count on each event. It
/// may be set before it is registered and from any thread. It is due from its deadline
/// until the count is taken; the [modes](crate::Mode) mean what they mean for a socket
/// with unread data.
///
/// A timer is never early, not by a nanosecond. It is late by less than 65.5 µs, a tick of
/// the [`Wheel`](crate::time::Wheel), and by what the loop and the system take; by the
/// [slack](Timer::set_slack) too, if it has one. Time spent in suspend does not count, as
/// for [`Instant`].
///
/// It stays with the first Poll that it is registered with; registering it with another
/// is `InvalidInput`. Deregistering keeps the plan: what comes due meanwhile is reported
/// when it is registered again. Dropping it ends its registration.
///
/// Setting a timer again, for example to put off an idle timeout, is cheap. Still a program
/// with a timeout for each of its thousands of connections needs one timer, and a
/// [`Wheel`](crate::time::Wheel) of its own: entries of 34 bytes and no atomics.
///
/// # Implementation notes
///
/// No descriptor and no system call for a timer: it shortens the wait of the Poll. Only to
/// set one from another thread, earlier than all others, wakes a Poll that is asleep.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use std::time::{Duration, Instant};
/// use ferrio::time::Timer;
/// use ferrio::{Events, Interest, Poll, Token};
///
/// const TICK: Token = Token(0);
///
/// let mut poll = Poll::new()?;
/// let mut events = Events::with_capacity(8);
/// let mut timer = Timer::new();
/// poll.registry().register(&mut timer, TICK, Interest::READABLE)?;
///
/// let start = Instant::now();
/// timer.set_every(Duration::from_millis(1))?;
/// let mut ticks = 0;
/// while ticks < 3 {
///     poll.wait(&mut events, None)?;
///     ticks += timer.take();
/// }
/// assert!(start.elapsed() >= Duration::from_millis(3));
/// assert!(timer.cancel());
/// # Ok(())
/// # }
/// ```
#[doc(alias = "timerfd")]
#[doc(alias = "ev_timer")]
#[doc(alias = "uv_timer_t")]
pub struct Timer {
    /// Shared with the timers of its Poll.
    core: Arc<Core>,
}

#[derive(Debug)]
struct Core {
    /// Whether it is due, and where that is reported.
    readiness: Readiness,
    /// When it is due.
    plan: Mutex<Plan>,
    /// How often it was due since that was taken.
    count: AtomicU64,
}

impl Timer {
    /// A timer that is not set.
    pub fn new() -> Timer {
        let readiness = Readiness::new(Direction::Readable);
        Timer {
            core: Arc::new(Core { readiness, plan: Mutex::new(Plan::default()), count: AtomicU64::new(0) }),
        }
    }

    /// Sets the timer to be due once, `after` from now. Zero is due at once, and what no
    /// [`Instant`] can name is never due.
    ///
    /// Whatever it was set for before is forgotten, and so is what was not taken yet: an
    /// event that is in the hands of the loop by then finds a count of 0.
    ///
    /// # Errors
    ///
    /// None are known.
    pub fn set(&self, after: Duration) -> io::Result<()> {
        let deadline = Instant::now().checked_add(after);
        self.start(Plan { deadline, ..Plan::default() })
    }

    /// Sets the timer to be due once, at `deadline`; one that has passed is due at once.
    /// Otherwise like [`set`](Timer::set).
    ///
    /// # Errors
    ///
    /// None are known.
    pub fn set_at(&self, deadline: Instant) -> io::Result<()> {
        self.start(Plan { deadline: Some(deadline), ..Plan::default() })
    }

    /// Sets the timer to be due each `interval`, for the first time one from now.
    /// Otherwise like [`set_every_from`](Timer::set_every_from).
    ///
    /// # Errors
    ///
    /// `InvalidInput` for an interval of zero.
    pub fn set_every(&self, interval: Duration) -> io::Result<()> {
        check_interval(interval)?;
        let deadline = Instant::now().checked_add(interval);
        self.start(Plan { deadline, interval: Some(interval), ..Plan::default() })
    }

    /// Sets the timer to be due at `first` and each `interval` after that.
    ///
    /// The times are counted from `first`, so that they do not drift when the loop is late;
    /// those that it missed are one event, and [`take`](Timer::take) tells how many there
    /// were. Otherwise like [`set`](Timer::set).
    ///
    /// # Errors
    ///
    /// `InvalidInput` for an interval of zero.
    pub fn set_every_from(&self, first: Instant, interval: Duration) -> io::Result<()> {
        check_interval(interval)?;
        self.start(Plan { deadline: Some(first), interval: Some(interval), ..Plan::default() })
    }

    /// Allows the timer to be late by `slack`, from the next time it is set: of all times
    /// within its slack it takes the one that it is most likely to share with others, so
    /// that the Poll wakes less often.
    pub fn set_slack(&self, slack: Duration) {
        lock(&self.core.plan).slack = slack;
    }

    /// Stops the timer; true if it was still to come or to be taken.
    ///
    /// No later poll reports it. To stop a timer that is not set does nothing.
    pub fn cancel(&self) -> bool {
        self.replan(Plan::default()).was_set
    }

    /// How often the timer was due since the last time: 0 if it was not, 1 or, for one with
    /// an interval, more.
    pub fn take(&self) -> u64 {
        self.core.take()
    }

    /// When the timer is due next, its slack aside; `None` if it is not set, was due
    /// already, or is never due.
    pub fn deadline(&self) -> Option<Instant> {
        lock(&self.core.plan).deadline
    }

    fn start(&self, plan: Plan) -> io::Result<()> {
        let must_wake = self.replan(plan).must_wake;
        match self.core.readiness.shared() {
            Some(shared) if must_wake => shared.signal(),
            _ => Ok(()),
        }
    }

    fn replan(&self, new: Plan) -> Replanned {
        if let Some(shared) = self.core.readiness.shared() {
            return shared.timers.replan(&self.alarm(), new);
        }
        let mut plan = lock(&self.core.plan);
        if self.core.readiness.shared().is_some() {
            // `set` takes `&self`, and another thread has registered it in between.
            drop(plan);
            return self.replan(new);
        }
        Replanned { was_set: timers::replace(&*self.core, &mut plan, new), must_wake: false }
    }

    fn alarm(&self) -> Arc<dyn Alarm> {
        Arc::clone(&self.core) as Arc<dyn Alarm>
    }

    /// Adds the alarm to the timers of its Poll, now that it is registered.
    fn link(&self) -> io::Result<()> {
        let Some(shared) = self.core.readiness.shared() else {
            return Ok(());
        };
        shared.queue.add_feature(Features::TIMERS);
        if shared.timers.link(&self.alarm()) { shared.signal() } else { Ok(()) }
    }

    fn unlink(&self) {
        if let Some(shared) = self.core.readiness.shared() {
            shared.timers.unlink(&*self.core);
        }
    }
}

impl Alarm for Core {
    fn plan(&self) -> &Mutex<Plan> {
        &self.plan
    }

    fn is_registered(&self) -> bool {
        self.readiness.is_registered()
    }

    fn expired(&self, times: u64, summary: &mut Summary) {
        self.count.fetch_add(times, Ordering::AcqRel);
        self.readiness.post(summary);
    }

    fn take(&self) -> u64 {
        // One that expires in between is counted by now and gives an event all the same: one
        // for nothing, rather than none.
        self.readiness.take();
        self.count.swap(0, Ordering::AcqRel)
    }
}

impl Source for Timer {
    fn register(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        check_readable(interest, "a timer")?;
        self.core.readiness.register(registry, token)?;
        self.link()
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        check_readable(interest, "a timer")?;
        self.core.readiness.reregister(registry, token)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        self.core.readiness.deregister(registry)?;
        self.unlink();
        Ok(())
    }
}

impl Default for Timer {
    fn default() -> Timer {
        Timer::new()
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.core.readiness.end_registration();
        // The wheel holds the alarm, which holds the Poll: without this none would go.
        self.unlink();
    }
}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plan = *lock(&self.core.plan);
        f.debug_struct("Timer")
            .field("deadline", &plan.deadline)
            .field("interval", &plan.interval)
            .field("slack", &plan.slack)
            .finish()
    }
}

/// Refuses an interval that would be due for ever.
fn check_interval(interval: Duration) -> io::Result<()> {
    if interval.is_zero() {
        return Err(error::interval_of_zero());
    }
    Ok(())
}
