//! The side of a Poll that waits.

use std::io;
use std::time::{Duration, Instant};

use crate::event::Events;
use crate::extras::Extras;
use crate::late_signal::LateSignal;
use crate::queue::{Cursor, Direction, Report};
use crate::shared::Shared;
use crate::sys;
use crate::sys::selected::Selected;
use crate::sys::selector::Scratch;

/// What belongs to the thread that waits, beside what it shares with others.
#[derive(Debug, Default)]
pub(crate) struct Waiter {
    /// Memory for the waits.
    scratch: Scratch,
    /// Where the next drain of the queue begins.
    cursor: Cursor,
    /// With room for one event and both sides ready: true if it is the queue's turn.
    queue_turn: bool,
    /// Whether a signal may come for what was given out already.
    late_signal: LateSignal,
    /// What the Poll was built to do beside waiting.
    pub(crate) extras: Option<Box<Extras>>,
    /// How often this Poll waited.
    pub(crate) polls: u64,
    /// How many events it handed out.
    pub(crate) events: u64,
}

/// How a wait ended.
#[derive(Clone, Copy, Debug)]
enum Pass {
    /// With events, or because the time is over.
    Over,
    /// Woken, but for nothing.
    Woken,
    /// What was queued was gone, and no time has passed.
    Beaten,
}

impl Waiter {
    /// Waits until there is an event or `timeout` is over.
    #[inline(always)]
    pub(crate) fn poll(
        &mut self,
        shared: &Shared,
        events: &mut Events,
        timeout: Option<Duration>,
    ) -> io::Result<()> {
        events.clear();
        if !shared.queue.is_plain() {
            return self.poll_beyond(shared, events, timeout);
        }
        self.poll_kernel(shared, events, timeout)
    }

    /// Waits with whatever there is beside the kernel's sources.
    #[inline(never)]
    fn poll_beyond(
        &mut self,
        shared: &Shared,
        events: &mut Events,
        timeout: Option<Duration>,
    ) -> io::Result<()> {
        let Some(mut extras) = self.extras.take() else {
            return self.poll_all(shared, events, timeout);
        };
        let poll = |timeout: Option<Duration>, events: &mut Events| {
            events.clear();
            if shared.queue.is_used() {
                self.poll_all(shared, events, timeout)
            } else {
                self.poll_kernel(shared, events, timeout)
            }
        };
        let result = extras.poll(events, timeout, poll);
        self.extras = Some(extras);
        result
    }

    /// Waits for the kernel's sources alone.
    #[inline(always)]
    fn poll_kernel(
        &mut self,
        shared: &Shared,
        events: &mut Events,
        timeout: Option<Duration>,
    ) -> io::Result<()> {
        self.polls += 1;
        match shared.selector.wait(&mut self.scratch, events.room(usize::MAX), timeout) {
            // Still not: the first in-process source may have been made meanwhile.
            Ok(count) if !shared.queue.is_used() => {
                events.fill(count);
                self.events += count as u64;
                Ok(())
            }
            found => self.finish_alone(shared, found, events, timeout),
        }
    }

    /// Ends a wait for the kernel's sources alone that failed, or during which the first
    /// in-process source was made.
    #[cold]
    fn finish_alone(
        &mut self,
        shared: &Shared,
        found: io::Result<usize>,
        events: &mut Events,
        timeout: Option<Duration>,
    ) -> io::Result<()> {
        if events.capacity() == 0 {
            return Err(no_room());
        }
        if !shared.queue.is_used() {
            return found.map(drop);
        }
        let result = self.sort_out(shared, found, usize::MAX, events);
        self.finish(shared, result, events)?;
        if events.is_empty() && timeout.is_none() && shared.timers.is_used() {
            // Woken to look at its first timer.
            return self.poll_timed(shared, events, timeout);
        }
        self.events += events.len() as u64;
        Ok(())
    }

    /// Waits for the kernel's and the in-process sources.
    fn poll_all(
        &mut self,
        shared: &Shared,
        events: &mut Events,
        timeout: Option<Duration>,
    ) -> io::Result<()> {
        if events.capacity() == 0 {
            return Err(no_room());
        }
        if shared.timers.is_used() {
            return self.poll_timed(shared, events, timeout);
        }
        let deadline = self.late_signal.deadline(timeout, shared.queue.is_embedded());
        let result = match self.pass(shared, events, timeout) {
            Ok(Pass::Over) => Ok(()),
            Ok(pass) => self.pass_again(pass, shared, events, timeout, deadline),
            Err(error) => Err(error),
        };
        self.events += events.len() as u64;
        result
    }

    /// Waits again, as often as the Poll is woken for what it has given out already.
    #[cold]
    fn pass_again(
        &mut self,
        mut pass: Pass,
        shared: &Shared,
        events: &mut Events,
        timeout: Option<Duration>,
        deadline: Option<Instant>,
    ) -> io::Result<()> {
        loop {
            let left = match (pass, timeout, deadline) {
                (Pass::Over, ..) | (Pass::Woken, Some(_), None) => return Ok(()),
                (_, Some(_), Some(deadline)) => Some(deadline.saturating_duration_since(Instant::now())),
                _ => timeout,
            };
            if shared.timers.is_used() {
                // Woken to look at its first timer.
                return self.poll_timed(shared, events, left);
            }
            pass = self.pass(shared, events, left)?;
        }
    }

    /// Waits for the kernel's and the in-process sources and for timers.
    fn poll_timed(
        &mut self,
        shared: &Shared,
        events: &mut Events,
        timeout: Option<Duration>,
    ) -> io::Result<()> {
        let mut now = Instant::now();
        // A deadline that no clock can show is as good as none.
        let deadline = timeout.and_then(|timeout| now.checked_add(timeout));
        loop {
            let until = shared.timers.fall_asleep(deadline);
            self.pass(shared, events, until.map(|until| until.saturating_duration_since(now)))?;
            if !events.is_empty() {
                self.events += events.len() as u64;
                return Ok(());
            }
            now = Instant::now();
            if deadline.is_some_and(|deadline| deadline <= now) {
                return Ok(());
            }
        }
    }

    /// Waits once.
    #[inline(always)]
    fn pass(&mut self, shared: &Shared, events: &mut Events, timeout: Option<Duration>) -> io::Result<Pass> {
        let is_look = timeout == Some(Duration::ZERO);
        let queued = if is_look { shared.queue.has_queued() } else { shared.queue.fall_asleep() };
        let result = if queued {
            self.select_beside_queue(shared, events)
        } else {
            self.select(shared, events, usize::MAX, timeout)
        };
        let woken = self.finish(shared, result, events)?;
        Ok(match events.is_empty() {
            true if queued => Pass::Beaten,
            true if woken => Pass::Woken,
            _ => Pass::Over,
        })
    }

    /// A look at the kernel's sources that leaves room for what is queued.
    #[cold]
    fn select_beside_queue(&mut self, shared: &Shared, events: &mut Events) -> io::Result<bool> {
        match kernel_share(events.capacity(), &mut self.queue_turn) {
            0 => Ok(false),
            share => self.select(shared, events, share, Some(Duration::ZERO)),
        }
    }

    /// Asks the kernel for at most `limit` events. True if it was woken.
    #[inline(always)]
    fn select(
        &mut self,
        shared: &Shared,
        events: &mut Events,
        limit: usize,
        timeout: Option<Duration>,
    ) -> io::Result<bool> {
        self.polls += 1;
        let found = shared.selector.wait(&mut self.scratch, events.room(limit), timeout);
        self.sort_out(shared, found, limit, events)
    }

    /// Makes a list of what the kernel has `found`. True if the Poll was woken.
    #[inline(always)]
    fn sort_out(
        &mut self,
        shared: &Shared,
        found: io::Result<usize>,
        limit: usize,
        events: &mut Events,
    ) -> io::Result<bool> {
        let room = events.room(limit);
        let Selected { count, woken } = shared.selector.take_wake(&mut self.scratch, room, found?);
        events.fill(count);
        Ok(woken)
    }

    /// Adds what is queued to what the kernel gave. True if the Poll was woken.
    #[inline(always)]
    fn finish(&mut self, shared: &Shared, result: io::Result<bool>, events: &mut Events) -> io::Result<bool> {
        let mut taken = shared.queue.wake_up();
        if shared.timers.is_used() {
            shared.timers.wake_up(&mut taken);
        }
        self.late_signal.note(taken.announced, matches!(result, Ok(true)));
        let room = events.capacity() - events.len();
        let give = |report: Report| {
            events.push(match report.direction {
                Direction::Readable => sys::event::readable(report.token),
                Direction::Writable => sys::event::writable(report.token),
            });
        };
        shared.queue.drain(taken, &mut self.cursor, room, give, || shared.signal())?;
        match result {
            // What is queued need not wait until the signal was dealt with.
            Err(_) if !events.is_empty() => Ok(false),
            result => result,
        }
    }
}

/// How many events the kernel may give while the queue has some too: one less than
/// there is room for, and in turns where there is room for one.
fn kernel_share(capacity: usize, queue_turn: &mut bool) -> usize {
    if capacity > 1 {
        return capacity - 1;
    }
    *queue_turn = !*queue_turn;
    usize::from(!*queue_turn)
}

#[cold]
fn no_room() -> io::Error {
    let text = "Events::with_capacity(0) has no room for an event: give it a capacity of at least 1";
    io::Error::new(io::ErrorKind::InvalidInput, text)
}
