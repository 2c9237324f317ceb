//! A client, and what was not sent to it yet.

use std::io::{self, ErrorKind};
use std::mem;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use io_uring::squeue::Entry;
use rustix::io::Errno;
use rustix::net::{SendFlags, Shutdown, shutdown};

use crate::operation;

/// The most bytes that wait for a client before it is given up.
const UNSENT_MAX: usize = 1024 * 1024;

/// A client.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: OwnedFd,
    /// It is received from, or will be when a buffer is free.
    pub(crate) is_receiving: bool,
    /// What is being sent: there is one send at a time, or they could overtake each other.
    sending: Option<Sending>,
    /// The source of a send of our own bytes.
    unsent: Vec<u8>,
    /// What is sent after that.
    queued: Vec<u8>,
}

/// A send that has not completed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sending {
    /// The buffer that is its source; without one, the bytes are the connection's own.
    buffer: Option<u16>,
    length: usize,
}

impl Connection {
    /// A client who has sent nothing yet.
    pub(crate) fn new(stream: OwnedFd) -> Self {
        Self { stream, is_receiving: true, sending: None, unsent: Vec::new(), queued: Vec::new() }
    }

    /// Sends at once what can be sent; an entry for the rest, if there is some.
    pub(crate) fn send(&mut self, key: usize, bytes: &[u8]) -> io::Result<Option<Entry>> {
        if self.sending.is_some() {
            return self.queue(bytes).map(|()| None);
        }
        let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
        let sent = match rustix::net::send(&self.stream, bytes, flags) {
            Err(Errno::AGAIN) => 0,
            result => result?,
        };
        if sent == bytes.len() {
            return Ok(None);
        }
        self.queue(&bytes[sent..])?;
        Ok(self.next(key))
    }

    /// An entry that sends `bytes` of a buffer; none if they had to be copied, for another send
    /// is not done.
    pub(crate) fn send_buffer(&mut self, key: usize, buffer: u16, bytes: &[u8]) -> io::Result<Option<Entry>> {
        if self.sending.is_some() {
            return self.queue(bytes).map(|()| None);
        }
        self.sending = Some(Sending { buffer: Some(buffer), length: bytes.len() });
        Ok(Some(operation::send(self.stream.as_fd(), key, bytes)))
    }

    /// Notes that the send has completed with `result`. The buffer that was its source.
    pub(crate) fn sent(&mut self, result: i32) -> (Option<u16>, io::Result<()>) {
        let Some(Sending { buffer, length }) = self.sending.take() else { return (None, Ok(())) };
        let result = match usize::try_from(result) {
            Ok(sent) if sent == length => Ok(()),
            Ok(_) => Err(ErrorKind::WriteZero.into()),
            Err(_) => Err(io::Error::from_raw_os_error(-result)),
        };
        (buffer, result)
    }

    /// An entry that sends what is queued, if there is something and no other send.
    pub(crate) fn next(&mut self, key: usize) -> Option<Entry> {
        if self.sending.is_some() || self.queued.is_empty() {
            return None;
        }
        self.unsent.clear();
        mem::swap(&mut self.unsent, &mut self.queued);
        self.sending = Some(Sending { buffer: None, length: self.unsent.len() });
        Some(operation::send(self.stream.as_fd(), key, &self.unsent))
    }

    /// Gives the client up: what is received from it ends, and then it is done.
    pub(crate) fn fail(&mut self) {
        self.queued.clear();
        // It fails if the client has gone, and then receiving ends too.
        let _ = shutdown(&self.stream, Shutdown::Both);
    }

    /// True once the kernel has nothing of it.
    pub(crate) fn is_done(&self) -> bool {
        !self.is_receiving && self.sending.is_none()
    }

    /// The stream, to be closed.
    pub(crate) fn into_stream(self) -> OwnedFd {
        self.stream
    }

    fn queue(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.queued.len() + bytes.len() > UNSENT_MAX {
            return Err(ErrorKind::TimedOut.into());
        }
        self.queued.extend_from_slice(bytes);
        Ok(())
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}
