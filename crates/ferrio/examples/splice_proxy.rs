//! A TCP proxy whose bytes stay in the kernel.
//!
//! `cargo run --example splice_proxy -- ADDRESS [LISTEN]`: to `ADDRESS`, by default listening on
//! 127.0.0.1:7314. It shows splicing and nothing else: see `proxy` for what a proxy needs beside,
//! such as idle timeouts and a pause when descriptors are short.

use std::env;
use std::io::{self, ErrorKind};
use std::net::{Shutdown, SocketAddr};
use std::process::ExitCode;

use ferrio::net::splice::{Next, Splice};
use ferrio::net::{TcpListener, TcpStream};
use ferrio::{Events, Interest, Poll, ReadyList, Sources, Token};

const LISTENER: Token = Token(0);
/// Which of the two streams of a pair a token is of.
const CLIENT: u8 = 0;
const SERVER: u8 = 1;
/// How many bytes one direction moves in one turn.
const BUDGET: usize = 256 << 10;

/// A client, its connection to the server, and what is between them.
struct Pair {
    client: TcpStream,
    server: TcpStream,
    to_server: Splice,
    to_client: Splice,
    /// The server is connected.
    is_connected: bool,
    /// Which directions have ended.
    ended: [bool; 2],
}

pub(crate) fn main() -> ExitCode {
    let mut args = env::args().skip(1);
    let (target, listen) = (args.next(), args.next());
    let Some(target) = target else {
        eprintln!("splice_proxy: the address to connect to is missing");
        return ExitCode::FAILURE;
    };
    match serve(&target, listen.as_deref().unwrap_or("127.0.0.1:7314")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("splice_proxy: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(target: &str, listen: &str) -> io::Result<()> {
    let target: SocketAddr =
        target.parse().map_err(|error| io::Error::new(ErrorKind::InvalidInput, error))?;
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(128);
    let mut listener = TcpListener::bind_to(listen)?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    println!("listening on {}", listener.local_addr()?);

    let mut pairs: Sources<Pair> = Sources::new();
    let mut ready = ReadyList::new();
    loop {
        // What used its budget up is served before the next sleep, and no event tells of it.
        poll.wait(&mut events, ready.timeout(None))?;
        for event in &events {
            if event.token() == LISTENER {
                accept(&poll, &listener, &mut pairs, target)?;
            } else {
                ready.push(event.token().untagged());
            }
        }
        for _ in 0..ready.len() {
            let Some(token) = ready.pop() else { break };
            let Some(pair) = pairs.get_mut(token) else { continue };
            match pair.relay() {
                Ok(Next::End) => drop(pairs.remove(token)),
                Ok(Next::Budget) => ready.push(token),
                Ok(_) => {}
                Err(error) => {
                    println!("a pair has failed: {error}");
                    pairs.remove(token);
                }
            }
        }
    }
}

/// Makes a pair of each client that waits.
fn accept(
    poll: &Poll,
    listener: &TcpListener,
    pairs: &mut Sources<Pair>,
    target: SocketAddr,
) -> io::Result<()> {
    loop {
        let mut client = match listener.accept() {
            Ok((client, _)) => client,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        };
        let both = Interest::READABLE | Interest::WRITABLE;
        pairs.try_insert_with(|token| {
            let mut server = TcpStream::connect(target)?;
            poll.registry().register(&mut client, token.tagged(CLIENT), both)?;
            poll.registry().register(&mut server, token.tagged(SERVER), both)?;
            let (to_server, to_client) = (Splice::new()?, Splice::new()?);
            Ok::<_, io::Error>(Pair {
                client,
                server,
                to_server,
                to_client,
                is_connected: false,
                ended: [false; 2],
            })
        })?;
    }
}

impl Pair {
    /// Moves what can be moved, in both directions. `End` once both have ended.
    fn relay(&mut self) -> io::Result<Next> {
        if !self.is_connected {
            if let Some(error) = self.server.take_error()? {
                return Err(error);
            }
            match self.server.peer_addr() {
                Ok(_) => self.is_connected = true,
                Err(error) if error.kind() == ErrorKind::NotConnected => return Ok(Next::Writable),
                Err(error) => return Err(error),
            }
        }
        let there = self.to_server.relay(&self.client, &self.server, BUDGET)?.next;
        let back = self.to_client.relay(&self.server, &self.client, BUDGET)?.next;
        for (ended, next, to) in [(0, there, &self.server), (1, back, &self.client)] {
            // The end of one direction is passed on, and the other goes on.
            if next == Next::End && !self.ended[ended] {
                self.ended[ended] = true;
                to.shutdown(Shutdown::Write)?;
            }
        }
        Ok(match (there, back) {
            (Next::End, Next::End) => Next::End,
            (Next::Budget, _) | (_, Next::Budget) => Next::Budget,
            (Next::End, other) | (other, _) => other,
        })
    }
}
