//! Named pipes.

pub(crate) mod builder;
pub(crate) mod message;

mod connecting;
mod handle_impls;
mod progress;
mod reading;
mod state;
mod writing;

#[cfg(test)]
mod tests;

use std::ffi::OsStr;
use std::fmt;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::os::windows::io::OwnedHandle;
use std::sync::Arc;

use crate::interest::Interest;
use crate::registry::{Registry, Source};
use crate::sys::pipe;
use crate::token::Token;
use crate::windows::named_pipe::builder::NamedPipeBuilder;
use crate::windows::named_pipe::message::MessagePart;
use crate::windows::named_pipe::state::Inner;

/// One end of a named pipe: an instance of a server, or a client.
///
/// A server [makes](NamedPipe::new) an instance, registers it, and waits by
/// [`connect`](NamedPipe::connect) for a client; a further instance is another pipe of the same
/// name, by the [builder](NamedPipe::builder). A client [opens](NamedPipe::connect_to) the pipe
/// by its name. Any handle that was opened with `FILE_FLAG_OVERLAPPED` becomes one by `From` or
/// `FromRawHandle`, such as that of a serial port; from then on nothing else may start operations
/// on it that end in a completion port.
///
/// Once registered it is used as a socket is: an event says that it is readable or writable, and
/// an operation that has to wait is [`WouldBlock`](io::ErrorKind::WouldBlock). It can be read and
/// written through `&NamedPipe` too, by two threads at once. The [modes](crate::Mode) are those
/// of every source, and the two directions are one registration: in
/// [`Mode::Oneshot`](crate::Mode::Oneshot) the first event disarms both.
///
/// - Operations need a registration: without one they fail with `NotFound`, except that bytes
///   which were read before are still given.
/// - It stays with the first Poll that it is registered with. Windows does not release a handle
///   from a completion port.
/// - A `read` of `Ok(0)` is the end: the peer has closed its end and everything was read. An empty
///   message is no end, and `read` passes over it.
/// - No byte is lost, whatever the sizes of messages and buffers are. Where a message ends is told
///   by [`read_message`](NamedPipe::read_message).
/// - A `write` takes all it is given, and the pipe is writable again when the kernel has it. In
///   [message mode](NamedPipeBuilder::message_mode) each `write` is one message. An error of
///   it is returned by the next `write`.
/// - Dropping the pipe ends what it waits for or reads. What it writes is still written, as long
///   as the Poll lives: the handle stays open until then.
///
/// # Implementation notes
///
/// Windows tells ends of operations and no readiness. So a registered pipe always has a read
/// under way, of as many bytes as the last buffer of the user had room for, from 4 to 64 KiB; and
/// a write is copied.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use std::io::{ErrorKind, Read, Write};
/// use ferrio::windows::NamedPipe;
/// use ferrio::{Events, Interest, Poll, Token};
///
/// let name = format!(r"\\.\pipe\ferrio-example-{}", std::process::id());
/// let both = Interest::READABLE | Interest::WRITABLE;
/// let mut poll = Poll::new()?;
/// let mut events = Events::with_capacity(8);
///
/// let mut server = NamedPipe::new(&name)?;
/// poll.registry().register(&mut server, Token(0), both)?;
/// assert_eq!(server.connect().unwrap_err().kind(), ErrorKind::WouldBlock);
///
/// let mut client = NamedPipe::connect_to(&name)?;
/// poll.registry().register(&mut client, Token(1), both)?;
/// client.write_all(b"hello")?;
///
/// let mut buf = [0; 64];
/// let len = loop {
///     poll.wait(&mut events, None)?;
///     match server.read(&mut buf) {
///         Ok(len) => break len,
///         Err(error) if error.kind() == ErrorKind::WouldBlock => {}
///         Err(error) => return Err(error),
///     }
/// };
/// assert_eq!(&buf[..len], b"hello");
/// # Ok(())
/// # }
/// ```
#[doc(alias = "uv_pipe_t")]
#[doc(alias = "CreateNamedPipe")]
pub struct NamedPipe {
    inner: Arc<Inner>,
}

impl NamedPipe {
    /// Makes the first instance of the pipe called `addr`, such as `\\.\pipe\name`: for bytes, in
    /// both directions, with any number of instances and without clients on other machines.
    ///
    /// # Errors
    ///
    /// `PermissionDenied` if the name has an instance already. Otherwise what Windows says.
    pub fn new<A: AsRef<OsStr>>(addr: A) -> io::Result<NamedPipe> {
        NamedPipe::builder(addr).create()
    }

    /// Makes an instance of the pipe called `name` with options.
    pub fn builder<A: AsRef<OsStr>>(name: A) -> NamedPipeBuilder {
        NamedPipeBuilder::new(name.as_ref())
    }

    /// Opens the pipe called `name` as a client, for bytes. Its server may learn who the client
    /// is, and cannot act in its place.
    ///
    /// # Errors
    ///
    /// `ResourceBusy` while each instance has a client: then try again later. `NotFound` if there
    /// is no pipe of this name, and `InvalidInput` if it is the name of something else.
    pub fn connect_to<A: AsRef<OsStr>>(name: A) -> io::Result<NamedPipe> {
        Ok(NamedPipe::of(pipe::open(name.as_ref())?, false))
    }

    /// Waits for a client, in the background.
    ///
    /// `Ok` if there is one already. Otherwise it is `WouldBlock`, and an event tells when that has
    /// ended: writable, or readable if the pipe is not registered for that. Then
    /// [`take_error`](NamedPipe::take_error) says whether there is a client.
    ///
    /// # Errors
    ///
    /// `WouldBlock` as long as it waits; `NotFound` if the pipe is not registered.
    pub fn connect(&self) -> io::Result<()> {
        self.inner.connect()
    }

    /// Sends the client away, if there is one. What is under way ends, and what was not read yet
    /// is dropped: nothing of this client reaches the next one, for which
    /// [`connect`](NamedPipe::connect) waits.
    ///
    /// # Errors
    ///
    /// What Windows says, as for the end of a client.
    pub fn disconnect(&self) -> io::Result<()> {
        self.inner.disconnect()
    }

    /// The error with which the last wait for a client has ended, if there was one that was not
    /// taken yet.
    ///
    /// # Errors
    ///
    /// None are known.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        Ok(self.inner.take_error())
    }

    /// Has reads end where a message does, or no longer. It counts from the next read on which the
    /// kernel starts: set it before the pipe is registered.
    ///
    /// # Errors
    ///
    /// `InvalidInput` for a pipe whose server did not make it for messages.
    pub fn set_message_mode(&self, on: bool) -> io::Result<()> {
        self.inner.set_message_mode(on)
    }

    /// Reads a message, or as much of it as there is room for in `buf`.
    ///
    /// `None` is the end: the peer has closed its end, and everything was read. An empty message
    /// is a part without bytes that is the last of its message.
    ///
    /// # Errors
    ///
    /// `WouldBlock` while there is none; `InvalidInput` for a pipe that is read as bytes. Otherwise
    /// as for `read`.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # extern crate ferrio_poll as ferrio;
    /// # use ferrio::windows::NamedPipe;
    /// # fn next(pipe: &NamedPipe, message: &mut Vec<u8>) -> std::io::Result<bool> {
    /// let mut buf = [0; 4096];
    /// while let Some(part) = pipe.read_message(&mut buf)? {
    ///     message.extend_from_slice(&buf[..part.len()]);
    ///     if part.is_last() {
    ///         return Ok(true);
    ///     }
    /// }
    /// // The peer is gone.
    /// # Ok(false)
    /// # }
    /// ```
    pub fn read_message(&self, buf: &mut [u8]) -> io::Result<Option<MessagePart>> {
        self.inner.read_message(buf)
    }

    /// The pipe of `handle`, which is open for overlapped operations.
    fn of(handle: OwnedHandle, messages: bool) -> NamedPipe {
        NamedPipe { inner: Arc::new(Inner::new(handle, messages)) }
    }
}

impl Read for NamedPipe {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buf)
    }

    fn read_vectored(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.inner.read_vectored(bufs)
    }
}

impl Read for &NamedPipe {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buf)
    }

    fn read_vectored(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.inner.read_vectored(bufs)
    }
}

impl Write for NamedPipe {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.inner.write(&[buf])
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.inner.write(bufs)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Write for &NamedPipe {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.inner.write(&[buf])
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.inner.write(bufs)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Source for NamedPipe {
    fn register(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        self.inner.register(registry, token, interest)
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        self.inner.reregister(registry, token, interest)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        self.inner.deregister(registry)
    }
}

impl Drop for NamedPipe {
    fn drop(&mut self) {
        self.inner.close();
    }
}

impl fmt::Debug for NamedPipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NamedPipe").field("handle", self.inner.handle()).finish()
    }
}
