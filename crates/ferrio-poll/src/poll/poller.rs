//! The side of a Poll that waits.

use std::io;
use std::time::{Duration, Instant};

use crate::error;
use crate::event::Events;
use crate::poll::instrumentation::Instrumentation;
use crate::poll::park::{Backend, Harvest, Park};
use crate::poll::pass::{Kernel, Parking, Pass, Turns};
use crate::queue::Features;
use crate::registry::shared::Shared;
use crate::sys::selector::Scratch;

/// What belongs to the thread that waits, beside what it shares with others.
#[derive(Debug, Default)]
pub(crate) struct Poller {
    /// Memory for the waits.
    scratch: Scratch,
    /// What the waits remember of the queue.
    turns: Turns,
    /// What the Poll was built to do around a wait.
    pub(crate) instrumentation: Option<Box<Instrumentation>>,
    /// When the wait is to end, if its caller knows.
    pub(crate) deadline: Option<Instant>,
    /// How often this Poll waited.
    pub(crate) polls: u64,
    /// How many events it delivered.
    pub(crate) events: u64,
}

impl Poller {
    /// Waits until there is an event or `timeout` is over.
    #[inline]
    pub(crate) fn poll(
        &mut self,
        shared: &Shared,
        events: &mut Events,
        timeout: Option<Duration>,
    ) -> io::Result<()> {
        events.clear();
        if events.capacity() == 0 {
            return Err(error::events_without_room());
        }
        let features = shared.queue.features();
        let result = if features.is_empty() {
            self.poll_backend(shared, events, timeout)
        } else if features.contains(Features::INSTRUMENTATION) {
            self.poll_instrumented(shared, events, timeout)
        } else {
            self.polls += 1;
            self.poll_parked(shared, events, timeout, &mut Backend)
        };
        self.events += events.len() as u64;
        result
    }

    /// Waits for the kernel's sources alone: no source of this process exists.
    #[inline]
    fn poll_backend(
        &mut self,
        shared: &Shared,
        events: &mut Events,
        timeout: Option<Duration>,
    ) -> io::Result<()> {
        self.polls += 1;
        let found = shared.selector.wait(&mut self.scratch, events.room(usize::MAX), timeout);
        let woken = found.as_ref().is_ok_and(|found| found.woken);
        events.fill(found?.count);
        if !woken || !events.is_empty() {
            return Ok(());
        }
        self.poll_anew(shared, events, timeout)
    }

    /// Waits again: the first source of this process was made meanwhile, and woke the wait.
    /// That happens once in the life of a Poll. No clock was read, so without a deadline the
    /// timeout begins anew.
    #[cold]
    fn poll_anew(
        &mut self,
        shared: &Shared,
        events: &mut Events,
        timeout: Option<Duration>,
    ) -> io::Result<()> {
        let left = self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        self.poll_parked(shared, events, left.or(timeout), &mut Backend)
    }

    /// Waits, and does what there is to do around it.
    #[cold]
    fn poll_instrumented(
        &mut self,
        shared: &Shared,
        events: &mut Events,
        timeout: Option<Duration>,
    ) -> io::Result<()> {
        self.begin_wait()?;
        // A copy: the waits below need the whole poller.
        let mut spin = self.instrumentation.as_ref().map(|instrumentation| instrumentation.spin);
        let mut wait = |timeout, events: &mut Events| {
            events.clear();
            self.polls += 1;
            self.poll_parked(shared, events, timeout, &mut Backend)
        };
        let result = match &mut spin {
            Some(spin) => spin.poll(events, timeout, wait),
            None => wait(timeout, events),
        };
        if let (Some(instrumentation), Some(spin)) = (&mut self.instrumentation, spin) {
            instrumentation.spin = spin;
        }
        self.end_wait(events, timeout);
        result
    }

    /// Waits in `parker`, and does what there is to do around it, but for spinning, which
    /// would be the parker's.
    pub(crate) fn poll_with(
        &mut self,
        shared: &Shared,
        events: &mut Events,
        timeout: Option<Duration>,
        parker: &mut dyn Park,
    ) -> io::Result<()> {
        events.clear();
        if events.capacity() == 0 {
            return Err(error::events_without_room());
        }
        self.polls += 1;
        self.begin_wait()?;
        let result = self.poll_parked(shared, events, timeout, parker);
        self.end_wait(events, timeout);
        self.events += events.len() as u64;
        result
    }

    fn begin_wait(&mut self) -> io::Result<()> {
        self.instrumentation.as_mut().map_or(Ok(()), |instrumentation| instrumentation.begin_wait())
    }

    fn end_wait(&mut self, events: &Events, timeout: Option<Duration>) {
        if let Some(instrumentation) = &mut self.instrumentation {
            instrumentation.end_wait(events, timeout);
        }
    }

    /// Waits by passes that sleep in `parker`.
    #[inline(never)]
    fn poll_parked<P: Park + ?Sized>(
        &mut self,
        shared: &Shared,
        events: &mut Events,
        timeout: Option<Duration>,
        parker: &mut P,
    ) -> io::Result<()> {
        let Poller { scratch, turns, .. } = self;
        let mut pass = Pass { queue: &shared.queue, timers: &shared.timers, turns };
        pass.wait(events, timeout, &mut Sleep { shared, scratch, parker })
    }
}

/// The kernel of a Poll, by way of a parker.
struct Sleep<'a, P: ?Sized> {
    shared: &'a Shared,
    scratch: &'a mut Scratch,
    parker: &'a mut P,
}

impl<P: Park + ?Sized> Kernel for Sleep<'_, P> {
    #[inline(always)]
    fn park(&mut self, events: &mut Events, parking: Parking) -> io::Result<bool> {
        let mut harvest = Harvest::new(&self.shared.selector, self.scratch, events, parking.room);
        self.parker.park(&mut harvest, parking.timeout)
    }

    fn signal(&self) -> io::Result<()> {
        self.shared.signal()
    }
}
