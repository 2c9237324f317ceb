//! Echo and broadcast as one writes them with a proactor: the same program on both drivers.

use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;

use bench_kit::options::Options;
use bench_kit::server::Relay;
use bench_kit::slab::Slab;
use bench_kit::{control, family};
use ferrio_poll::{Events, Poll, Token};
use ferrio_proactor::{Choice, Chunk, Completions, Config, Done, DriverKind, Handle, Kind, Proactor, op};

/// The most completions of a wait.
const COMPLETIONS: usize = 1024;
/// The token of the listener; connections have those of their places in a slab.
const LISTENER: Token = Token(usize::MAX);
/// The token of what is sent. What has completed says itself to whom it went.
const SENT: Token = Token(usize::MAX - 1);

/// A server.
struct Server {
    proactor: Proactor,
    listener: Handle,
    connections: Slab<Handle>,
    relay: Relay,
    /// An answer is sent at once: by readiness, an operation would be a second call.
    answers_now: bool,
}

/// Serves until the program is ended.
pub(crate) fn main(options: &Options, driver: Choice) -> io::Result<()> {
    let relay = Relay::parse(&options.job)?;
    let (listener, address) = match &options.unix {
        Some(path) => (OwnedFd::from(family::unix(path)?), path.display().to_string()),
        None => {
            let (listener, address) = family::tcp()?;
            (listener.into(), address)
        }
    };
    let mut proactor = Proactor::new(Poll::new()?, Config { driver, ..Config::default() })?;
    let listener = proactor.attach(listener);
    proactor.submit(LISTENER, op::AcceptMany { handle: listener })?;
    let answers_now = proactor.driver() == Some(DriverKind::Readiness);
    let mut server = Server { proactor, listener, connections: Slab::new(), relay, answers_now };
    let (mut events, mut completions) = (Events::with_capacity(16), Completions::with_capacity(COMPLETIONS));
    control::start(&address)?;
    loop {
        match server.proactor.poll(&mut events, &mut completions, None) {
            Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error),
            _ => {}
        }
        while let Some(completion) = completions.next() {
            match completion.kind {
                Kind::Accepted(stream) => server.accepted(stream)?,
                Kind::Received(chunk) => server.received(completion.token.0, chunk)?,
                Kind::Done(done) => server.sent(done),
                Kind::Ended(result) => server.ended(completion.token, result)?,
                kind => return Err(io::Error::other(format!("nobody asked for {kind:?}"))),
            }
        }
    }
}

impl Server {
    fn accepted(&mut self, stream: OwnedFd) -> io::Result<()> {
        let handle = self.proactor.attach(stream);
        let key = self.connections.insert(handle);
        self.proactor.submit(Token(key), op::RecvMany { handle })?;
        Ok(())
    }

    /// Passes on what came from the connection `key`.
    fn received(&mut self, key: usize, chunk: Chunk) -> io::Result<()> {
        let Some(&mut sender) = self.connections.get_mut(key) else { return Ok(()) };
        if self.relay == Relay::Broadcast {
            let others = self.connections.iter_mut().filter(|(other, _)| *other != key);
            self.proactor.send_all(SENT, others.map(|(_, handle)| *handle), chunk)?;
            return Ok(());
        }
        let sent = if self.answers_now { self.send_now(sender, &chunk) } else { 0 };
        if sent < chunk.len() {
            self.proactor.submit(SENT, op::Send::new(sender, chunk.slice(sent..)))?;
        }
        Ok(())
    }

    /// Sends what the socket takes, and says how much that was. A client that fails is given up.
    fn send_now(&mut self, handle: Handle, chunk: &Chunk) -> usize {
        match self.proactor.send_now(handle, chunk) {
            Ok(sent) => sent,
            Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
            Err(_) => {
                self.proactor.close(handle);
                chunk.len()
            }
        }
    }

    /// Gives up those who did not get what was sent to them.
    fn sent(&mut self, mut done: Done<'_>) {
        if let Some((result, send)) = done.take::<op::Send<Chunk>>() {
            if !result.is_ok_and(|sent| sent as usize == send.buf.len()) {
                self.proactor.close(send.handle);
            }
        } else if let Some((_, send)) = done.take::<op::SendAll>() {
            send.failures().for_each(|(handle, _)| self.proactor.close(handle));
        }
    }

    /// Closes a connection that is received from no more.
    fn ended(&mut self, token: Token, result: io::Result<()>) -> io::Result<()> {
        if token == LISTENER {
            // A server that runs short of descriptors could go on later; here none does.
            result?;
            self.proactor.submit(LISTENER, op::AcceptMany { handle: self.listener })?;
        } else if let Some(handle) = self.connections.remove(token.0) {
            self.proactor.close(handle);
        }
        Ok(())
    }
}
