//! What a Poll, its registries and its wakers share.

use std::io;
use std::os::fd::BorrowedFd;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::fork_guard::ForkGuard;
use crate::queue::Queue;
use crate::sys::backend::Backend;
use crate::sys::selector::Selector;
use crate::timers::Timers;
use crate::token::Token;

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
    /// How many wakes were silent. Each wake counts in one of the two: a locked addition
    /// is a good part of what a silent one costs.
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

    /// Makes a slot in the queue whose events carry `token`.
    pub(crate) fn open_slot(&self, token: Token) -> io::Result<usize> {
        self.check_process()?;
        // Before the slot exists: its first wake must reach a Poll that is asleep.
        self.selector.open_wake()?;
        Ok(self.queue.insert(token))
    }

    /// Makes a slot in the queue whose events are not given out yet.
    pub(crate) fn open_resting_slot(&self) -> io::Result<usize> {
        self.check_process()?;
        self.selector.open_wake()?;
        Ok(self.queue.insert_resting())
    }

    /// Makes `slot` ready and ends the wait if there is one to end.
    pub(crate) fn wake(&self, slot: usize) -> io::Result<()> {
        let mut count = &self.wakes_silent;
        let result = self.queue.wake(slot, || {
            count = &self.wakes_signalled;
            self.signal()
        });
        count.fetch_add(1, Ordering::Relaxed);
        result
    }

    /// The same, without a count: it is of wakers, and a third of what this costs.
    pub(crate) fn rouse(&self, slot: usize) -> io::Result<()> {
        self.queue.wake(slot, || self.signal())
    }

    /// Ends the current wait, or else the next.
    pub(crate) fn signal(&self) -> io::Result<()> {
        self.selector.signal()
    }

    /// Hands out the descriptor that another loop may wait on. From then on every
    /// wake of an empty queue signals it.
    pub(crate) fn hand_out(&self) -> BorrowedFd<'_> {
        // Without a wake descriptor nothing can be queued, and it fails in no other
        // way that a caller could do something about.
        if !self.queue.is_embedded() {
            let _ = self.queue.embed(|| self.signal());
            self.timers.hand_out();
        }
        self.selector.descriptor()
    }
}
