//! A TCP echo server: what a client sends comes back.
//!
//! `cargo run --example tcp_server -- [ADDR]`, by default 127.0.0.1:7301; port
//! 0 lets the kernel choose. Then `nc 127.0.0.1 7301`.
//!
//! It shows the three rules of edge-triggered readiness: accept, read and write
//! until `WouldBlock`; keep what a write did not take for the next writable
//! event; and stop reading from a client that does not read what it gets.

use std::collections::HashMap;
use std::env;
use std::error::Error;
use std::io::{self, ErrorKind, Read, Write};

use ferrio::net::{TcpListener, TcpStream};
use ferrio::{Events, Interest, Poll, Token};

const LISTENER: Token = Token(0);

/// A connection, and what was read but not yet written back.
struct Client {
    stream: TcpStream,
    unsent: Vec<u8>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let address = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:7301".into());
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(128);
    let mut listener = TcpListener::bind(address.parse()?)?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    println!("listening on {}", listener.local_addr()?);

    let mut clients = HashMap::new();
    let mut next_token = 1;
    loop {
        match poll.poll(&mut events, None) {
            // A signal came; nothing is lost.
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        }
        for event in &events {
            if event.token() == LISTENER {
                accept_all(&listener, &poll, &mut clients, &mut next_token)?;
            } else if let Some(client) = clients.get_mut(&event.token()) {
                // Any event is a reason to go on: reading may have stopped
                // because writing was blocked.
                if !client.echo().unwrap_or(false) {
                    // Dropping the stream closes it.
                    let gone = clients.remove(&event.token());
                    if let Some(mut client) = gone {
                        poll.registry().deregister(&mut client.stream)?;
                    }
                }
            }
        }
    }
}

/// Takes in all who wait; there is no second event for those left waiting.
fn accept_all(
    listener: &TcpListener,
    poll: &Poll,
    clients: &mut HashMap<Token, Client>,
    next_token: &mut usize,
) -> io::Result<()> {
    loop {
        let mut stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            // This client left before its turn.
            Err(error) if error.kind() == ErrorKind::ConnectionAborted => continue,
            Err(error) => return Err(error),
        };
        let token = Token(*next_token);
        *next_token += 1;
        poll.registry().register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
        clients.insert(token, Client { stream, unsent: Vec::new() });
    }
}

impl Client {
    /// Echoes until the socket blocks. False once the client has ended.
    fn echo(&mut self) -> io::Result<bool> {
        let mut buf = [0; 4096];
        loop {
            while !self.unsent.is_empty() {
                match self.stream.write(&self.unsent) {
                    Ok(count) => drop(self.unsent.drain(..count)),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
            match self.stream.read(&mut buf) {
                Ok(0) => return Ok(false),
                Ok(count) => self.unsent.extend_from_slice(&buf[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}
