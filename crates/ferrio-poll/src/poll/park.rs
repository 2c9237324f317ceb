//! Where a Poll sleeps.
//!
//! Usually it sleeps in its backend. A completion ring, an outer loop or a simulator has to
//! sleep elsewhere, and still the Poll's sources, wakers and timers go on as they are: such a
//! sleeper implements [`Park`]. None of this is part of the documented interface.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::event::Events;
use crate::registry::shared::Shared;
use crate::sys::event::Event;
use crate::sys::fork;
use crate::sys::selected::Selected;
use crate::sys::selector::{Scratch, Selector};

/// Sleeps in place of the backend of a Poll.
pub trait Park {
    /// Sleeps until the Poll's backend has something to report, until the Poll is woken,
    /// until `timeout` is over, or until the parker has something of its own.
    ///
    /// What the backend has is fetched by [`Harvest::look`] or [`Harvest::wait`]; a wake is
    /// heard by either, and then shown by [`Harvest::is_woken`]. True ends the wait of the Poll,
    /// with events or without.
    ///
    /// # Errors
    ///
    /// Whatever ends the wait, as `Interrupted` does. Events that were harvested before are
    /// delivered first.
    fn park(&mut self, harvest: &mut Harvest<'_>, timeout: Option<Duration>) -> io::Result<bool>;
}

/// The backend of a Poll, in the hands of its parker.
#[derive(Debug)]
pub struct Harvest<'a> {
    selector: &'a Selector,
    scratch: &'a mut Scratch,
    events: &'a mut Events,
    /// How many events it may give.
    room: usize,
    /// True once a wake was heard.
    is_woken: bool,
}

impl<'a> Harvest<'a> {
    #[inline]
    pub(crate) fn new(
        selector: &'a Selector,
        scratch: &'a mut Scratch,
        events: &'a mut Events,
        room: usize,
    ) -> Harvest<'a> {
        Harvest { selector, scratch, events, room, is_woken: false }
    }

    /// Fetches what the backend has, without waiting; the number of events.
    ///
    /// # Errors
    ///
    /// As [`wait`](Harvest::wait).
    pub fn look(&mut self) -> io::Result<usize> {
        self.wait(Some(Duration::ZERO))
    }

    /// Waits until the backend has something, the Poll is woken, or `timeout` is over; the
    /// number of events. Once it has given some it gives no others in this park, and does not
    /// wait: a level would come twice. Once a wake was heard it only looks.
    ///
    /// # Errors
    ///
    /// `Interrupted` if a signal handler ran and nothing was ready.
    #[inline(always)]
    pub fn wait(&mut self, timeout: Option<Duration>) -> io::Result<usize> {
        self.wait_by(timeout, |selector, scratch, events, timeout| selector.wait(scratch, events, timeout))
    }

    /// Waits by `wait`, if there is room for events.
    #[inline(always)]
    pub(crate) fn wait_by(
        &mut self,
        timeout: Option<Duration>,
        wait: impl FnOnce(&Selector, &mut Scratch, &mut [Event], Option<Duration>) -> io::Result<Selected>,
    ) -> io::Result<usize> {
        if self.room() == 0 {
            return Ok(0);
        }
        // The signal of a wake was used up by the call that has heard it.
        let timeout = if self.is_woken { Some(Duration::ZERO) } else { timeout };
        let found = wait(self.selector, self.scratch, self.events.room(self.room), timeout)?;
        self.is_woken |= found.woken;
        self.events.fill(found.count);
        Ok(found.count)
    }

    /// Looks, by `look`, for what is no event of the backend; it says whether it heard a wake.
    #[allow(dead_code, reason = "elsewhere such a look passes the selector by")]
    pub(crate) fn look_aside(
        &mut self,
        look: impl FnOnce(&Selector, &mut Scratch) -> io::Result<bool>,
    ) -> io::Result<()> {
        self.is_woken |= look(self.selector, self.scratch)?;
        Ok(())
    }

    /// How many events the backend may still give: zero while the queue of the Poll has its
    /// turn, and once there are some.
    #[inline]
    pub fn room(&self) -> usize {
        if self.events.is_empty() { self.room } else { 0 }
    }

    /// True once the Poll was woken in this park. Then the parker is not to sleep: what woke it is
    /// found after the park, and nothing signals it again.
    #[inline]
    pub fn is_woken(&self) -> bool {
        self.is_woken
    }

    #[allow(dead_code, reason = "a Poll has a descriptor on Unix alone")]
    pub(crate) fn selector(&self) -> &Selector {
        self.selector
    }
}

/// Sleeps in the backend.
#[derive(Debug)]
pub(crate) struct Backend;

impl Park for Backend {
    #[inline(always)]
    fn park(&mut self, harvest: &mut Harvest<'_>, timeout: Option<Duration>) -> io::Result<bool> {
        harvest.wait(timeout).map(|_| false)
    }
}

/// Has forks of this process counted from now on.
///
/// # Errors
///
/// Those of pthread_atfork(3): want of memory.
pub fn watch_forks() -> io::Result<()> {
    fork::watch()
}

/// How often this process was forked off since forks are counted: a parker whose state is in the
/// kernel compares it before it touches that.
#[inline]
pub fn forks() -> usize {
    fork::generation()
}

/// Ends a park of a Poll, without an event. Made by
/// [`Poll::nudge`](crate::Poll::nudge).
#[derive(Clone, Debug)]
pub struct Nudge {
    slot: Arc<Slot>,
}

/// A silent slot of the queue: a wake of it ends the sleep, and no event comes of it.
#[derive(Debug)]
struct Slot {
    shared: Arc<Shared>,
    index: usize,
}

impl Nudge {
    pub(crate) fn new(shared: &Arc<Shared>) -> Nudge {
        let shared = Arc::clone(shared);
        let index = shared.queue.insert_silent();
        Nudge { slot: Arc::new(Slot { shared, index }) }
    }

    /// Ends the park of the Poll, or else the next one. Takes no lock and allocates nothing.
    ///
    /// # Errors
    ///
    /// None are known.
    pub fn nudge(&self) -> io::Result<()> {
        self.slot.shared.wake(self.slot.index).map(drop)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.shared.queue.discard(self.index);
    }
}
