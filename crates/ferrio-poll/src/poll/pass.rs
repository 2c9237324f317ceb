//! One wait of a Poll.
//!
//! A wait is a loop of *passes*, and a pass has three steps:
//!
//! 1. *begin*: say until when the poller may sleep, and announce that it goes to sleep. If
//!    something of this process is queued already it must not: then the pass only looks at
//!    the kernel's sources, and leaves room for what is queued.
//! 2. *park*: sleep in the kernel, or in whatever stands in for it.
//! 3. *collect*: announce that the poller is awake, take what is queued, and add its events
//!    to those of the kernel.
//!
//! The wait ends with the first pass that has events, with an error, when the parker says
//! so, or when the time is over. A pass that was woken for nothing is followed by another:
//! a waker announces its signal before it makes it, so that the signal may come after the
//! event was delivered.
//!
//! Neither the kernel nor the clock of a timeout is in here: loom runs this file as it
//! stands.

use std::io;
use std::time::{Duration, Instant};

use crate::event::Events;
use crate::queue::{Cursor, Direction, Features, Queue, Report};
use crate::sys;
use crate::timers::Timers;

/// The sources of this process, as one wait sees them.
#[derive(Debug)]
pub(crate) struct Pass<'a> {
    pub(crate) queue: &'a Queue,
    pub(crate) timers: &'a Timers,
    pub(crate) turns: &'a mut Turns,
}

/// Whose turn it is, from one wait to the next.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    /// Where the next drain of the queue begins.
    cursor: Cursor,
    /// With room for one event and both sides ready: true if it is the queue's turn.
    queue_is_next: bool,
}

/// How a pass is to park.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parking {
    /// How many events the kernel may give.
    pub(crate) room: usize,
    /// How long to sleep; zero only looks.
    pub(crate) timeout: Option<Duration>,
}

impl Pass<'_> {
    /// Waits by `park`, which is called once in each pass and returns true to end the wait.
    pub(crate) fn wait(
        &mut self,
        events: &mut Events,
        timeout: Option<Duration>,
        mut park: impl FnMut(&mut Events, Parking) -> io::Result<bool>,
        signal: impl Fn() -> io::Result<()>,
    ) -> io::Result<()> {
        let end = End::of(timeout);
        let mut left = timeout;
        loop {
            let parking = self.begin(events.capacity(), end, left);
            let parked = park(events, parking);
            self.collect(events, &signal)?;
            let is_over = match parked {
                // What is queued need not wait until the error was dealt with.
                Err(error) if events.is_empty() => return Err(error),
                Err(_) => true,
                Ok(is_over) => is_over,
            };
            if is_over || !events.is_empty() || end.is_look {
                return Ok(());
            }
            if let Some(deadline) = end.deadline {
                left = Some(deadline.saturating_duration_since(Instant::now()));
                if left == Some(Duration::ZERO) {
                    return Ok(());
                }
            }
        }
    }

    /// Announces that the poller goes to sleep, for what is `left` of its timeout at most.
    fn begin(&mut self, capacity: usize, end: End, left: Option<Duration>) -> Parking {
        let (timeout, may_sleep) = if end.is_look {
            (left, !self.queue.has_queued())
        } else {
            (self.sleep(end, left), self.queue.fall_asleep())
        };
        if may_sleep {
            return Parking { room: capacity, timeout };
        }
        Parking { room: self.kernel_share(capacity), timeout: Some(Duration::ZERO) }
    }

    /// How long the poller may sleep: until the first timer, if that comes first.
    fn sleep(&self, end: End, left: Option<Duration>) -> Option<Duration> {
        if !self.queue.features().contains(Features::TIMERS) {
            return left;
        }
        match self.timers.fall_asleep(end.deadline) {
            Some(until) => Some(until.saturating_duration_since(Instant::now())),
            None => left,
        }
    }

    /// Announces that the poller is awake, and adds what is queued to what the kernel gave.
    fn collect(&mut self, events: &mut Events, signal: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        let mut summary = self.queue.wake_up();
        if self.queue.features().contains(Features::TIMERS) {
            self.timers.wake_up(&mut summary);
        }
        if summary.is_empty() {
            return Ok(());
        }
        let room = events.capacity() - events.len();
        let deliver = |report: Report| {
            events.push(match report.direction {
                Direction::Readable => sys::event::readable(report.token),
                Direction::Writable => sys::event::writable(report.token),
            });
        };
        self.queue.drain(summary, &mut self.turns.cursor, room, deliver, signal)
    }

    /// How many events the kernel may give while the queue has some too: one less than
    /// there is room for, and in turns where there is room for one.
    fn kernel_share(&mut self, capacity: usize) -> usize {
        if capacity > 1 {
            return capacity - 1;
        }
        self.turns.queue_is_next = !self.turns.queue_is_next;
        usize::from(!self.turns.queue_is_next)
    }
}

/// When a wait ends.
#[derive(Clone, Copy, Debug)]
struct End {
    /// True if it only looks.
    is_look: bool,
    /// `None` if it has no timeout, or one that no clock can show.
    deadline: Option<Instant>,
}

impl End {
    /// Reads the clock for a finite timeout only.
    fn of(timeout: Option<Duration>) -> End {
        let is_look = timeout == Some(Duration::ZERO);
        let finite = timeout.filter(|_| !is_look);
        End { is_look, deadline: finite.and_then(|timeout| Instant::now().checked_add(timeout)) }
    }
}
