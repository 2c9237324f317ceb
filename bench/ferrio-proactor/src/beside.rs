//! Readiness by a proactor: what a loop pays that was given one.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::net;
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::time::Duration;

use bench_kit::engine::{Engine, LISTENER, Ready, WAKER};
use ferrio_poll::net::{TcpListener, TcpStream};
use ferrio_poll::{Events, Interest, Poll, Token, Waker};
use ferrio_proactor::{Choice, Completions, Config, Kind, Proactor, op};

/// A proactor whose connections are sources of readiness. If it `ACCEPTS`, one operation is
/// always under way; else nothing is ever submitted.
pub(crate) struct Beside<const ACCEPTS: bool> {
    proactor: Proactor,
    accepted: Queue,
}

/// Connections that were accepted and not taken yet.
type Queue = Rc<RefCell<VecDeque<OwnedFd>>>;

/// A listener.
pub(crate) enum Listener {
    /// A source of readiness.
    Source(TcpListener),
    /// The proactor has it, and puts what it accepts there.
    Accepting(Queue),
}

/// What a wait brings.
pub(crate) struct Turn {
    events: Events,
    completions: Completions,
    /// There are new connections.
    has_accepted: bool,
}

impl<const ACCEPTS: bool> Engine for Beside<ACCEPTS> {
    type Listener = Listener;
    type Stream = TcpStream;
    type Events = Turn;
    type Waker = Waker;

    fn new(capacity: usize) -> io::Result<(Self, Turn)> {
        let config = Config { driver: Choice::Ring, ..Config::default() };
        let proactor = Proactor::new(Poll::new()?, config)?;
        let (events, completions) = (Events::with_capacity(capacity), Completions::with_capacity(capacity));
        let turn = Turn { events, completions, has_accepted: false };
        Ok((Self { proactor, accepted: Queue::default() }, turn))
    }

    fn listen(&mut self, listener: OwnedFd) -> io::Result<Listener> {
        if ACCEPTS {
            let handle = self.proactor.attach(listener);
            self.proactor.submit(Token(LISTENER), op::AcceptMany { handle })?;
            return Ok(Listener::Accepting(Rc::clone(&self.accepted)));
        }
        let mut listener = TcpListener::from_std(net::TcpListener::from(listener));
        self.proactor.registry().register(&mut listener, Token(LISTENER), Interest::READABLE)?;
        Ok(Listener::Source(listener))
    }

    fn accept(listener: &Listener) -> io::Result<TcpStream> {
        let accepted = match listener {
            Listener::Source(listener) => return Ok(listener.accept()?.0),
            Listener::Accepting(queue) => queue.borrow_mut().pop_front(),
        };
        let stream = net::TcpStream::from(accepted.ok_or(ErrorKind::WouldBlock)?);
        stream.set_nonblocking(true)?;
        Ok(TcpStream::from_std(stream))
    }

    fn again(&mut self, _listener: &mut Listener) -> io::Result<()> {
        Ok(())
    }

    fn add(&mut self, stream: &mut TcpStream, key: usize) -> io::Result<()> {
        self.proactor.registry().register(stream, Token(key), Interest::READABLE)
    }

    fn settle(&mut self, stream: &mut TcpStream, key: usize, had: bool, wants: bool) -> io::Result<()> {
        if had == wants {
            return Ok(());
        }
        let interest = if wants { Interest::READABLE | Interest::WRITABLE } else { Interest::READABLE };
        self.proactor.registry().reregister(stream, Token(key), interest)
    }

    fn remove(&mut self, stream: &mut TcpStream) -> io::Result<()> {
        self.proactor.registry().deregister(stream)
    }

    fn wait(&mut self, turn: &mut Turn, timeout: Option<Duration>) -> io::Result<()> {
        turn.has_accepted = false;
        self.proactor.poll(&mut turn.events, &mut turn.completions, timeout)?;
        while let Some(completion) = turn.completions.next() {
            match completion.kind {
                Kind::Accepted(stream) => {
                    self.accepted.borrow_mut().push_back(stream);
                    turn.has_accepted = true;
                }
                kind => return Err(io::Error::other(format!("accepting has ended: {kind:?}"))),
            }
        }
        Ok(())
    }

    fn ready(turn: &Turn) -> impl Iterator<Item = Ready> + '_ {
        let events = turn.events.iter().map(|event| {
            let is_closing = event.is_read_closed() || event.is_error() || event.is_priority();
            Ready { key: event.token().0, is_closing }
        });
        events.chain(turn.has_accepted.then_some(Ready { key: LISTENER, is_closing: false }))
    }

    fn waker(&mut self) -> io::Result<Waker> {
        Waker::new(self.proactor.registry(), Token(WAKER))
    }

    fn wake(waker: &Waker) -> io::Result<()> {
        waker.wake()
    }
}
