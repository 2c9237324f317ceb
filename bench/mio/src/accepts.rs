//! An accept loop written by hand, with mio's names.

use std::io::{self, ErrorKind};
use std::net;
use std::time::Duration;

use bench_kit::accepts::Accepts;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

/// A loop with a listener.
pub(crate) struct AcceptLoop {
    poll: Poll,
    events: Events,
    listener: TcpListener,
}

impl Accepts for AcceptLoop {
    type Stream = TcpStream;

    fn new(listener: net::TcpListener) -> io::Result<Self> {
        let (poll, mut listener) = (Poll::new()?, TcpListener::from_std(listener));
        poll.registry().register(&mut listener, Token(0), Interest::READABLE)?;
        Ok(Self { poll, events: Events::with_capacity(64), listener })
    }

    fn turn(&mut self, accepted: &mut Vec<TcpStream>) -> io::Result<()> {
        self.poll.poll(&mut self.events, Some(Duration::ZERO))?;
        for _event in self.events.iter() {
            loop {
                match self.listener.accept() {
                    Ok((stream, _address)) => accepted.push(stream),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(error) if is_passing(&error) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }
}

/// True for what concerns only the client that was to be accepted.
fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::ConnectionAborted)
}
