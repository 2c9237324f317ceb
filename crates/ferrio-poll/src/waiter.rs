//! The side of a Poll that waits.

use std::io;
use std::time::{Duration, Instant};

use crate::event::Events;
use crate::extras::Extras;
use crate::late_signal::LateSignal;
use crate::queue::{Cursor, Direction, Report, Taken};
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
        let beyond = shared.queue.beyond();
        if beyond.is_nothing() {
            return self.poll_kernel(shared, events, timeout);
        }
        if beyond.is_slots_alone() && !self.late_signal.is_awaited() {
            return self.poll_all(shared, events, timeout);
        }
        self.poll_beyond(shared, events, timeout)
    }

    /// Waits where there is more to it than sources: a clock to look at, or extras.
    #[cold]
    fn poll_beyond(
        &mut self,
        shared: &Shared,
        events: &mut Events,
        timeout: Option<Duration>,
    ) -> io::Result<()> {
        let Some(extras) = &mut self.extras else {
            return self.poll_by_the_clock(shared, events, timeout);
        };
        extras.begin_wait()?;
        let mut spin = extras.spin;
        let wait = |timeout, events: &mut Events| {
            events.clear();
            if shared.queue.is_used() {
                self.poll_by_the_clock(shared, events, timeout)
            } else {
                self.poll_kernel(shared, events, timeout)
            }
        };
        let result = spin.poll(events, timeout, wait);
        if let Some(extras) = &mut self.extras {
            extras.spin = spin;
            extras.end_wait(events, timeout);
        }
        result
    }

    /// True if the last wait, which gave `count` events, was woken.
    #[inline(always)]
    fn is_woken(&self, shared: &Shared, events: &mut Events, count: usize) -> bool {
        shared.selector.is_woken(&self.scratch, events.room(usize::MAX), count)
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
            // Still alone: the first in-process source may have been made meanwhile.
            Ok(count) if !shared.queue.is_used() => {
                events.fill(count);
                self.events += count as u64;
                Ok(())
            }
            found => {
                let taken = shared.queue.is_used().then(|| shared.queue.wake_up());
                self.finish_poll(shared, taken, found, events, timeout)
            }
        }
    }

    /// Waits for the kernel's and the in-process sources. All but a wait that nobody disturbs
    /// is elsewhere.
    #[inline(always)]
    fn poll_all(
        &mut self,
        shared: &Shared,
        events: &mut Events,
        timeout: Option<Duration>,
    ) -> io::Result<()> {
        if !may_sleep(shared, timeout) {
            return self.poll_beside_queue(shared, events, timeout);
        }
        self.polls += 1;
        let found = shared.selector.wait(&mut self.scratch, events.room(usize::MAX), timeout);
        let taken = shared.queue.wake_up();
        match found {
            Ok(count) if taken.is_empty() && !self.is_woken(shared, events, count) => {
                events.fill(count);
                self.events += count as u64;
                Ok(())
            }
            found => self.finish_poll(shared, Some(taken), found, events, timeout),
        }
    }

    /// Looks at the kernel's sources while something is queued, and waits if that is gone.
    #[cold]
    fn poll_beside_queue(
        &mut self,
        shared: &Shared,
        events: &mut Events,
        timeout: Option<Duration>,
    ) -> io::Result<()> {
        let pass = self.pass_beside_queue(shared, events);
        self.pass_again(pass, shared, events, timeout, None)
    }

    /// Ends a wait that was woken, or failed, or during which something of ours became ready.
    #[inline(never)]
    fn finish_poll(
        &mut self,
        shared: &Shared,
        taken: Option<Taken>,
        found: io::Result<usize>,
        events: &mut Events,
        timeout: Option<Duration>,
    ) -> io::Result<()> {
        match self.finish_pass(shared, taken, found, events) {
            Ok(Pass::Over) => {
                self.events += events.len() as u64;
                Ok(())
            }
            pass => self.pass_again(pass, shared, events, timeout, None),
        }
    }

    /// Waits where it has to be known how much time has passed, or may have to be.
    #[cold]
    fn poll_by_the_clock(
        &mut self,
        shared: &Shared,
        events: &mut Events,
        timeout: Option<Duration>,
    ) -> io::Result<()> {
        if shared.queue.has_timers() {
            return self.poll_timed(shared, events, timeout);
        }
        let deadline = self.late_signal.deadline(timeout, shared.queue.is_embedded());
        let pass = self.pass(shared, events, timeout);
        self.pass_again(pass, shared, events, timeout, deadline)
    }

    /// Waits again, as often as the Poll is woken for what it has given out already.
    #[cold]
    fn pass_again(
        &mut self,
        mut pass: io::Result<Pass>,
        shared: &Shared,
        events: &mut Events,
        timeout: Option<Duration>,
        deadline: Option<Instant>,
    ) -> io::Result<()> {
        loop {
            let left = match (pass?, timeout, deadline) {
                (Pass::Over, ..) | (Pass::Woken, Some(_), None) => {
                    self.events += events.len() as u64;
                    return Ok(());
                }
                (_, Some(_), Some(deadline)) => Some(deadline.saturating_duration_since(Instant::now())),
                _ => timeout,
            };
            if shared.queue.has_timers() {
                // Woken to look at its first timer.
                return self.poll_timed(shared, events, left);
            }
            pass = self.pass(shared, events, left);
        }
    }

    /// Waits for the kernel's and the in-process sources and for timers.
    #[inline(never)]
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
    fn pass(&mut self, shared: &Shared, events: &mut Events, timeout: Option<Duration>) -> io::Result<Pass> {
        if !may_sleep(shared, timeout) {
            return self.pass_beside_queue(shared, events);
        }
        self.polls += 1;
        let found = shared.selector.wait(&mut self.scratch, events.room(usize::MAX), timeout);
        let taken = shared.queue.wake_up();
        self.finish_pass(shared, Some(taken), found, events)
    }

    /// Ends a wait. `taken` is `None` if it was for the kernel's sources alone.
    #[inline(always)]
    fn finish_pass(
        &mut self,
        shared: &Shared,
        taken: Option<Taken>,
        found: io::Result<usize>,
        events: &mut Events,
    ) -> io::Result<Pass> {
        let Some(taken) = taken else {
            let count = if events.capacity() == 0 { Err(no_room()) } else { found }?;
            events.fill(count);
            return Ok(Pass::Over);
        };
        if events.capacity() == 0 {
            // What was taken goes back.
            self.add_queued(shared, taken, Ok(false), events)?;
            return Err(no_room());
        }
        let woken = self.finish(shared, taken, found, usize::MAX, events)?;
        Ok(if woken && events.is_empty() { Pass::Woken } else { Pass::Over })
    }

    /// A look at the kernel's sources that leaves room for what is queued.
    #[cold]
    fn pass_beside_queue(&mut self, shared: &Shared, events: &mut Events) -> io::Result<Pass> {
        if events.capacity() == 0 {
            return Err(no_room());
        }
        let share = kernel_share(events.capacity(), &mut self.queue_turn);
        let found = if share == 0 {
            None
        } else {
            self.polls += 1;
            Some(shared.selector.wait(&mut self.scratch, events.room(share), Some(Duration::ZERO)))
        };
        let taken = shared.queue.wake_up();
        match found {
            Some(found) => self.finish(shared, taken, found, share, events)?,
            None => self.add_queued(shared, taken, Ok(false), events)?,
        };
        Ok(if events.is_empty() { Pass::Beaten } else { Pass::Over })
    }

    /// Makes a list of what the kernel has `found`, with room for `limit`, and of what was
    /// `taken` from the queue. True if the Poll was woken.
    #[inline(always)]
    fn finish(
        &mut self,
        shared: &Shared,
        taken: Taken,
        found: io::Result<usize>,
        limit: usize,
        events: &mut Events,
    ) -> io::Result<bool> {
        let result = found.map(|count| {
            let room = events.room(limit);
            let Selected { count, woken } = shared.selector.take_wake(&mut self.scratch, room, count);
            events.fill(count);
            woken
        });
        self.add_queued(shared, taken, result, events)
    }

    /// Adds what is queued to what the kernel gave. True if the Poll was woken.
    #[inline(always)]
    fn add_queued(
        &mut self,
        shared: &Shared,
        mut taken: Taken,
        result: io::Result<bool>,
        events: &mut Events,
    ) -> io::Result<bool> {
        if shared.queue.has_timers() {
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

/// Announces that the poller goes to sleep, unless `timeout` says that it only looks. False
/// if something is queued, so that it must not.
#[inline(always)]
fn may_sleep(shared: &Shared, timeout: Option<Duration>) -> bool {
    let is_look = timeout == Some(Duration::ZERO);
    if is_look { !shared.queue.has_queued() } else { !shared.queue.fall_asleep() }
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
