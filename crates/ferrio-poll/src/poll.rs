//! Waiting for readiness.

use std::fmt;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::builder::Builder;
use crate::capabilities::Capabilities;
use crate::event::Events;
use crate::late_signal::LateSignal;
use crate::queue::Cursor;
use crate::registry::Registry;
use crate::shared::Shared;
use crate::stats::Stats;
use crate::sys;
use crate::sys::backend::Backend;
use crate::sys::selector::Scratch;

/// Waits until registered sources are ready.
///
/// The pattern of a program: make a Poll, register sources with its
/// [`Registry`], each with a [`Token`](crate::Token), wait, and serve what the
/// events name. A chapter of the book walks through it: [`crate::guide`].
///
/// # Behaviour
///
/// Events are edge-triggered; see [`Registry::register`]. A Poll is used by one
/// thread at a time, its registries and wakers by any number.
///
/// Dropping a Poll ends its registrations. Sources survive it but belong to no
/// Poll then; wakers survive it and wake nobody.
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
/// # fn main() -> std::io::Result<()> {
/// use ferrio_poll::net::{TcpListener, TcpStream};
/// use ferrio_poll::{Events, Interest, Poll, Token};
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
pub struct Poll {
    /// What the registries and wakers share with this Poll.
    registry: Registry,
    /// Memory for the waits.
    scratch: Scratch,
    /// Where the next drain of the queue begins.
    cursor: Cursor,
    /// With room for one event and both sides ready: true if it is the queue's turn.
    queue_turn: bool,
    /// Whether a signal may come for what was given out already.
    late_signal: LateSignal,
    /// How often this Poll waited.
    polls: u64,
    /// How many events it handed out.
    events: u64,
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
    /// `None` waits for ever; zero looks once and does not wait. A timeout is never
    /// cut short by rounding, but the wait may end early with no events. `events` is
    /// cleared first and gets at most its capacity; the rest comes with the next poll.
    ///
    /// # Errors
    ///
    /// [`Interrupted`](io::ErrorKind::Interrupted) if a signal handler ran and
    /// nothing was ready; poll again, or use [`wait`](Poll::wait), which does.
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) if `events` has no capacity; with
    /// [`Poll2`](Backend::Poll2) also while the limit of open descriptors
    /// (`RLIMIT_NOFILE`) is lower than the number of registered sources. There are no
    /// others.
    pub fn poll(&mut self, events: &mut Events, timeout: Option<Duration>) -> io::Result<()> {
        events.clear();
        if events.capacity() == 0 {
            return Err(no_room());
        }
        let result = if self.registry.shared().queue.is_used() {
            self.poll_all(events, timeout)
        } else {
            self.poll_kernel(events, timeout)
        };
        self.events += events.len() as u64;
        result
    }

    /// Waits like [`poll`](Poll::poll), but goes on with the remaining time when a
    /// signal interrupts it or the wait ends early, and returns the number of events.
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
    /// events. One that has passed looks once and does not wait.
    ///
    /// # Errors
    ///
    /// Those of [`poll`](Poll::poll) but `Interrupted`.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// use std::time::{Duration, Instant};
    /// use ferrio_poll::{Events, Poll};
    ///
    /// let mut poll = Poll::new()?;
    /// let mut events = Events::with_capacity(8);
    /// let deadline = Instant::now() + Duration::from_micros(200);
    /// assert_eq!(poll.poll_until(&mut events, deadline)?, 0);
    /// assert!(Instant::now() >= deadline);
    /// # Ok(())
    /// # }
    /// ```
    pub fn poll_until(&mut self, events: &mut Events, deadline: Instant) -> io::Result<usize> {
        self.wait_to(events, Some(deadline))
    }

    fn wait_to(&mut self, events: &mut Events, deadline: Option<Instant>) -> io::Result<usize> {
        loop {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            match self.poll(events, left) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
                Ok(()) if events.is_empty() && left != Some(Duration::ZERO) => {}
                Ok(()) => return Ok(events.len()),
            }
        }
    }

    /// Where sources are registered.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// What this Poll has done since it was made.
    pub fn stats(&self) -> Stats {
        let shared = self.registry.shared();
        Stats {
            polls: self.polls,
            events: self.events,
            wakes: shared.wakes.load(Ordering::Relaxed),
            wake_syscalls: shared.wake_syscalls.load(Ordering::Relaxed),
        }
    }

    /// What the backend of this Poll can do.
    pub fn capabilities(&self) -> Capabilities {
        self.registry.shared().selector.capabilities()
    }

    /// The backend of this Poll.
    pub fn backend(&self) -> Backend {
        self.registry.shared().backend
    }

    /// Waits for the kernel's sources alone.
    #[inline]
    fn poll_kernel(&mut self, events: &mut Events, timeout: Option<Duration>) -> io::Result<()> {
        let result = self.select(events, usize::MAX, timeout);
        // The first in-process source may have been made meanwhile.
        if self.registry.shared().queue.is_used() {
            return self.finish_first(result, events);
        }
        result.map(drop)
    }

    /// Waits for the kernel's and the in-process sources, again if the Poll was woken
    /// for what it has given out already.
    #[inline(never)]
    fn poll_all(&mut self, events: &mut Events, timeout: Option<Duration>) -> io::Result<()> {
        let is_embedded = self.registry.shared().queue.is_embedded();
        let deadline = self.late_signal.deadline(timeout, is_embedded);
        let mut left = timeout;
        loop {
            let queue = &self.registry.shared().queue;
            let is_look = left == Some(Duration::ZERO);
            let queued = if is_look { queue.has_queued() } else { queue.fall_asleep() };
            let result =
                if queued { self.select_beside_queue(events) } else { self.select(events, usize::MAX, left) };
            let woken = self.finish(result, events)?;
            // Woken, but for nothing; or what was queued is gone, and no time has passed.
            if !events.is_empty() || !(woken || queued) {
                return Ok(());
            }
            left = match (timeout, deadline) {
                (Some(_), Some(deadline)) => Some(deadline.saturating_duration_since(Instant::now())),
                (Some(_), None) if !queued => return Ok(()),
                _ => timeout,
            };
        }
    }

    /// A look at the kernel's sources that leaves room for what is queued.
    #[cold]
    fn select_beside_queue(&mut self, events: &mut Events) -> io::Result<bool> {
        match kernel_share(events.capacity(), &mut self.queue_turn) {
            0 => Ok(false),
            share => self.select(events, share, Some(Duration::ZERO)),
        }
    }

    /// Asks the kernel for at most `limit` events. True if it was woken.
    #[inline(always)]
    fn select(&mut self, events: &mut Events, limit: usize, timeout: Option<Duration>) -> io::Result<bool> {
        self.polls += 1;
        let selector = &self.registry.shared().selector;
        let selected = selector.select(&mut self.scratch, events.room(limit), timeout)?;
        events.grow(selected.count);
        Ok(selected.woken)
    }

    /// Ends a wait during which the first in-process source was made.
    #[cold]
    fn finish_first(&mut self, result: io::Result<bool>, events: &mut Events) -> io::Result<()> {
        self.finish(result, events).map(drop)
    }

    /// Adds what is queued to what the kernel gave. True if the Poll was woken.
    #[inline(always)]
    fn finish(&mut self, result: io::Result<bool>, events: &mut Events) -> io::Result<bool> {
        let shared = self.registry.shared();
        let announced = shared.queue.wake_up();
        self.late_signal.note(announced, matches!(result, Ok(true)));
        let room = events.capacity() - events.len();
        let give = |token| events.push(sys::event::readable(token));
        shared.queue.drain(&mut self.cursor, room, give, || shared.signal())?;
        match result {
            // What is queued need not wait until the signal was dealt with.
            Err(_) if !events.is_empty() => Ok(false),
            result => result,
        }
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
        let shared = Arc::new(Shared::new(self.backend.available()?)?);
        Ok(Poll {
            registry: Registry::new(shared),
            scratch: Scratch::default(),
            cursor: Cursor::default(),
            queue_turn: false,
            late_signal: LateSignal::default(),
            polls: 0,
            events: 0,
        })
    }
}

impl AsFd for Poll {
    /// The descriptor of this Poll, by which it can sit inside another event loop:
    /// it is readable while there is something to report.
    ///
    /// From the first call on, a wake signals the descriptor also while this Poll is
    /// awake. See [`Capabilities::embeddable`] for a backend that cannot do this.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.registry.as_fd()
    }
}

impl AsRawFd for Poll {
    fn as_raw_fd(&self) -> RawFd {
        self.as_fd().as_raw_fd()
    }
}

impl fmt::Debug for Poll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Poll").field("backend", &self.backend()).finish_non_exhaustive()
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
