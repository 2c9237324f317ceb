//! The loop, and what becomes of each completion.
#![allow(unsafe_code, reason = "a completion says a descriptor by its number")]

use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd, FromRawFd, OwnedFd};

use bench_kit::options::Options;
use bench_kit::server::Relay;
use bench_kit::slab::Slab;
use bench_kit::{control, family};
use rustix::io::Errno;

use crate::buffers::Buffers;
use crate::connection::Connection;
use crate::operation::{self, Operation};
use crate::ring::{self, Completion, Ring};

/// The variant that answers by send(2), and by an entry only where that would block.
const INLINE: &str = "inline";
/// The entries of the ring: a broadcast submits as many as there are clients.
const ENTRIES: (u32, u32) = (256, 1024);

/// A server.
struct Server<'a> {
    ring: Ring<'a>,
    buffers: Buffers,
    listener: OwnedFd,
    connections: Slab<Connection>,
    /// Those whose receiving has to be submitted again, when there are buffers.
    starved: VecDeque<usize>,
    relay: Relay,
    /// An answer is sent at once.
    is_inline: bool,
}

/// Serves until the program is ended.
pub(crate) fn main(options: &Options) -> io::Result<()> {
    let relay = Relay::parse(&options.job)?;
    let (listener, address) = match &options.unix {
        Some(path) => (OwnedFd::from(family::unix(path)?), path.display().to_string()),
        None => {
            let (listener, address) = family::tcp()?;
            (listener.into(), address)
        }
    };
    let entries = if relay == Relay::Echo { ENTRIES.0 } else { ENTRIES.1 };
    let mut ring = ring::build(entries)?;
    let ring = Ring::new(&mut ring)?;
    let buffers = Buffers::new(ring.submitter())?;
    let (connections, starved) = (Slab::new(), VecDeque::new());
    let is_inline = options.variant == INLINE;
    let mut server = Server { ring, buffers, listener, connections, starved, relay, is_inline };
    server.ring.push(&operation::accept(server.listener.as_fd()))?;
    control::start(&address)?;
    loop {
        server.turn()?;
    }
}

impl Server<'_> {
    /// Waits, and handles all that has completed.
    fn turn(&mut self) -> io::Result<()> {
        self.ring.turn()?;
        while let Some(completion) = self.ring.next() {
            match Operation::of(completion.data) {
                Operation::Accept => self.accepted(completion)?,
                Operation::Receive(key) => self.received(key, completion)?,
                Operation::Send(key) => self.sent(key, completion.result)?,
                Operation::Close => return Err(io::Error::from_raw_os_error(-completion.result)),
            }
        }
        self.buffers.publish();
        // After that: one that finds no buffer would complete at once, in vain.
        for _ in 0..self.starved.len().min(self.buffers.available()) {
            let Some(key) = self.starved.pop_front() else { break };
            let Some(connection) = self.connections.get_mut(key) else { continue };
            self.ring.push(&operation::receive(connection.as_fd(), key))?;
        }
        Ok(())
    }

    fn accepted(&mut self, completion: Completion) -> io::Result<()> {
        match completion.result {
            fd if fd >= 0 => {
                // SAFETY: the kernel has opened it for us, and nobody else has its number.
                let stream = unsafe { OwnedFd::from_raw_fd(fd) };
                let key = self.connections.insert(Connection::new(stream));
                let connection = self.connections.get_mut(key).expect("just put in");
                self.ring.push(&operation::receive(connection.as_fd(), key))?;
            }
            error if is_passing(error) => {}
            error => return Err(io::Error::from_raw_os_error(-error)),
        }
        if !completion.has_more {
            self.ring.push(&operation::accept(self.listener.as_fd()))?;
        }
        Ok(())
    }

    /// Passes on what came. A client that fails is given up, the server goes on.
    fn received(&mut self, key: usize, completion: Completion) -> io::Result<()> {
        let Completion { result, buffer, has_more, .. } = completion;
        if let Some(id) = buffer {
            self.buffers.take();
            self.buffers.hold(id);
            if let Ok(length @ 1..) = usize::try_from(result) {
                self.pass_on(key, id, length)?;
            }
            self.buffers.release(id);
        }
        if has_more {
            return Ok(());
        }
        // It ended for want of a buffer, or of room for its completion, and goes on.
        if result > 0 || result == -Errno::NOBUFS.raw_os_error() {
            self.starved.push_back(key);
            return Ok(());
        }
        if let Some(connection) = self.connections.get_mut(key) {
            connection.is_receiving = false;
        }
        self.close_if_done(key)
    }

    fn pass_on(&mut self, sender: usize, id: u16, length: usize) -> io::Result<()> {
        if self.relay == Relay::Echo {
            return if self.is_inline {
                self.answer(sender, id, length)
            } else {
                self.send(sender, id, length)
            };
        }
        for key in 0..self.connections.keys() {
            if key != sender {
                self.send(key, id, length)?;
            }
        }
        Ok(())
    }

    /// Sends what is in a buffer at once, as far as the socket takes it.
    fn answer(&mut self, key: usize, id: u16, length: usize) -> io::Result<()> {
        let Some(connection) = self.connections.get_mut(key) else { return Ok(()) };
        match connection.send(key, self.buffers.bytes(id, length)) {
            Ok(None) => Ok(()),
            Ok(Some(entry)) => self.ring.push(&entry),
            Err(_) => {
                connection.fail();
                Ok(())
            }
        }
    }

    /// Submits a send of what is in a buffer.
    fn send(&mut self, key: usize, id: u16, length: usize) -> io::Result<()> {
        let Some(connection) = self.connections.get_mut(key) else { return Ok(()) };
        match connection.send_buffer(key, id, self.buffers.bytes(id, length)) {
            Ok(None) => {}
            Ok(Some(entry)) => {
                self.buffers.hold(id);
                self.ring.push(&entry)?;
            }
            Err(_) => connection.fail(),
        }
        Ok(())
    }

    fn sent(&mut self, key: usize, result: i32) -> io::Result<()> {
        let Some(connection) = self.connections.get_mut(key) else { return Ok(()) };
        let (buffer, result) = connection.sent(result);
        if let Some(id) = buffer {
            self.buffers.release(id);
        }
        if result.is_err() {
            connection.fail();
        }
        if let Some(entry) = connection.next(key) {
            self.ring.push(&entry)?;
        }
        self.close_if_done(key)
    }

    /// Closes a connection of which the kernel has nothing any more: no completion can come
    /// for the next one of its key.
    fn close_if_done(&mut self, key: usize) -> io::Result<()> {
        if !self.connections.get_mut(key).is_some_and(|connection| connection.is_done()) {
            return Ok(());
        }
        match self.connections.remove(key) {
            Some(connection) => self.ring.push(&operation::close(connection.into_stream())),
            None => Ok(()),
        }
    }
}

/// True for what concerns only the client that was to be accepted.
fn is_passing(error: i32) -> bool {
    [Errno::CONNABORTED, Errno::INTR].iter().any(|passing| -passing.raw_os_error() == error)
}
