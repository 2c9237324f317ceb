//! A server that is replaced by a new process without refusing a connection.
//!
//! `cargo run --example restart -- [ADDRESS]`, by default 127.0.0.1:7316; then `nc` to it, and
//! `kill -HUP` and the number that it prints. The server starts its program anew, which may be
//! a newer one, and passes its listener to it. It accepts until the new process says that it does,
//! and serves its own clients to their end. Clients that connect meanwhile wait in the queue of the
//! listener, which both processes share.

use std::env;
use std::io::{self, ErrorKind, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{self, Command, ExitCode, Stdio};

use ferrio::net::{Descriptors, TcpListener, TcpStream, UnixSeqpacket};
use ferrio::signal::{SIGHUP, Signals};
use ferrio::{Events, Interest, Poll, Sources, Token, TryRead};

const LISTENER: Token = Token(0);
const SIGNALS: Token = Token(1);
const SUCCESSOR: Token = Token(2);

/// How a successor is called: its standard input is the socket to its predecessor.
const SUCCEED: &str = "--succeed";

struct Server {
    poll: Poll,
    signals: Signals,
    /// None once a successor accepts.
    listener: Option<TcpListener>,
    /// The socket to the successor, from its start until it accepts.
    successor: Option<UnixSeqpacket>,
    clients: Sources<TcpStream>,
}

pub(crate) fn main() -> ExitCode {
    match start().and_then(Server::run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("restart: {error}");
            ExitCode::FAILURE
        }
    }
}

/// A server with a listener of its own, or that of its predecessor.
fn start() -> io::Result<Server> {
    let argument = env::args().nth(1);
    let predecessor = match argument.as_deref() {
        Some(SUCCEED) => Some(UnixSeqpacket::from(io::stdin().as_fd().try_clone_to_owned()?)),
        _ => None,
    };
    let mut listener = match &predecessor {
        Some(predecessor) => {
            let mut fds = Descriptors::with_capacity(1);
            predecessor.recv_with_fds(&mut [0; 16], &mut fds)?;
            let fd = fds.drain().next();
            TcpListener::from(
                fd.ok_or_else(|| io::Error::new(ErrorKind::InvalidData, "no listener was passed"))?,
            )
        }
        None => TcpListener::bind_to(argument.as_deref().unwrap_or("127.0.0.1:7316"))?,
    };
    let poll = Poll::new()?;
    let mut signals = Signals::new([SIGHUP])?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    poll.registry().register(&mut signals, SIGNALS, Interest::READABLE)?;
    println!("process {} accepts", process::id());
    println!("listening on {}", listener.local_addr()?);
    if let Some(predecessor) = predecessor {
        // All that can fail has been done: from here on the predecessor is not needed.
        predecessor.send(b"accepting")?;
    }
    let (listener, clients) = (Some(listener), Sources::new());
    Ok(Server { poll, signals, listener, successor: None, clients })
}

impl Server {
    fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(64);
        // Without a listener it serves its clients to their end.
        while self.listener.is_some() || !self.clients.is_empty() {
            self.poll.wait(&mut events, None)?;
            for event in &events {
                match event.token() {
                    LISTENER => self.accept()?,
                    SIGNALS => self.take_signals()?,
                    SUCCESSOR => self.hear_successor()?,
                    client => {
                        // An error of one client ends that client, not the server.
                        if !self.clients.get_mut(client).is_some_and(|stream| answer(stream).unwrap_or(false))
                        {
                            self.clients.remove(client);
                        }
                    }
                }
            }
        }
        println!("process {} has served its clients", process::id());
        Ok(())
    }

    fn accept(&mut self) -> io::Result<()> {
        while let Some(listener) = &self.listener {
            let mut stream = match listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            };
            let registry = self.poll.registry();
            self.clients.try_insert_with(|token| {
                registry.register(&mut stream, token, Interest::READABLE)?;
                Ok::<_, io::Error>(stream)
            })?;
        }
        Ok(())
    }

    fn take_signals(&mut self) -> io::Result<()> {
        while self.signals.take().is_some() {
            // One successor at a time.
            if let (Some(listener), None) = (&self.listener, &self.successor) {
                let (mut ours, theirs) = UnixSeqpacket::pair()?;
                // It is there before the successor asks for it.
                ours.send_with_fds(b"listener", &[listener.as_fd()])?;
                self.poll.registry().register(&mut ours, SUCCESSOR, Interest::READABLE)?;
                let mut command = Command::new(env::current_exe()?);
                command.arg(SUCCEED).stdin(Stdio::from(OwnedFd::from(theirs)));
                match command.spawn() {
                    Ok(_) => self.successor = Some(ours),
                    Err(error) => println!("no successor can be started, so this one goes on: {error}"),
                }
            }
        }
        Ok(())
    }

    fn hear_successor(&mut self) -> io::Result<()> {
        let Some(successor) = &self.successor else { return Ok(()) };
        match successor.recv(&mut [0; 16]) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Ok(record) if !record.is_empty() => {
                // It stays open in the other process, so a close alone would not end that it is
                // watched here.
                if let Some(mut listener) = self.listener.take() {
                    self.poll.registry().deregister(&mut listener)?;
                }
            }
            // It ended before it accepted: this one goes on as before.
            _ => println!("the successor has failed, so process {} goes on", process::id()),
        }
        self.successor = None;
        Ok(())
    }
}

/// Answers each byte of a client with a line. False once the client has ended.
fn answer(stream: &mut TcpStream) -> io::Result<bool> {
    let mut byte = [0];
    while let Some(count) = stream.try_read(&mut byte)? {
        if count == 0 {
            return Ok(false);
        }
        writeln!(stream, "process {}", process::id())?;
    }
    Ok(true)
}
