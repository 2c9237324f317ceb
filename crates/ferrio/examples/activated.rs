//! A service that systemd, or any other, starts with its sockets open.
//!
//! `systemd-socket-activate -l 7315 target/debug/examples/activated`, then `nc 127.0.0.1 7315`;
//! by itself, `cargo run --example activated -- [ADDRESS]`, it binds 127.0.0.1:7315. It tells each
//! client the name of the socket by which it came.

use std::env;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use ferrio::net::activation::{self, Inherited};
use ferrio::net::{TcpListener, UnixListener};
use ferrio::{Events, Interest, Poll, Registry, Sources, Token};

/// A socket that clients come by, and its name.
struct Door {
    listener: Listener,
    name: String,
}

enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

pub(crate) fn main() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("activated: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve() -> io::Result<()> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(64);
    let mut doors: Sources<Door> = Sources::new();
    // Early, before anything else could take the descriptors for its own.
    for entry in activation::take()? {
        let name = entry.name.unwrap_or_else(|| "no name".to_owned());
        match entry.source {
            Inherited::TcpListener(listener) => {
                add(poll.registry(), &mut doors, Listener::Tcp(listener), name)?
            }
            Inherited::UnixListener(listener) => {
                add(poll.registry(), &mut doors, Listener::Unix(listener), name)?
            }
            other => {
                return Err(io::Error::new(
                    ErrorKind::InvalidInput,
                    format!("{name} is no listener: {other:?}"),
                ));
            }
        }
    }
    if doors.is_empty() {
        let address = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:7315".to_owned());
        let listener = TcpListener::bind_to(&*address)?;
        add(poll.registry(), &mut doors, Listener::Tcp(listener), "bound here".to_owned())?;
    }
    println!("ready with {} sockets", doors.len());
    loop {
        poll.wait(&mut events, None)?;
        for event in &events {
            let Some(door) = doors.get(event.token()) else { continue };
            while let Some(mut client) = door.listener.accept()? {
                // A client that is gone already does not matter.
                let _ = writeln!(client, "welcome by {}", door.name);
            }
        }
    }
}

/// Registers a listener.
fn add(
    registry: &Registry,
    doors: &mut Sources<Door>,
    mut listener: Listener,
    name: String,
) -> io::Result<()> {
    doors.try_insert_with(|token: Token| {
        match &mut listener {
            Listener::Tcp(listener) => {
                println!("listening on {}", listener.local_addr()?);
                registry.register(listener, token, Interest::READABLE)?;
            }
            Listener::Unix(listener) => registry.register(listener, token, Interest::READABLE)?,
        }
        Ok::<_, io::Error>(Door { listener, name })
    })?;
    Ok(())
}

impl Listener {
    /// A client, if one waits.
    fn accept(&self) -> io::Result<Option<Box<dyn Write>>> {
        let client: io::Result<Box<dyn Write>> = match self {
            Listener::Tcp(listener) => listener.accept().map(|(client, _)| Box::new(client) as _),
            Listener::Unix(listener) => listener.accept().map(|(client, _)| Box::new(client) as _),
        };
        match client {
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
            client => client.map(Some),
        }
    }
}
