//! An echo server on a Unix socket: what a client sends comes back.
//!
//! `cargo run --example unix_server -- [PATH]`, by default `ferrio-echo.sock`
//! in the directory for temporary files. Then `nc -U PATH`. The socket file
//! stays when the server is killed; remove it before the next start.

use std::collections::HashMap;
use std::env;
use std::error::Error;
use std::io::{self, ErrorKind, Read, Write};
use std::path::PathBuf;

use ferrio::net::{UnixListener, UnixStream};
use ferrio::{Events, Interest, Poll, Token};

const LISTENER: Token = Token(0);

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args_os().nth(1).map_or_else(|| env::temp_dir().join("ferrio-echo.sock"), PathBuf::from);
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(128);
    let mut listener =
        UnixListener::bind(&path).map_err(|error| format!("cannot listen on {}: {error}", path.display()))?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    println!("listening on {}", path.display());

    // A connection, and what was read from it but not yet written back.
    let mut clients: HashMap<Token, (UnixStream, Vec<u8>)> = HashMap::new();
    let mut next_token = 1;
    loop {
        match poll.poll(&mut events, None) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        }
        for event in &events {
            if event.token() == LISTENER {
                // Accepting ends at `WouldBlock`: only then comes a new event.
                while let Some(mut stream) = or_blocked(listener.accept())?.map(|(s, _)| s) {
                    let (token, both) = (Token(next_token), Interest::READABLE | Interest::WRITABLE);
                    next_token += 1;
                    poll.registry().register(&mut stream, token, both)?;
                    clients.insert(token, (stream, Vec::new()));
                }
            } else if let Some((stream, unsent)) = clients.get_mut(&event.token()) {
                if !echo(stream, unsent).unwrap_or(false) {
                    poll.registry().deregister(stream)?;
                    clients.remove(&event.token());
                }
            }
        }
    }
}

/// Echoes until the socket blocks. False once the client has ended.
fn echo(stream: &mut UnixStream, unsent: &mut Vec<u8>) -> io::Result<bool> {
    let mut buf = [0; 4096];
    loop {
        while !unsent.is_empty() {
            match or_blocked(stream.write(unsent))? {
                Some(count) => drop(unsent.drain(..count)),
                None => return Ok(true),
            }
        }
        match or_blocked(stream.read(&mut buf))? {
            Some(0) => return Ok(false),
            Some(count) => unsent.extend_from_slice(&buf[..count]),
            None => return Ok(true),
        }
    }
}

/// `None` if the call would block.
fn or_blocked<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
        result => result.map(Some),
    }
}
