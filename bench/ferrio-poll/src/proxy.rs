//! A proxy, with bytes that stay in the kernel, or with such that pass through the process.

use std::io::{self, ErrorKind, Read, Write};
use std::net;
use std::time::Duration;

use bench_kit::proxy::{MESSAGE, Proxy};
use ferrio_poll::net::TcpStream;
use ferrio_poll::net::splice::{Next, Splice};
use ferrio_poll::{Events, Interest, Poll, ReadyList, Token};

/// How many bytes one direction moves in one turn.
const BUDGET: usize = 256 * 1024;

/// How bytes go from one stream to another.
pub(crate) trait Direction: Sized {
    /// What all directions share.
    type Shared: Default;

    /// A direction of a pair.
    fn new() -> io::Result<Self>;
    /// Moves bytes until one of the two blocks, or the budget is used up.
    fn relay(&mut self, from: &TcpStream, to: &TcpStream, shared: &mut Self::Shared) -> io::Result<Next>;
}

/// A loop with pairs of connections.
pub(crate) struct Pairs<D: Direction> {
    poll: Poll,
    events: Events,
    pairs: Vec<Pair<D>>,
    /// Pairs with something to do, also those that no event tells of.
    ready: ReadyList,
    shared: D::Shared,
}

/// A client and its server.
struct Pair<D> {
    client: TcpStream,
    server: TcpStream,
    to_server: D,
    to_client: D,
}

impl<D: Direction> Proxy for Pairs<D> {
    fn new() -> io::Result<Self> {
        let (poll, events) = (Poll::new()?, Events::with_capacity(64));
        let (pairs, ready) = (Vec::new(), ReadyList::new());
        Ok(Self { poll, events, pairs, ready, shared: D::Shared::default() })
    }

    fn add(&mut self, client: net::TcpStream, server: net::TcpStream) -> io::Result<()> {
        let token = Token(self.pairs.len());
        let both = Interest::READABLE | Interest::WRITABLE;
        let [mut client, mut server] = [client, server].map(TcpStream::from_std);
        self.poll.registry().register(&mut client, token, both)?;
        self.poll.registry().register(&mut server, token, both)?;
        self.pairs.push(Pair { client, server, to_server: D::new()?, to_client: D::new()? });
        Ok(())
    }

    fn turn(&mut self) -> io::Result<()> {
        self.poll.poll(&mut self.events, Some(Duration::ZERO))?;
        self.ready.extend(self.events.iter().map(|event| event.token()));
        for _ in 0..self.ready.len() {
            let Some(token) = self.ready.pop() else { break };
            let Pair { client, server, to_server, to_client } = &mut self.pairs[token.0];
            let there = to_server.relay(client, server, &mut self.shared)?;
            let back = to_client.relay(server, client, &mut self.shared)?;
            match (there, back) {
                (Next::End, _) | (_, Next::End) => return Err(ErrorKind::UnexpectedEof.into()),
                (Next::Budget, _) | (_, Next::Budget) => self.ready.push(token),
                _ => {}
            }
        }
        Ok(())
    }
}

impl Direction for Splice {
    type Shared = ();

    fn new() -> io::Result<Self> {
        Splice::new()
    }

    fn relay(&mut self, from: &TcpStream, to: &TcpStream, (): &mut ()) -> io::Result<Next> {
        Ok(Splice::relay(self, from, to, BUDGET)?.next)
    }
}

/// A direction by read and write: what was read and could not be written yet.
pub(crate) struct Copying(Vec<u8>);

/// A buffer for all directions: it stays in the cache of the processor.
pub(crate) struct Buffer(Vec<u8>);

impl Default for Buffer {
    fn default() -> Self {
        Self(vec![0; MESSAGE])
    }
}

impl Direction for Copying {
    type Shared = Buffer;

    fn new() -> io::Result<Self> {
        Ok(Self(Vec::new()))
    }

    fn relay(&mut self, from: &TcpStream, to: &TcpStream, shared: &mut Buffer) -> io::Result<Next> {
        let sent = write(to, &self.0)?;
        self.0.drain(..sent);
        let mut bytes = 0;
        while self.0.is_empty() && bytes < BUDGET {
            let Some(count) = blocked((&*from).read(&mut shared.0))? else { return Ok(Next::Readable) };
            if count == 0 {
                return Ok(Next::End);
            }
            let sent = write(to, &shared.0[..count])?;
            self.0.extend_from_slice(&shared.0[sent..count]);
            bytes += count;
        }
        Ok(if self.0.is_empty() { Next::Budget } else { Next::Writable })
    }
}

/// Writes what `to` takes, and says how much that was.
fn write(mut to: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
    let mut sent = 0;
    while sent < bytes.len() {
        let Some(count) = blocked(to.write(&bytes[sent..]))? else { break };
        sent += count;
    }
    Ok(sent)
}

/// Nothing if the call would block.
fn blocked(result: io::Result<usize>) -> io::Result<Option<usize>> {
    match result {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
        result => result.map(Some),
    }
}
