//! The accept loop, with what makes servers fall in it.

mod shortage;

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::interest::Interest;
use crate::net::accept_error::{AcceptError, accept_error};
use crate::net::acceptor::shortage::Shortage;
use crate::net::tcp_listener::TcpListener;
use crate::net::tcp_stream::TcpStream;
use crate::registry::{Registry, Source, check_paced};
use crate::sys::socket::Reserve;
use crate::time::Timer;
use crate::token::Token;

/// Something that connections are accepted from.
///
/// The listeners of Ferrio are; a program may implement it for its own, such as one that stands
/// for listeners of two kinds.
pub trait Listener: Source {
    /// What is accepted.
    type Stream;
    /// The address of a peer.
    type Address;

    /// Takes a connection from the queue.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is none; else as [`TcpListener::accept`].
    fn accept(&self) -> io::Result<(Self::Stream, Self::Address)>;
}

/// The accept loop of a listener: a source that takes connections in turns, goes on after what
/// is wrong with one of them, and waits when there is no descriptor left.
///
/// On an event, call [`accept`](Acceptor::accept) until it gives `None`. That ends the turn, also
/// if more connections wait: another event comes then, so that a rush of clients does not hold
/// up the others. There is no error to sort. One that is returned means that the listener is of
/// no use any more.
///
/// - What fails for one connection alone is counted, and the next one is accepted.
/// - If descriptors or memory run short, the connections stay in the queue, and it tries again
///   after 10 ms, then after twice as long each time, up to 500 ms. Call
///   [`resume`](Acceptor::resume) when a connection was closed, and it tries at once.
/// - If the shortage lasts, as long as [`refuse_after`](Acceptor::refuse_after) says, it refuses
///   the clients that wait, who would otherwise hang: they are accepted by means of a descriptor
///   in reserve, and closed.
///
/// It is registered as [`Mode::Edge`](crate::Mode), for it keeps its own pace; the other modes are `Unsupported`.
///
/// # Implementation notes
///
/// A [`Timer`] beside the listener, with the same token, ends pauses and begins turns. The
/// descriptor in reserve is one of `/dev/null`; on Windows, where no limit of sockets is known, there
/// is none, and nobody is refused.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use ferrio::net::{Acceptor, TcpListener};
/// use ferrio::{Events, Interest, Poll, Token};
///
/// const LISTENER: Token = Token(0);
///
/// let mut poll = Poll::new()?;
/// let mut events = Events::with_capacity(64);
/// let mut acceptor = Acceptor::new(TcpListener::bind_to("127.0.0.1:0")?);
/// poll.registry().register(&mut acceptor, LISTENER, Interest::READABLE)?;
///
/// let client = std::net::TcpStream::connect(acceptor.listener().local_addr()?)?;
/// let mut streams = Vec::new();
/// while streams.is_empty() {
///     poll.wait(&mut events, None)?;
///     for event in &events {
///         if event.token() == LISTENER {
///             while let Some((stream, _address)) = acceptor.accept()? {
///                 streams.push(stream);
///             }
///         }
///     }
/// }
/// assert_eq!(acceptor.stats().accepted, 1);
/// # drop(client);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Acceptor<L> {
    listener: L,
    /// Begins a turn or ends a pause.
    timer: Timer,
    /// What both are registered as.
    token: Option<Token>,
    /// Kept open for the time when no other can be.
    reserve: Option<Reserve>,
    /// How many connections a turn takes.
    turn: u32,
    /// How many tries are left of it.
    left: u32,
    /// How many connections this turn has taken.
    taken: u32,
    /// After how long a shortage those that wait are refused.
    refuse_after: Option<Duration>,
    /// What is known of the shortage, while there is one.
    shortage: Option<Shortage>,
    stats: AcceptStats,
}

/// What an [`Acceptor`] has counted since it was made.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AcceptStats {
    /// Connections that were accepted and given to the caller.
    pub accepted: u64,
    /// Connections that had failed before they were accepted.
    pub failed: u64,
    /// Connections that were accepted during a shortage and closed.
    pub refused: u64,
    /// How often it paused for lack of descriptors or memory.
    pub pauses: u64,
}

impl<L: Listener> Acceptor<L> {
    /// Accepts from `listener`, at most 64 connections in a turn, and refuses clients after a
    /// shortage of a second.
    pub fn new(listener: L) -> Acceptor<L> {
        Acceptor {
            listener,
            timer: Timer::new(),
            token: None,
            reserve: Reserve::new(),
            turn: TURN,
            left: TURN,
            taken: 0,
            refuse_after: Some(REFUSE_AFTER),
            shortage: None,
            stats: AcceptStats::default(),
        }
    }

    /// Takes at most `connections` in a turn; 0 counts as 1.
    #[must_use]
    pub fn turn(mut self, connections: u32) -> Acceptor<L> {
        self.turn = connections.max(1);
        self.left = self.turn;
        self
    }

    /// Refuses the clients that wait once a shortage has lasted for `time`. `None` lets them wait
    /// for ever.
    #[must_use]
    pub fn refuse_after(mut self, time: Option<Duration>) -> Acceptor<L> {
        self.refuse_after = time;
        self
    }

    /// The next connection with the address of its peer. `None` ends the turn: an event says when
    /// to call it again.
    ///
    /// # Errors
    ///
    /// What says that the listener is of no use any more, as [`AcceptError::Fatal`].
    pub fn accept(&mut self) -> io::Result<Option<(L::Stream, L::Address)>> {
        if self.shortage.as_ref().is_some_and(|shortage| shortage.lasts(Instant::now())) {
            return Ok(None);
        }
        while self.left > 0 {
            self.left -= 1;
            match self.listener.accept() {
                Ok(connection) => {
                    self.stats.accepted += 1;
                    self.taken += 1;
                    self.recover();
                    return Ok(Some(connection));
                }
                Err(error) => match accept_error(&error) {
                    AcceptError::Retry => self.stats.failed += 1,
                    AcceptError::Blocked => {
                        self.end_turn();
                        return Ok(None);
                    }
                    AcceptError::Pause => return self.pause(Instant::now()).map(|()| None),
                    AcceptError::Fatal => return Err(error),
                },
            }
        }
        let has_accepted = self.taken > 0;
        self.end_turn();
        // More may wait, and no event of the listener would tell. Where nothing but failures came,
        // more of them must not take the whole processor.
        self.timer.set(if has_accepted { Duration::ZERO } else { FAILURE_PAUSE })?;
        Ok(None)
    }

    /// Ends a pause: a descriptor may be free now. Does nothing if there is no pause.
    pub fn resume(&mut self) {
        if let Some(shortage) = &mut self.shortage {
            shortage.end_pause();
            // No way is known in which it fails; the pause would then end by itself.
            let _ = self.timer.set(Duration::ZERO);
        }
    }

    /// True while it waits for descriptors or memory.
    pub fn is_paused(&self) -> bool {
        self.shortage.is_some()
    }

    /// What it has counted.
    pub fn stats(&self) -> AcceptStats {
        self.stats
    }

    /// The listener.
    pub fn listener(&self) -> &L {
        &self.listener
    }

    /// The listener, without the loop. If it was registered, it still is.
    pub fn into_listener(self) -> L {
        self.listener
    }

    fn end_turn(&mut self) {
        self.left = self.turn;
        self.taken = 0;
        self.timer.take();
    }

    /// There are descriptors again.
    fn recover(&mut self) {
        if self.shortage.take().is_some() && self.reserve.is_none() {
            self.reserve = Reserve::new();
        }
    }

    /// Waits for a while, and refuses those who have waited too long.
    fn pause(&mut self, now: Instant) -> io::Result<()> {
        self.end_turn();
        self.stats.pauses += 1;
        let shortage = self.shortage.get_or_insert_with(|| Shortage::new(now));
        let pause = shortage.pause(now);
        let is_long = self.refuse_after.is_some_and(|time| shortage.age(now) >= time);
        if is_long {
            self.refuse();
        }
        self.timer.set(pause)
    }

    /// Gives up the descriptor in reserve, and closes each connection that is accepted with it.
    fn refuse(&mut self) {
        // Another thread may have taken the place of the last one.
        if self.reserve.take().or_else(Reserve::new).is_none() {
            return;
        }
        for _ in 0..self.turn {
            match self.listener.accept() {
                Ok(_) => self.stats.refused += 1,
                Err(error) if accept_error(&error) == AcceptError::Retry => self.stats.failed += 1,
                Err(_) => break,
            }
        }
        self.reserve = Reserve::new();
    }
}

impl<L: Listener> Source for Acceptor<L> {
    fn register(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        check(registry, interest)?;
        // A timer stays with its first Poll for ever, so that it is not the first to be tried.
        self.listener.register(registry, token, interest)?;
        self.timer.register(registry, token, interest).inspect_err(|_| {
            // The error of the timer says more than one of taking back.
            let _ = self.listener.deregister(registry);
        })?;
        self.token = Some(token);
        Ok(())
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        check(registry, interest)?;
        self.timer.reregister(registry, token, interest)?;
        self.listener.reregister(registry, token, interest).inspect_err(|_| {
            // Both are what they were; what a timer allows once it allows again.
            let _ = self.token.map(|token| self.timer.reregister(registry, token, interest));
        })?;
        self.token = Some(token);
        Ok(())
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        self.timer.deregister(registry)?;
        self.listener.deregister(registry).inspect_err(|_| {
            // As above.
            let _ = self.token.map(|token| self.timer.register(registry, token, Interest::READABLE));
        })?;
        self.token = None;
        Ok(())
    }
}

impl Listener for TcpListener {
    type Stream = TcpStream;
    type Address = SocketAddr;

    fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        TcpListener::accept(self)
    }
}

/// A level would be reported all through a pause, and a oneshot would end the loop.
fn check(registry: &Registry, interest: Interest) -> io::Result<()> {
    check_paced(registry, interest, Interest::READABLE, "an acceptor")
}

/// How many connections a turn takes: so many that a rush is over soon, and so few that the
/// clients that are there do not notice.
const TURN: u32 = 64;

/// How long to wait after a turn in which every try has failed.
const FAILURE_PAUSE: Duration = Duration::from_millis(1);

/// After how long a shortage clients are refused.
const REFUSE_AFTER: Duration = Duration::from_secs(1);
