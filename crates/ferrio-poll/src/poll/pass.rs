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
//! The kernel is a trait here, so that loom runs this file as it stands.

use std::io;
use std::time::{Duration, Instant};

use crate::event::Events;
use crate::queue::{Cursor, Features, LatchState, Queue, Summary};
use crate::sys;
use crate::timers::Timers;

/// The sources of this process, as one wait sees them.
#[derive(Debug)]
pub(crate) struct Pass<'a> {
    pub(crate) queue: &'a Queue,
    pub(crate) timers: &'a Timers,
    pub(crate) turns: &'a mut Turns,
}

/// What a wait needs of the kernel, or of whatever stands in for it.
pub(crate) trait Kernel {
    /// Sleeps as `parking` says and adds events; true ends the wait. Called once in each pass.
    fn park(&mut self, events: &mut Events, parking: Parking) -> io::Result<bool>;

    /// Ends the current sleep, or else the next.
    fn signal(&self) -> io::Result<()>;
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
    /// Waits in `kernel` until there is an event or `timeout` is over.
    #[inline(always)]
    pub(crate) fn wait(
        &mut self,
        events: &mut Events,
        timeout: Option<Duration>,
        kernel: &mut impl Kernel,
    ) -> io::Result<()> {
        let end = End::of(timeout);
        let mut left = timeout;
        loop {
            let parking = self.begin(events.capacity(), end, left);
            let parked = kernel.park(events, parking);
            self.collect(events, kernel)?;
            let is_over = match parked {
                // What is queued need not wait until the error was dealt with.
                Err(error) if events.is_empty() => return Err(error),
                Err(_) => true,
                Ok(is_over) => is_over,
            };
            if is_over || !events.is_empty() || end.is_look {
                return Ok(());
            }
            if let Some(deadline) = end.deadline() {
                left = Some(deadline.saturating_duration_since(Instant::now()));
                if left == Some(Duration::ZERO) {
                    return Ok(());
                }
            }
        }
    }

    /// Announces that the poller goes to sleep, for what is `left` of its timeout at most.
    #[inline(always)]
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
    #[inline]
    fn sleep(&self, end: End, left: Option<Duration>) -> Option<Duration> {
        if self.has_timers() { self.sleep_until_timer(end, left) } else { left }
    }

    #[inline(never)]
    fn sleep_until_timer(&self, end: End, left: Option<Duration>) -> Option<Duration> {
        match self.timers.fall_asleep(end.deadline()) {
            Some(until) => Some(until.saturating_duration_since(Instant::now())),
            None => left,
        }
    }

    /// Announces that the poller is awake, and adds what is queued to what the kernel gave.
    #[inline(always)]
    fn collect(&mut self, events: &mut Events, kernel: &impl Kernel) -> io::Result<()> {
        let summary = self.queue.wake_up();
        if summary.is_empty() && !self.has_timers() { Ok(()) } else { self.deliver(summary, events, kernel) }
    }

    #[inline(never)]
    fn deliver(&mut self, mut summary: Summary, events: &mut Events, kernel: &impl Kernel) -> io::Result<()> {
        if self.has_timers() {
            self.timers.wake_up(&mut summary);
        }
        if summary.is_empty() {
            return Ok(());
        }
        let room = events.capacity() - events.len();
        let deliver = |token, ready_for: LatchState| {
            let readable = ready_for.contains(LatchState::READABLE);
            let writable = ready_for.contains(LatchState::WRITABLE);
            events.push(sys::event::new(token, readable, writable));
        };
        self.queue.drain(summary, &mut self.turns.cursor, room, deliver, || kernel.signal())
    }

    fn has_timers(&self) -> bool {
        self.queue.features().contains(Features::TIMERS)
    }

    /// How many events the kernel may give while the queue has some too: one less than
    /// there is room for, and in turns where there is room for one.
    #[cold]
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
    /// When it began, and its timeout, if that is finite.
    timed: Option<(Instant, Duration)>,
}

impl End {
    /// Reads the clock for a finite timeout only.
    #[inline]
    fn of(timeout: Option<Duration>) -> End {
        match timeout {
            None => End { is_look: false, timed: None },
            Some(Duration::ZERO) => End { is_look: true, timed: None },
            Some(timeout) => End { is_look: false, timed: Some((Instant::now(), timeout)) },
        }
    }

    /// `None` if it has no timeout, or one that no clock can show. Most waits never ask.
    fn deadline(self) -> Option<Instant> {
        self.timed.and_then(|(begin, timeout)| begin.checked_add(timeout))
    }
}
