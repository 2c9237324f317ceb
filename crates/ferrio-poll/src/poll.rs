//! Waiting for readiness.

pub(crate) mod builder;
pub mod park;
pub(crate) mod stats;
pub(crate) mod timing;

mod instrumentation;
#[cfg(all(test, ferrio_loom))]
mod models;
mod pass;
mod poller;
mod spin;
mod stopwatch;
#[cfg(all(test, not(ferrio_loom)))]
mod tests;

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::event::Events;
use crate::poll::builder::Builder;
use crate::poll::park::{Nudge, Park};
use crate::poll::poller::Poller;
use crate::poll::stats::Stats;
use crate::poll::timing::Timing;
use crate::queue::Features;
use crate::registry::Registry;
use crate::registry::shared::Shared;
use crate::sys::backend::Backend;
use crate::sys::capabilities::Capabilities;

/// Waits until registered sources are ready.
///
/// The pattern of a program: make a Poll, register sources with its
/// [`Registry`], each with a [`Token`](crate::Token), wait, and serve what the
/// events name. The chapter "getting started" of the book, in the
/// crate `ferrio`, walks through it.
///
/// # Behaviour
///
/// Events are edge-triggered unless a source is registered with another
/// [`Mode`](crate::Mode); see [`Registry::register`]. A Poll is used by one
/// thread at a time, its registries and wakers by any number.
///
/// Dropping a Poll ends its registrations. Sources survive it but belong to no
/// Poll then; wakers survive it and do nothing. Its descriptors are closed once the last
/// waker, timer, user source, channel and `FdSource` that was
/// registered with it is gone too.
///
/// # Implementation notes
///
/// | backend | wait | registrations |
/// |---|---|---|
/// | [`Epoll`](Backend::Epoll) | epoll_pwait(2), epoll_pwait2(2) for fine timeouts | epoll_ctl(2), at once |
/// | [`Poll2`](Backend::Poll2) | ppoll(2) | a table in this process |
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use ferrio::net::{TcpListener, TcpStream};
/// use ferrio::{Events, Interest, Poll, Token};
///
/// let mut poll = Poll::new()?;
/// let mut events = Events::with_capacity(64);
///
/// let mut listener = TcpListener::bind("127.0.0.1:0".parse().unwrap())?;
/// poll.registry().register(&mut listener, Token(0), Interest::READABLE)?;
/// let mut client = TcpStream::connect(listener.local_addr()?)?;
/// poll.registry().register(&mut client, Token(1), Interest::WRITABLE)?;
///
/// let (mut accepted, mut connected) = (false, false);
/// while !(accepted && connected) {
///     poll.poll(&mut events, None)?;
///     for event in &events {
///         match event.token() {
///             Token(0) => accepted = listener.accept().is_ok(),
///             Token(1) => connected = client.peer_addr().is_ok(),
///             other => unreachable!("{other:?} was never registered"),
///         }
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[doc(alias = "Selector")]
#[doc(alias = "EventLoop")]
#[doc(alias = "Poller")]
#[doc(alias = "epoll")]
#[doc(alias = "kqueue")]
pub struct Poll {
    /// What the registries and wakers share with this Poll.
    registry: Registry,
    /// What only this Poll has. In a box, for some programs pass a Poll on by value.
    poller: Box<Poller>,
}

impl Poll {
    /// A Poll with the default settings.
    ///
    /// # Errors
    ///
    /// What the system says: `EMFILE` if this process has no descriptor left,
    /// `ENFILE` if the system has none.
    pub fn new() -> io::Result<Poll> {
        Poll::builder().build()
    }

    /// The settings of a new Poll, to be changed before it is made.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Waits until a source is ready or `timeout` is over, and fills `events`.
    ///
    /// `None` waits for ever; zero looks once and does not wait. The wait ends with no events
    /// only when its time is over, never before. `events` is
    /// cleared first and gets at most its capacity; the rest comes with the next poll.
    ///
    /// # Errors
    ///
    /// [`Interrupted`](io::ErrorKind::Interrupted) if nothing was ready, and a signal
    /// handler ran or the process was stopped and continued (`SIGSTOP`, a debugger); poll
    /// again, or use [`wait`](Poll::wait), which does.
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) if `events` has no capacity; with
    /// [`Poll2`](Backend::Poll2) also while the limit of open descriptors
    /// (`RLIMIT_NOFILE`) is lower than the number of registered sources.
    /// [`Unsupported`](io::ErrorKind::Unsupported) in a forked process, if the Poll was built
    /// with [`forbid_fork`](Builder::forbid_fork); on WASI, where no other thread could wake it,
    /// also for a wait without a timeout that no source and no timer can end. There are no
    /// others.
    ///
    /// # Implementation notes
    ///
    /// The clock is read only for a finite timeout, and only if the Poll has wakers, timers or
    /// other sources of this process. So when the first of them is made by another thread
    /// during a wait and ends it, the timeout begins anew, once in the life of a Poll;
    /// [`wait`](Poll::wait) and [`poll_until`](Poll::poll_until) keep their deadline even then.
    /// Where epoll_pwait2(2) is missing or denied, a timeout above 24 days is cut to that.
    pub fn poll(&mut self, events: &mut Events, timeout: Option<Duration>) -> io::Result<()> {
        self.poller.poll(self.registry.shared(), events, timeout)
    }

    /// Waits like [`poll`](Poll::poll), but goes on with the remaining time when a
    /// signal interrupts it, and returns the number of events.
    ///
    /// # Errors
    ///
    /// Those of [`poll`](Poll::poll) but `Interrupted`.
    pub fn wait(&mut self, events: &mut Events, timeout: Option<Duration>) -> io::Result<usize> {
        // A deadline that no clock can show is as good as none.
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        self.wait_to(events, deadline)
    }

    /// Waits until a source is ready or `deadline` has come, and returns the number of
    /// events. A deadline that has passed looks once and does not wait; `None` waits for
    /// ever, so that the earliest of several optional deadlines can be given as it is.
    ///
    /// # Errors
    ///
    /// Those of [`poll`](Poll::poll) but `Interrupted`.
    ///
    /// # Examples
    ///
    /// ```
    /// # extern crate ferrio_poll as ferrio;
    /// # fn main() -> std::io::Result<()> {
    /// use std::time::{Duration, Instant};
    /// use ferrio::{Events, Poll};
    ///
    /// let mut poll = Poll::new()?;
    /// let mut events = Events::with_capacity(8);
    /// let deadline = Instant::now() + Duration::from_micros(200);
    /// assert_eq!(poll.poll_until(&mut events, deadline)?, 0);
    /// assert!(Instant::now() >= deadline);
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "wait_deadline")]
    pub fn poll_until(
        &mut self,
        events: &mut Events,
        deadline: impl Into<Option<Instant>>,
    ) -> io::Result<usize> {
        self.wait_to(events, deadline.into())
    }

    /// Waits like [`poll`](Poll::poll), but sleeps in `parker` instead of the backend.
    ///
    /// # Errors
    ///
    /// Those of [`poll`](Poll::poll), and those of the parker.
    #[doc(hidden)]
    pub fn poll_parked(
        &mut self,
        events: &mut Events,
        timeout: Option<Duration>,
        parker: &mut dyn Park,
    ) -> io::Result<()> {
        self.poller.poll_with(self.registry.shared(), events, timeout, parker)
    }

    fn wait_to(&mut self, events: &mut Events, deadline: Option<Instant>) -> io::Result<usize> {
        self.poller.deadline = deadline;
        let result = loop {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            match self.poll(events, left) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result.map(|()| events.len()),
            }
        };
        self.poller.deadline = None;
        result
    }

    /// The time at which this Poll has to be polled for the first of its
    /// [`Timer`](crate::time::Timer)s; `None` if none is set.
    ///
    /// This is for a loop that waits on the descriptor of this Poll (`AsFd`), which timers do
    /// not make readable. Such a loop polls this Poll at that time at the latest, and asks anew
    /// after each poll. A timer that another thread sets earlier makes the descriptor readable.
    /// It may be that nothing is due yet when the time has come.
    pub fn next_deadline(&self) -> Option<Instant> {
        let shared = self.registry.shared();
        shared.timers.next_deadline(shared.queue.is_embedded())
    }

    /// A handle that ends a park of this Poll without an event.
    ///
    /// # Errors
    ///
    /// `Unsupported` in a forked process, if the Poll forbids that.
    #[doc(hidden)]
    pub fn nudge(&self) -> io::Result<Nudge> {
        let shared = self.registry.shared();
        shared.check_process()?;
        Ok(Nudge::new(shared))
    }

    /// Where sources are registered.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// What this Poll has done since it was made.
    pub fn stats(&self) -> Stats {
        let shared = self.registry.shared();
        let wake_syscalls = shared.wakes_signalled.load(Ordering::Relaxed);
        Stats {
            polls: self.poller.polls,
            events: self.poller.events,
            wakes: shared.wakes_silent.load(Ordering::Relaxed) + wake_syscalls,
            wake_syscalls,
        }
    }

    /// What the loop has done with its time, for a Poll built with
    /// [`timing`](Builder::timing) or [`on_stall`](Builder::on_stall).
    pub fn timing(&self) -> Option<&Timing> {
        self.poller.instrumentation.as_ref()?.timing()
    }

    /// What the backend of this Poll can do.
    pub fn capabilities(&self) -> Capabilities {
        self.registry.shared().selector.capabilities()
    }

    /// The backend of this Poll.
    pub fn backend(&self) -> Backend {
        self.registry.shared().backend
    }
}

impl Builder {
    /// Makes the Poll.
    ///
    /// # Errors
    ///
    /// `Unsupported` if the backend is not one of this build. What the system says
    /// otherwise: `EMFILE` if this process has no descriptor left, `ENFILE` if the
    /// system has none, `ENOSYS` or `EPERM` if a sandbox denies the backend.
    pub fn build(self) -> io::Result<Poll> {
        let backend = self.backend.available()?;
        let instrumentation = self.instrumentation()?;
        let shared = Arc::new(Shared::new(backend, instrumentation.fork_guard)?);
        let mut poller = Box::<Poller>::default();
        if instrumentation.is_needed() {
            shared.queue.add_feature(Features::INSTRUMENTATION);
            poller.instrumentation = Some(Box::new(instrumentation));
        }
        Ok(Poll { registry: Registry::new(shared), poller })
    }
}

impl fmt::Debug for Poll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Poll").field("backend", &self.backend()).finish_non_exhaustive()
    }
}
