//! An echo server on a Unix socket: what a client sends comes back.
//!
//! `cargo run --example unix_server -- [PATH]`, by default `ferrio-echo.sock`
//! in the directory for temporary files. Then `nc -U PATH`. The socket file stays
//! when the server is killed; the next server at that path replaces it.

use std::env;
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ferrio::net::{SocketFile, UnixListener, UnixStream};
use ferrio::{Events, Interest, Poll, Sources, Token};

/// Small tokens are never those of a `Sources` table.
const LISTENER: Token = Token(0);

struct Client {
    stream: UnixStream,
    /// What was read and not yet written back.
    unsent: Vec<u8>,
}

pub(crate) fn main() -> ExitCode {
    let path = env::args_os().nth(1).map_or_else(|| env::temp_dir().join("ferrio-echo.sock"), PathBuf::from);
    match serve(&path) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("unix_server: {}: {error}", path.display());
            ExitCode::FAILURE
        }
    }
}

fn serve(path: &Path) -> io::Result<()> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(128);
    let mut listener = listen(path)?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    println!("listening on {}", path.display());

    let mut clients: Sources<Client> = Sources::new();
    loop {
        poll.wait(&mut events, None)?;
        for event in &events {
            if event.token() == LISTENER {
                // Until `WouldBlock`: there is no second event for the clients that are left.
                while let Some((mut stream, _)) = or_blocked(listener.accept())? {
                    clients.try_insert_with(|token| {
                        let both = Interest::READABLE | Interest::WRITABLE;
                        poll.registry().register(&mut stream, token, both)?;
                        Ok::<_, io::Error>(Client { stream, unsent: Vec::new() })
                    })?;
                }
            } else if let Some(client) = clients.get_mut(event.token()) {
                // An error of one client ends that client, not the server.
                if !client.echo().unwrap_or(false) {
                    clients.remove(event.token());
                }
            }
        }
    }
}

/// Listens at `path`, for this user alone. A socket file on which nobody listens any more is
/// replaced.
fn listen(path: &Path) -> io::Result<UnixListener> {
    SocketFile::remove_stale(path)?;
    UnixListener::bind_with_mode(path, 0o600)
}

impl Client {
    /// Echoes until the socket blocks. False once the client has ended.
    fn echo(&mut self) -> io::Result<bool> {
        let mut buf = [0; 4096];
        loop {
            while !self.unsent.is_empty() {
                match or_blocked(self.stream.write(&self.unsent))? {
                    Some(count) => drop(self.unsent.drain(..count)),
                    None => return Ok(true),
                }
            }
            match or_blocked(self.stream.read(&mut buf))? {
                Some(0) => return Ok(false),
                Some(count) => self.unsent.extend_from_slice(&buf[..count]),
                None => return Ok(true),
            }
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
