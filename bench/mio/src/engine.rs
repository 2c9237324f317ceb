//! mio as an engine: edges, with its own sockets, as its documentation shows it.

use std::io::{self, Read, Write};
use std::marker::PhantomData;
use std::net;
use std::os::fd::OwnedFd;
use std::os::unix;
use std::time::Duration;

use bench_kit::engine::{Engine, LISTENER, Ready, WAKER};
use mio::event::Source;
use mio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use mio::{Events, Interest, Poll, Token, Waker};

use crate::drains::short_read_drains;

/// mio with sockets of the family `F`.
pub(crate) struct Mio<F> {
    poll: Poll,
    family: PhantomData<F>,
}

/// A family of mio's stream sockets.
pub(crate) trait Family: 'static {
    /// What accepts.
    type Listener: Source;
    /// What it accepts.
    type Stream: Source + Read + Write;

    /// mio's listener from a descriptor.
    fn listener(listener: OwnedFd) -> Self::Listener;
    /// Accepts a stream.
    fn accept(listener: &Self::Listener) -> io::Result<Self::Stream>;
}

/// TCP.
pub(crate) struct Tcp;

/// Unix streams.
pub(crate) struct Unix;

impl Family for Tcp {
    type Listener = TcpListener;
    type Stream = TcpStream;

    fn listener(listener: OwnedFd) -> TcpListener {
        TcpListener::from_std(net::TcpListener::from(listener))
    }

    fn accept(listener: &TcpListener) -> io::Result<TcpStream> {
        Ok(listener.accept()?.0)
    }
}

impl Family for Unix {
    type Listener = UnixListener;
    type Stream = UnixStream;

    fn listener(listener: OwnedFd) -> UnixListener {
        UnixListener::from_std(unix::net::UnixListener::from(listener))
    }

    fn accept(listener: &UnixListener) -> io::Result<UnixStream> {
        Ok(listener.accept()?.0)
    }
}

impl<F: Family> Engine for Mio<F> {
    type Listener = F::Listener;
    type Stream = F::Stream;
    type Events = Events;
    type Waker = Waker;

    fn short_read_drains(&self) -> bool {
        short_read_drains(&self.poll)
    }

    fn new(capacity: usize) -> io::Result<(Self, Events)> {
        Ok((Self { poll: Poll::new()?, family: PhantomData }, Events::with_capacity(capacity)))
    }

    fn listen(&mut self, listener: OwnedFd) -> io::Result<F::Listener> {
        let mut listener = F::listener(listener);
        self.poll.registry().register(&mut listener, Token(LISTENER), Interest::READABLE)?;
        Ok(listener)
    }

    fn accept(listener: &F::Listener) -> io::Result<F::Stream> {
        F::accept(listener)
    }

    fn again(&mut self, _listener: &mut F::Listener) -> io::Result<()> {
        Ok(())
    }

    fn add(&mut self, stream: &mut F::Stream, key: usize) -> io::Result<()> {
        self.poll.registry().register(stream, Token(key), Interest::READABLE)
    }

    fn settle(&mut self, stream: &mut F::Stream, key: usize, had: bool, wants: bool) -> io::Result<()> {
        if had == wants {
            return Ok(());
        }
        let interest = if wants { Interest::READABLE | Interest::WRITABLE } else { Interest::READABLE };
        self.poll.registry().reregister(stream, Token(key), interest)
    }

    fn remove(&mut self, stream: &mut F::Stream) -> io::Result<()> {
        self.poll.registry().deregister(stream)
    }

    fn wait(&mut self, events: &mut Events, timeout: Option<Duration>) -> io::Result<()> {
        self.poll.poll(events, timeout)
    }

    fn ready(events: &Events) -> impl Iterator<Item = Ready> + '_ {
        events.iter().map(|event| {
            let is_closing = event.is_read_closed() || event.is_error() || event.is_priority();
            Ready { key: event.token().0, is_closing }
        })
    }

    fn waker(&mut self) -> io::Result<Waker> {
        Waker::new(self.poll.registry(), Token(WAKER))
    }

    fn wake(waker: &Waker) -> io::Result<()> {
        waker.wake()
    }
}
