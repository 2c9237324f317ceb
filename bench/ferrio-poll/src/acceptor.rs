//! The accept loop that Ferrio brings.

use std::io;
use std::net;
use std::time::Duration;

use bench_kit::accepts::Accepts;
use ferrio_poll::net::{Acceptor, TcpListener, TcpStream};
use ferrio_poll::{Events, Interest, Poll, Token};

/// A loop with an acceptor.
pub(crate) struct Accepting {
    poll: Poll,
    events: Events,
    acceptor: Acceptor<TcpListener>,
}

impl Accepts for Accepting {
    type Stream = TcpStream;

    fn new(listener: net::TcpListener) -> io::Result<Self> {
        let (poll, mut acceptor) = (Poll::new()?, Acceptor::new(TcpListener::from_std(listener)));
        poll.registry().register(&mut acceptor, Token(0), Interest::READABLE)?;
        Ok(Self { poll, events: Events::with_capacity(64), acceptor })
    }

    fn turn(&mut self, accepted: &mut Vec<TcpStream>) -> io::Result<()> {
        self.poll.poll(&mut self.events, Some(Duration::ZERO))?;
        for _event in &self.events {
            while let Some((stream, _address)) = self.acceptor.accept()? {
                accepted.push(stream);
            }
        }
        Ok(())
    }
}
