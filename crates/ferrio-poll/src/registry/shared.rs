//! What a Poll, its registries and its wakers share.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64};

use crate::queue::Queue;
use crate::registry::fork_guard::ForkGuard;
use crate::sys::backend::Backend;
use crate::sys::selector::Selector;
use crate::timers::Timers;

/// What a Poll, its registries and its wakers share. Lives as long as any of them.
#[derive(Debug)]
pub(crate) struct Shared {
    /// Waits for the kernel's sources.
    pub(crate) selector: Selector,
    /// Holds what is ready of the sources in this process.
    pub(crate) queue: Queue,
    /// Knows when the timers among them are due.
    pub(crate) timers: Timers,
    /// Which kernel interface the selector uses.
    pub(crate) backend: Backend,
    /// Refuses registrations after a fork.
    pub(crate) fork_guard: Option<ForkGuard>,
    /// How many wakes needed no system call. Each wake of a waker counts in one of the two: a
    /// locked addition is a good part of what such a wake costs.
    pub(crate) wakes_silent: AtomicU64,
    /// How many signalled the wake descriptor.
    pub(crate) wakes_signalled: AtomicU64,
    /// True once the only waker that mio allows was made; see
    /// [`Registry::claim_only_waker`](crate::Registry::claim_only_waker).
    pub(crate) only_waker: AtomicBool,
}

impl Shared {
    pub(crate) fn new(backend: Backend, fork_guard: Option<ForkGuard>) -> io::Result<Shared> {
        Ok(Shared {
            selector: Selector::new(backend)?,
            queue: Queue::new(),
            timers: Timers::new(),
            backend,
            fork_guard,
            wakes_silent: AtomicU64::new(0),
            wakes_signalled: AtomicU64::new(0),
            only_waker: AtomicBool::new(false),
        })
    }

    /// Makes sure that this process may register something.
    #[inline]
    pub(crate) fn check_process(&self) -> io::Result<()> {
        self.fork_guard.map_or(Ok(()), |guard| guard.check())
    }

    /// Makes `slot` ready, and ends the wait if there is one to end. True if that took a
    /// signal.
    #[inline]
    pub(crate) fn wake(&self, slot: usize) -> io::Result<bool> {
        self.queue.wake(slot, || self.signal())
    }

    /// Ends the current wait, or else the next.
    pub(crate) fn signal(&self) -> io::Result<()> {
        self.selector.signal()
    }

    /// Prepares for another loop that sleeps in place of the poller: from now on each wake
    /// of an empty queue signals.
    #[allow(dead_code, reason = "a Poll has a descriptor on Unix alone")]
    pub(crate) fn embed(&self) {
        if !self.queue.is_embedded() {
            // What is queued by now is signalled. That fails only where the wake descriptor
            // is unusable, which no caller could mend.
            let _ = self.queue.embed(|| self.signal());
            self.timers.embed();
        }
    }
}
