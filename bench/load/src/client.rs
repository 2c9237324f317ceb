//! One client.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::time::Instant;

use crate::message::Message;

/// The stream of a client.
#[derive(Debug)]
enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

/// A client: at most one message of it is on its way.
#[derive(Debug)]
pub(crate) struct Client {
    stream: Stream,
    /// Which number its messages carry.
    id: u32,
    /// The number of the message that it sent or waits for.
    pub(crate) sequence: u32,
    /// How much of its message went out.
    sent: usize,
    /// How much of the expected message came in.
    received: usize,
    /// When its message went out.
    pub(crate) since: Instant,
}

impl Client {
    /// Connects to `address`, a path or an address of TCP.
    pub(crate) fn connect(address: &str, id: u32) -> io::Result<Self> {
        let stream = if address.contains('/') {
            let stream = UnixStream::connect(address)?;
            stream.set_nonblocking(true)?;
            Stream::Unix(stream)
        } else {
            let stream = TcpStream::connect(address)?;
            stream.set_nodelay(true)?;
            stream.set_nonblocking(true)?;
            Stream::Tcp(stream)
        };
        Ok(Self { stream, id, sequence: 0, sent: usize::MAX, received: 0, since: Instant::now() })
    }

    /// Begins the next message.
    pub(crate) fn send_next(&mut self, message: &mut Message, now: Instant) -> io::Result<()> {
        self.sequence = self.sequence.wrapping_add(1);
        (self.sent, self.received, self.since) = (0, 0, now);
        self.flush(message)
    }

    /// Sends what is left of the message.
    pub(crate) fn flush(&mut self, message: &mut Message) -> io::Result<()> {
        let bytes = message.of(self.id, self.sequence);
        while self.sent < bytes.len() {
            match self.stream.write(&bytes[self.sent..]) {
                Ok(count) => self.sent += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Waits for message `sequence` of the sender `id` from now on.
    pub(crate) fn expect(&mut self, sequence: u32) {
        (self.sequence, self.received) = (sequence, 0);
    }

    /// Reads and verifies against message [`Self::sequence`] of client `sender`; true
    /// when all of it has come.
    pub(crate) fn receive(
        &mut self,
        sender: u32,
        message: &mut Message,
        buffer: &mut [u8],
    ) -> io::Result<bool> {
        loop {
            match self.stream.read(buffer) {
                Ok(0) => return Err(io::Error::other(format!("the server closed client {}", self.id))),
                Ok(count) => {
                    message.verify(sender, self.sequence, self.received, &buffer[..count])?;
                    self.received += count;
                    if self.received == message.len() {
                        return Ok(true);
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Which number its messages carry.
    pub(crate) fn id(&self) -> u32 {
        self.id
    }
}

impl AsFd for Client {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match &self.stream {
            Stream::Tcp(stream) => stream.as_fd(),
            Stream::Unix(stream) => stream.as_fd(),
        }
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read(buffer),
            Self::Unix(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.write(bytes),
            Self::Unix(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
