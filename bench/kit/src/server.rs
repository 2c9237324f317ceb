//! The server of all subjects but tokio's: echo, or broadcast to all others.

use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::OwnedFd;

use crate::control;
use crate::engine::{Engine, LISTENER, Ready, WAKER, wait};
use crate::family;
use crate::micro;
use crate::options::Options;
use crate::slab::Slab;

/// The most events of a wait.
const EVENTS: usize = 1024;
/// The buffer that all connections read into.
const BUFFER: usize = 64 * 1024;
/// The job of an echo server that asks its engine whether a short read is enough.
const ECHO_SHORT_READ: &str = "echo_short_read";

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Relay {
    /// It goes back.
    Echo,
    /// It goes to all but its sender.
    Broadcast,
}

impl Relay {
    /// Reads the name of a job.
    pub fn parse(job: &str) -> io::Result<Self> {
        match job {
            "echo" | ECHO_SHORT_READ => Ok(Self::Echo),
            "broadcast" => Ok(Self::Broadcast),
            _ => Err(io::Error::new(ErrorKind::InvalidInput, format!("no job `{job}`"))),
        }
    }
}

/// Does what `options` ask for, with one engine for each family.
pub fn main<T: Engine, U: Engine>(options: &Options) -> io::Result<()> {
    if micro::run::<T>(options)? {
        return Ok(());
    }
    if let Some(path) = &options.unix {
        return run::<U>(family::unix(path)?.into(), &path.display().to_string(), options);
    }
    let (listener, address) = family::tcp()?;
    run::<T>(listener.into(), &address, options)
}

/// A client.
struct Connection<S> {
    stream: S,
    /// What the socket did not take yet.
    unsent: Vec<u8>,
    /// Whether it is registered for writing too.
    is_watched_for_writing: bool,
}

/// A server on an engine.
struct Server<E: Engine> {
    engine: E,
    listener: E::Listener,
    connections: Slab<Connection<E::Stream>>,
    buffer: Vec<u8>,
    relay: Relay,
    /// Whether a read that does not fill the buffer is the last one.
    short_read_drains: bool,
}

/// Serves what `listener` accepts until the program is ended.
fn run<E: Engine>(listener: OwnedFd, address: &str, options: &Options) -> io::Result<()> {
    let relay = Relay::parse(&options.job)?;
    let (mut engine, mut events) = E::new(EVENTS)?;
    let listener = engine.listen(listener)?;
    let (connections, buffer) = (Slab::new(), vec![0; BUFFER]);
    let asks = options.job == ECHO_SHORT_READ;
    let short_read_drains = if asks { engine.short_read_drains() } else { E::SHORT_READ_DRAINS };
    let mut server = Server { engine, listener, connections, buffer, relay, short_read_drains };
    control::start(address)?;
    loop {
        wait(&mut server.engine, &mut events, None)?;
        for ready in E::ready(&events) {
            match ready.key {
                LISTENER => server.accept()?,
                WAKER => {}
                _ => server.serve(ready)?,
            }
        }
    }
}

impl<E: Engine> Server<E> {
    /// Accepts all who wait.
    fn accept(&mut self) -> io::Result<()> {
        loop {
            match E::accept(&self.listener) {
                Ok(stream) => {
                    let connection = Connection { stream, unsent: Vec::new(), is_watched_for_writing: false };
                    let key = self.connections.insert(connection);
                    let connection = self.connections.get_mut(key).expect("just put in");
                    self.engine.add(&mut connection.stream, key)?;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if is_passing(&error) => {}
                Err(error) => return Err(error),
            }
        }
        self.engine.again(&mut self.listener)
    }

    /// Handles an event of a stream. A client that fails is dropped, the server
    /// goes on.
    fn serve(&mut self, ready: Ready) -> io::Result<()> {
        let Some(connection) = self.connections.get_mut(ready.key) else { return Ok(()) };
        let is_open = connection.flush().is_ok() && self.read_all(ready);
        let Some(connection) = self.connections.get_mut(ready.key) else { return Ok(()) };
        if is_open {
            return connection.settle(&mut self.engine, ready.key);
        }
        let mut gone = self.connections.remove(ready.key).expect("looked up above");
        self.engine.remove(&mut gone.stream)
    }

    /// Reads until nothing is left; false at the end of the stream. A client that
    /// does not take what it gets is not read from.
    fn read_all(&mut self, ready: Ready) -> bool {
        loop {
            let Some(connection) = self.connections.get_mut(ready.key) else { return false };
            if !connection.unsent.is_empty() {
                return true;
            }
            match connection.stream.read(&mut self.buffer) {
                Ok(0) => return false,
                Ok(length) => {
                    if !self.pass_on(ready.key, length) {
                        return false;
                    }
                    if self.short_read_drains && !ready.is_closing && length < self.buffer.len() {
                        return true;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return true,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return false,
            }
        }
    }

    /// Sends the first `length` bytes of the buffer on; false if the sender's own
    /// connection failed.
    fn pass_on(&mut self, sender: usize, length: usize) -> bool {
        let message = &self.buffer[..length];
        match self.relay {
            Relay::Echo => {
                let connection = self.connections.get_mut(sender);
                connection.is_some_and(|connection| connection.send(message).is_ok())
            }
            Relay::Broadcast => {
                for (key, connection) in self.connections.iter_mut().filter(|(key, _)| *key != sender) {
                    // One that fails is dropped when its own event comes.
                    let _ = connection.send(message);
                    if !connection.unsent.is_empty() {
                        let _ = connection.settle(&mut self.engine, key);
                    }
                }
                true
            }
        }
    }
}

impl<S: Read + Write> Connection<S> {
    /// Sends at once what can be sent and keeps the rest.
    fn send(&mut self, message: &[u8]) -> io::Result<()> {
        let sent = if self.unsent.is_empty() { push(&mut self.stream, message)? } else { 0 };
        self.unsent.extend_from_slice(&message[sent..]);
        Ok(())
    }

    /// Sends what was kept.
    fn flush(&mut self) -> io::Result<()> {
        if !self.unsent.is_empty() {
            let sent = push(&mut self.stream, &self.unsent)?;
            self.unsent.drain(..sent);
        }
        Ok(())
    }

    /// Brings the registration in line with what is unsent.
    fn settle<E: Engine<Stream = S>>(&mut self, engine: &mut E, key: usize) -> io::Result<()> {
        let had = self.is_watched_for_writing;
        self.is_watched_for_writing = !self.unsent.is_empty();
        engine.settle(&mut self.stream, key, had, self.is_watched_for_writing)
    }
}

/// Writes as much of `bytes` as the socket takes.
fn push(stream: &mut impl Write, bytes: &[u8]) -> io::Result<usize> {
    let mut sent = 0;
    while sent < bytes.len() {
        match stream.write(&bytes[sent..]) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(count) => sent += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(sent)
}

/// True for what concerns only the client that was to be accepted.
fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::ConnectionAborted)
}
