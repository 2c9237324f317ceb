//! Connecting to a Unix listener whose queue may be full.

use std::io::{self, ErrorKind};
use std::os::unix::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::error;
use crate::interest::Interest;
use crate::net::socket_builder::SocketBuilder;
use crate::net::unix::stream::UnixStream;
use crate::registry::{Registry, Source, check_paced};
use crate::time::Timer;
use crate::token::Token;

/// A connection to a Unix listener that is being made, also if the queue of the listener is full.
///
/// [`UnixStream::connect`] is `WouldBlock` then, and no event tells when there is room. The
/// connector tries again by a timer: after 1 ms, then after twice as long each time, up to 100 ms.
///
/// Register it as `WRITABLE`, and call [`advance`](UnixConnector::advance) on each event. The stream
/// that it gives is not registered.
///
/// # Implementation notes
///
/// connect(2), by a [`Timer`]. On the BSDs and Apple's systems a full queue is
/// `ConnectionRefused`, which is no different there from a listener that is gone, and so an error.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use std::os::unix::net::SocketAddr;
/// use std::time::Duration;
/// use ferrio::net::{UnixConnector, UnixListener};
/// use ferrio::{Events, Interest, Poll, Token};
///
/// # let path = std::env::temp_dir().join(format!("ferrio-doc-connector-{}", std::process::id()));
/// # let _ = std::fs::remove_file(&path);
/// let listener = UnixListener::bind(&path)?;
/// let mut poll = Poll::new()?;
/// let mut events = Events::with_capacity(8);
/// let address = SocketAddr::from_pathname(&path)?;
/// let mut connector = UnixConnector::new(address).timeout(Duration::from_secs(5));
/// poll.registry().register(&mut connector, Token(0), Interest::WRITABLE)?;
/// let stream = loop {
///     poll.wait(&mut events, None)?;
///     if let Some(stream) = connector.advance()? {
///         break stream;
///     }
/// };
/// # drop((stream, listener));
/// # std::fs::remove_file(&path)
/// # }
/// ```
#[derive(Debug)]
pub struct UnixConnector {
    builder: SocketBuilder,
    address: SocketAddr,
    timeout: Option<Duration>,
    timer: Timer,
    /// How long to wait before the next attempt.
    pause: Duration,
    /// Of the first attempt.
    since: Option<Instant>,
    /// True once there was an outcome.
    is_over: bool,
}

impl UnixConnector {
    /// Connects to `address`, which may be an abstract name.
    pub fn new(address: SocketAddr) -> UnixConnector {
        UnixConnector {
            builder: SocketBuilder::new(),
            address,
            timeout: None,
            timer: Timer::new(),
            pause: FIRST_PAUSE,
            since: None,
            is_over: false,
        }
    }

    /// Makes the socket by `builder`, with its options.
    #[must_use]
    pub fn builder(mut self, builder: SocketBuilder) -> UnixConnector {
        self.builder = builder;
        self
    }

    /// Fails if the queue is still full `time` after the first attempt. Without this call it
    /// goes on for ever.
    #[must_use]
    pub fn timeout(mut self, time: Duration) -> UnixConnector {
        self.timeout = Some(time);
        self
    }

    /// Tries, if it is time to; the connection, once there is one. `None` if an event will say when
    /// to call it again.
    ///
    /// # Errors
    ///
    /// `TimedOut` after the [`timeout`](UnixConnector::timeout), and what says that there is no such
    /// listener: `NotFound`, `ConnectionRefused`. After an outcome of either kind it gives `None`.
    pub fn advance(&mut self) -> io::Result<Option<UnixStream>> {
        self.timer.take();
        if self.is_over || self.timer.deadline().is_some() {
            return Ok(None);
        }
        match self.builder.unix_stream(&self.address) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => self.wait(Instant::now()).map(|()| None),
            outcome => {
                self.is_over = true;
                outcome.map(Some)
            }
        }
    }

    fn wait(&mut self, now: Instant) -> io::Result<()> {
        let passed = now.saturating_duration_since(*self.since.get_or_insert(now));
        let left = self.timeout.map(|timeout| timeout.saturating_sub(passed));
        if left.is_some_and(|left| left.is_zero()) {
            self.is_over = true;
            return Err(error::queue_is_full(&self.address, passed));
        }
        let pause = left.map_or(self.pause, |left| self.pause.min(left));
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        self.timer.set(pause)
    }

    /// Has an event come at once, unless the next attempt has its time already.
    fn begin(&self) -> io::Result<()> {
        if self.timer.deadline().is_some() { Ok(()) } else { self.timer.set(Duration::ZERO) }
    }
}

impl Source for UnixConnector {
    fn register(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        check(registry, interest)?;
        self.timer.register(registry, token, Interest::READABLE)?;
        // The first error says more than one of taking back.
        self.begin().or_else(|error| self.timer.deregister(registry).and(Err(error)))
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        check(registry, interest)?;
        self.timer.reregister(registry, token, Interest::READABLE)?;
        self.begin()
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        self.timer.deregister(registry)
    }
}

fn check(registry: &Registry, interest: Interest) -> io::Result<()> {
    check_paced(registry, interest, Interest::WRITABLE, "a connector")
}

const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);
