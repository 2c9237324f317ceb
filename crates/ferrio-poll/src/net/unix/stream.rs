//! A connection over a Unix socket.

use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::net::Shutdown;
use std::os::fd::BorrowedFd;
use std::os::unix::net::{self, SocketAddr};
use std::path::Path;

use crate::error::unix as error;
use crate::net::stream_io::stream_io;
use crate::net::unix::descriptors::Descriptors;
use crate::net::unix::peer::peer_impls;
use crate::source::impls::{io_impls, std_impls};
use crate::source::io_source::IoSource;
use crate::sys::socket::{self, BUFFERS_MAX};
use crate::sys::socket_option::Settings;
use crate::sys::{passing, unix_socket};

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
    pub(in crate::net) inner: IoSource<net::UnixStream>,
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

    /// Writes `buf` as [`Write::write`] does, with duplicates of `fds` for the peer.
    ///
    /// The descriptors go with the first byte. If only a part of `buf` was written, all of them
    /// have gone, and the rest is written without them. They stay open here.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is no room, and none of them has gone. `InvalidInput` for descriptors
    /// without a byte to go with, and for more than [`Descriptors::MAX`]. `ETOOMANYREFS` if more
    /// are on their way to receivers than this process may have open.
    ///
    /// # Implementation notes
    ///
    /// sendmsg(2) with `SCM_RIGHTS`.
    ///
    /// # Examples
    ///
    /// See [`Descriptors`].
    #[doc(alias = "SCM_RIGHTS")]
    pub fn send_with_fds(&self, buf: &[u8], fds: &[BorrowedFd<'_>]) -> io::Result<usize> {
        if buf.is_empty() && !fds.is_empty() {
            return Err(error::descriptors_without_bytes());
        }
        self.inner.write(buf.len(), |inner| passing::send(inner, buf, fds, false))
    }

    /// Reads as [`Read::read`] does, and takes the descriptors that came with what was read.
    ///
    /// What `fds` held before is closed. A read ends behind bytes that came with descriptors, so
    /// that those of two sends never come together, and is short then although there is more.
    /// Each descriptor is close-on-exec. Any other way to read closes descriptors unseen.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is nothing. `InvalidData` if more descriptors came than `fds` has
    /// room for, `QuotaExceeded` if this process may not open as many: all of them are closed, and
    /// the bytes are lost, so end the connection.
    ///
    /// # Implementation notes
    ///
    /// recvmsg(2) with `MSG_CMSG_CLOEXEC`; Apple's systems, Haiku, Redox and Solaris have no such
    /// flag, and there fcntl(2) follows. A kernel closes the descriptors that find no room, but
    /// those of Apple's systems, which are given room for as many as a peer can send.
    ///
    /// # Examples
    ///
    /// See [`Descriptors`].
    pub fn recv_with_fds(&self, buf: &mut [u8], fds: &mut Descriptors) -> io::Result<usize> {
        let len = buf.len();
        self.inner.read(len, |inner| Ok(fds.receive(inner, buf)?.len))
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
peer_impls!(UnixStream);
