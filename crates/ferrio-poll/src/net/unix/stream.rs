//! A connection over a Unix socket.

use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{self, SocketAddr};
use std::path::Path;

use crate::net::stream_io::stream_io;
use crate::source::impls::{io_impls, std_impls};
use crate::source::io_source::IoSource;
use crate::sys::socket::{self, BUFFERS_MAX};
use crate::sys::socket_option::Settings;
use crate::sys::unix_socket;

/// A connection over a Unix socket.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use std::io::{Read, Write};
/// use ferrio::net::UnixStream;
/// use ferrio::{Events, Interest, Poll, Token};
///
/// let (mut one, mut other) = UnixStream::pair()?;
/// let mut poll = Poll::new()?;
/// poll.registry().register(&mut other, Token(0), Interest::READABLE)?;
///
/// one.write_all(b"hello")?;
/// poll.poll(&mut Events::with_capacity(1), None)?;
/// let mut buf = [0; 64];
/// assert_eq!(other.read(&mut buf)?, 5);
/// # Ok(())
/// # }
/// ```
pub struct UnixStream {
    inner: IoSource<net::UnixStream>,
}

impl UnixStream {
    /// Connects to the listener at `path`.
    ///
    /// # Errors
    ///
    /// `NotFound` if there is nothing at `path`, `ConnectionRefused` if nobody listens
    /// there, `WouldBlock` if the listener's queue is full: no event tells when it no
    /// longer is, so try again after a while. `InvalidInput` if the path has 108 bytes
    /// or more, or a NUL.
    ///
    /// # Implementation notes
    ///
    /// socket(2) and connect(2), which on Linux succeeds or fails at once.
    pub fn connect<P: AsRef<Path>>(path: P) -> io::Result<UnixStream> {
        UnixStream::connect_addr(&SocketAddr::from_pathname(path)?)
    }

    /// Connects to the listener at `address`, which may be an abstract name.
    ///
    /// # Errors
    ///
    /// As [`connect`](UnixStream::connect).
    pub fn connect_addr(address: &SocketAddr) -> io::Result<UnixStream> {
        unix_socket::stream(address, &Settings::default()).map(UnixStream::from_std)
    }

    /// Two streams that are each other's peer.
    ///
    /// # Errors
    ///
    /// What the system says.
    ///
    /// # Implementation notes
    ///
    /// socketpair(2) with `SOCK_NONBLOCK | SOCK_CLOEXEC`.
    pub fn pair() -> io::Result<(UnixStream, UnixStream)> {
        let (one, other) = unix_socket::stream_pair()?;
        Ok((UnixStream::from_std(one), UnixStream::from_std(other)))
    }

    /// The address of this side.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.inner.local_addr()
    }

    /// The address of the peer.
    ///
    /// # Errors
    ///
    /// `NotConnected` if there is none.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.inner.peer_addr()
    }

    /// Takes the pending error of this socket (`SO_ERROR`), if there is one.
    ///
    /// # Errors
    ///
    /// What the system says if it cannot tell.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.inner.taken(net::UnixStream::take_error)
    }

    /// Ends reading, writing or both. The peer sees the end of the stream once
    /// writing has ended.
    ///
    /// # Errors
    ///
    /// `NotConnected` if there is no peer.
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.inner.shutdown(how)
    }

    /// Runs an operation of the caller's own on this socket; see
    /// [`TcpStream::try_io`](crate::net::TcpStream::try_io).
    ///
    /// # Errors
    ///
    /// Those of the closure.
    pub fn try_io<F, T>(&self, operation: F) -> io::Result<T>
    where
        F: FnOnce() -> io::Result<T>,
    {
        self.inner.do_io(|_| operation())
    }
}

io_impls!(UnixStream, net::UnixStream);
std_impls!(UnixStream, net::UnixStream);
stream_io!(UnixStream);
