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
use std::io::{self, ErrorKind};
use std::process::ExitCode;

use ferrio::buffer::{Input, Output, OutputBuffer, read_available};
use ferrio::net::{AcceptError, TcpListener, TcpStream, accept_error};
use ferrio::{Events, Interest, Poll, Registry, Sources, Token};

/// Small tokens are never those of a `Sources` table.
const LISTENER: Token = Token(0);

struct Client {
    stream: TcpStream,
    /// What was read and not yet written back.
    output: OutputBuffer,
    has_ended: bool,
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
            Err(error) if accept_error(&error) == AcceptError::Retry => continue,
            Err(error) => return Err(error),
        };
        let entry = clients.vacant_entry();
        registry.register(&mut stream, entry.token(), Interest::READABLE | Interest::WRITABLE)?;
        let output = OutputBuffer::with_limit(64 * 1024);
        entry.insert(Client { stream, output, has_ended: false });
    }
}

impl Client {
    /// Echoes until the socket blocks. False once the client has ended and has everything.
    fn echo(&mut self) -> io::Result<bool> {
        let mut bytes = Vec::new();
        loop {
            // First the old bytes: a client that does not read is not read from.
            if self.output.flush_to(&self.stream)? == Output::Blocked {
                return Ok(true);
            }
            if self.has_ended {
                return Ok(false);
            }
            bytes.clear();
            let input = read_available(&self.stream, &mut bytes, self.output.room())?;
            self.has_ended = input == Input::Ended;
            self.output.write_to(&self.stream, &bytes)?;
            if input == Input::Blocked {
                return Ok(true);
            }
            // There may be more, and no event will say so.
        }
    }
}
