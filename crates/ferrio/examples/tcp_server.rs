//! A TCP echo server: what a client sends comes back.
//!
//! `cargo run --example tcp_server -- [ADDR]`, by default 127.0.0.1:7301; port
//! 0 lets the kernel choose. Then `nc 127.0.0.1 7301`.
//!
//! It shows the three rules of edge-triggered readiness: accept, read and write
//! until `WouldBlock`; keep what a write did not take for the next writable
//! event; and stop reading from a client that does not read what it gets.

use std::env;
use std::error::Error;
use std::io::{self, ErrorKind, Read, Write};
use std::process::ExitCode;

use ferrio::net::{TcpListener, TcpStream};
use ferrio::{Events, Interest, Poll, Registry, Sources, Token};

/// Small tokens are never those of a `Sources` table.
const LISTENER: Token = Token(0);

struct Client {
    stream: TcpStream,
    /// What was read and not yet written back.
    unsent: Vec<u8>,
}

fn main() -> ExitCode {
    let address = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:7301".into());
    match serve(&address) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tcp_server: {address}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(address: &str) -> Result<(), Box<dyn Error>> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(128);
    let mut listener = TcpListener::bind(address.parse()?)?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    println!("listening on {}", listener.local_addr()?);

    let mut clients: Sources<Client> = Sources::new();
    loop {
        poll.wait(&mut events, None)?;
        for event in &events {
            if event.token() == LISTENER {
                accept_all(&listener, poll.registry(), &mut clients)?;
            } else if let Some(client) = clients.get_mut(event.token()) {
                // Any event is a reason to go on: reading may have stopped because writing
                // was blocked. An error of one client ends that client, not the server.
                if !client.echo().unwrap_or(false) {
                    // Dropping the stream closes it, and that ends its registration.
                    clients.remove(event.token());
                }
            }
        }
    }
}

/// Accepts all clients that wait: there is no second event for those that are left.
fn accept_all(listener: &TcpListener, registry: &Registry, clients: &mut Sources<Client>) -> io::Result<()> {
    loop {
        let mut stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            // This client left before its turn.
            Err(error) if error.kind() == ErrorKind::ConnectionAborted => continue,
            Err(error) => return Err(error),
        };
        clients.try_insert_with(|token| {
            registry.register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
            Ok::<_, io::Error>(Client { stream, unsent: Vec::new() })
        })?;
    }
}

impl Client {
    /// Echoes until the socket blocks. False once the client has ended.
    fn echo(&mut self) -> io::Result<bool> {
        let mut buf = [0; 4096];
        loop {
            // First the old bytes: a client that does not read is not read from.
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
