//! Connecting to a peer with several addresses.

mod attempts;
mod race;

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::error;
use crate::interest::Interest;
use crate::net::connector::attempts::Attempts;
use crate::net::connector::race::{Race, Step};
use crate::net::socket_builder::SocketBuilder;
use crate::net::tcp_stream::TcpStream;
use crate::registry::{Registry, Source, check_paced};
use crate::time::Timer;
use crate::token::Token;

/// A TCP connection that is being made, to the first of several addresses that answers.
///
/// A name stands for addresses of IPv6 and of IPv4, and not every network reaches both. So the
/// connector begins with the first address, and with the next one when that has not answered
/// for 250 ms or has failed, while the earlier attempts go on; the versions of IP take turns. The
/// first connection wins, and the others are closed.
///
/// Register it as `WRITABLE`, which begins; on each event call [`advance`](Connector::advance). The
/// stream that it gives is not registered. Deregistering leaves the attempts as they are, and
/// dropping the connector ends them. An attempt that cannot be registered, or no longer, has failed
/// by that error, and the others go on: a registration of the connector is whole or none.
///
/// Addresses are looked up by the program, for example by `ToSocketAddrs` of std, which blocks.
///
/// # Implementation notes
///
/// The attempts follow section 5 of RFC 8305. A [`Timer`] beside the streams, with the same token,
/// begins the next one.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use std::net::ToSocketAddrs;
/// use std::time::Duration;
/// use ferrio::net::Connector;
/// use ferrio::{Events, Interest, Poll, Token};
///
/// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
/// # let port = listener.local_addr()?.port();
/// let mut poll = Poll::new()?;
/// let mut events = Events::with_capacity(8);
/// let addresses = ("localhost", port).to_socket_addrs()?;
/// let mut connector = Connector::new(addresses).timeout(Duration::from_secs(5));
/// poll.registry().register(&mut connector, Token(0), Interest::WRITABLE)?;
/// let stream = loop {
///     poll.wait(&mut events, None)?;
///     if let Some(stream) = connector.advance()? {
///         break stream;
///     }
/// };
/// assert_eq!(stream.peer_addr()?.port(), port);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Connector {
    builder: SocketBuilder,
    race: Race,
    attempts: Attempts<TcpStream>,
    timeout: Option<Duration>,
    /// Tells when to look although there is no event.
    timer: Timer,
    /// Where the attempts are registered.
    registration: Option<(Registry, Token)>,
    has_begun: bool,
    /// True once there was an outcome.
    is_over: bool,
}

impl Connector {
    /// Connects to one of `addresses`, the first that answers.
    pub fn new(addresses: impl IntoIterator<Item = SocketAddr>) -> Connector {
        Connector {
            builder: SocketBuilder::new(),
            race: Race::new(addresses),
            attempts: Attempts::new(),
            timeout: None,
            timer: Timer::new(),
            registration: None,
            has_begun: false,
            is_over: false,
        }
    }

    /// Makes the sockets by `builder`, with its options.
    #[must_use]
    pub fn builder(mut self, builder: SocketBuilder) -> Connector {
        self.builder = builder;
        self
    }

    /// Begins with the next address when the last one has not answered for `delay`. RFC 8305
    /// advises against less than 100 ms, as a server that is merely far away is then connected to
    /// twice.
    #[must_use]
    pub fn attempt_delay(mut self, delay: Duration) -> Connector {
        self.race.set_delay(delay);
        self
    }

    /// Fails if there is no connection within `time` of the registration. Without this call
    /// the system decides when an attempt has failed, on Linux after about two minutes.
    #[must_use]
    pub fn timeout(mut self, time: Duration) -> Connector {
        self.timeout = Some(time);
        self
    }

    /// Looks at what has happened; the connection, once there is one. `None` if an event will say
    /// when to call it again.
    ///
    /// # Errors
    ///
    /// `TimedOut` after the [`timeout`](Connector::timeout), `InvalidInput` if there were no addresses,
    /// otherwise that of the last address that has failed, when all of them have; the text names
    /// each address with its error. After an outcome of either kind it gives `None`.
    pub fn advance(&mut self) -> io::Result<Option<TcpStream>> {
        self.timer.take();
        if self.is_over {
            return Ok(None);
        }
        let result = self.go_on();
        if !matches!(result, Ok(None)) {
            self.is_over = true;
            self.timer.cancel();
            self.attempts.close();
        }
        result
    }

    fn go_on(&mut self) -> io::Result<Option<TcpStream>> {
        let (connected, failed) = self.attempts.look(TcpStream::finish_connect);
        self.note(failed);
        if let Some(mut stream) = connected {
            if let Some((registry, _)) = &self.registration {
                // If it fails, the stream is registered with nothing that would report it.
                let _ = registry.deregister(&mut stream);
            }
            return Ok(Some(stream));
        }
        let now = Instant::now();
        loop {
            match self.race.step(now) {
                Step::Start(address) => self.start(address),
                Step::Wait(until) => {
                    let timer = until.map(|until| self.timer.set_at(until));
                    return timer.transpose().map(|_| None);
                }
                Step::TimedOut => {
                    let (silent, failures) = (self.attempts.silent(), self.attempts.failures());
                    let timeout = self.timeout.unwrap_or_default();
                    return Err(error::connect_timed_out(silent, failures, timeout));
                }
                Step::Failed => return Err(error::connect_failed(self.attempts.failures())),
            }
        }
    }

    fn start(&mut self, address: SocketAddr) {
        let stream = self.builder.tcp_stream(address).and_then(|mut stream| {
            if let Some((registry, token)) = &self.registration {
                registry.register(&mut stream, *token, Interest::WRITABLE)?;
            }
            Ok(stream)
        });
        let has_begun = self.attempts.add(address, stream);
        self.note(usize::from(!has_begun));
    }

    /// So many attempts have failed.
    fn note(&mut self, failed: usize) {
        (0..failed).for_each(|_| self.race.failed());
    }

    /// Begins with the first address, whose failure is told by `advance`.
    fn begin(&mut self) -> io::Result<()> {
        if !self.has_begun {
            self.has_begun = true;
            let now = Instant::now();
            self.race.set_deadline(self.timeout.and_then(|time| now.checked_add(time)));
            if let Step::Start(address) = self.race.step(now) {
                self.start(address);
            }
        }
        // The next look sets it to the time of the next attempt.
        self.timer.set(Duration::ZERO)
    }
}

impl Source for Connector {
    fn register(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        check(registry, interest)?;
        let clone = registry.try_clone()?;
        // The timer comes first: if it is refused, nothing has changed.
        self.timer.register(registry, token, Interest::READABLE)?;
        self.registration = Some((clone, token));
        let failed = self.attempts.change(|stream| registry.register(stream, token, interest));
        self.note(failed);
        let begun = self.begin();
        // The error of the timer says more than one of taking back.
        begun.or_else(|error| self.deregister(registry).and(Err(error)))
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        check(registry, interest)?;
        let clone = registry.try_clone()?;
        self.timer.reregister(registry, token, Interest::READABLE)?;
        self.registration = Some((clone, token));
        let failed = self.attempts.change(|stream| registry.reregister(stream, token, interest));
        self.note(failed);
        self.begin()
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        self.timer.deregister(registry)?;
        self.registration = None;
        let failed = self.attempts.change(|stream| registry.deregister(stream));
        self.note(failed);
        Ok(())
    }
}

/// A oneshot would not tell of the next address, nor an attempt whose event came for nothing.
fn check(registry: &Registry, interest: Interest) -> io::Result<()> {
    check_paced(registry, interest, Interest::WRITABLE, "a connector")
}
