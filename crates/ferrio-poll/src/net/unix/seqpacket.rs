//! A connection over a Unix socket that keeps the boundaries of its records.

use std::io;
use std::net::Shutdown;
use std::os::fd::BorrowedFd;
use std::os::unix::net::{self, SocketAddr};
use std::path::Path;

use crate::error::unix as error;
use crate::net::unix::descriptors::Descriptors;
use crate::net::unix::peer::peer_impls;
use crate::net::unix::record::Record;
use crate::source::impls::io_impls;
use crate::source::io_source::IoSource;
use crate::sys::socket_option::Settings;
use crate::sys::{packets, passing, unix_socket};

/// A connection over a Unix socket that keeps the boundaries of its records
/// (`SOCK_SEQPACKET`).
///
/// It is connected like a [`UnixStream`](crate::net::UnixStream), so that each side is told when
/// the other ends, and what one [`send`](UnixSeqpacket::send) sent is what one
/// [`recv`](UnixSeqpacket::recv) gives, in order. Nothing has to be framed.
///
/// Linux, Android, FreeBSD, DragonFly, NetBSD, OpenBSD and others have it; Apple's systems do
/// not, where making one is `Unsupported`.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # use ferrio::net::UnixSeqpacket;
/// use ferrio::{Events, Interest, Poll, Token};
///
/// # fn main() -> std::io::Result<()> {
/// # if UnixSeqpacket::pair().is_err_and(|error| error.kind() == std::io::ErrorKind::Unsupported) {
/// #     return Ok(());
/// # }
/// let (one, mut other) = UnixSeqpacket::pair()?;
/// let mut poll = Poll::new()?;
/// poll.registry().register(&mut other, Token(0), Interest::READABLE)?;
///
/// one.send(b"first")?;
/// one.send(b"second")?;
/// poll.poll(&mut Events::with_capacity(1), None)?;
/// let mut buf = [0; 64];
/// let record = other.recv(&mut buf)?;
/// assert_eq!(&buf[..record.len()], b"first");
/// assert!(record.is_end() && !record.is_truncated());
/// # Ok(())
/// # }
/// ```
#[doc(alias = "SOCK_SEQPACKET")]
pub struct UnixSeqpacket {
    /// std has no type for it; that for streams closes it and asks it for its addresses.
    inner: IoSource<net::UnixStream>,
}

impl UnixSeqpacket {
    /// Connects to the listener at `path`.
    ///
    /// # Errors
    ///
    /// As [`UnixStream::connect`](crate::net::UnixStream::connect); `Unsupported` where the
    /// system has no such sockets.
    ///
    /// # Implementation notes
    ///
    /// socket(2) and connect(2), which on Linux succeeds or fails at once.
    pub fn connect<P: AsRef<Path>>(path: P) -> io::Result<UnixSeqpacket> {
        UnixSeqpacket::connect_addr(&SocketAddr::from_pathname(path)?)
    }

    /// Connects to the listener at `address`, which may be an abstract name.
    ///
    /// # Errors
    ///
    /// As [`connect`](UnixSeqpacket::connect).
    pub fn connect_addr(address: &SocketAddr) -> io::Result<UnixSeqpacket> {
        unix_socket::seqpacket(address, &Settings::default()).map(UnixSeqpacket::new)
    }

    /// Two sockets that are each other's peer.
    ///
    /// # Errors
    ///
    /// What the system says; `Unsupported` where it has no such sockets.
    ///
    /// # Implementation notes
    ///
    /// socketpair(2) with `SOCK_NONBLOCK | SOCK_CLOEXEC`.
    pub fn pair() -> io::Result<(UnixSeqpacket, UnixSeqpacket)> {
        let (one, other) = unix_socket::seqpacket_pair()?;
        Ok((UnixSeqpacket::new(one), UnixSeqpacket::new(other)))
    }

    pub(super) fn new(inner: net::UnixStream) -> UnixSeqpacket {
        UnixSeqpacket { inner: IoSource::new(inner) }
    }

    /// Sends `record` as one record, whole or not at all.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if the peer has to receive first: wait for a writable event. `BrokenPipe` if
    /// the peer is gone; no signal is raised. `InvalidInput` for an empty record, which the peer
    /// would take for the end of the connection. One that is longer than the socket's buffer is
    /// `EMSGSIZE`.
    ///
    /// # Implementation notes
    ///
    /// send(2) with `MSG_EOR`.
    pub fn send(&self, record: &[u8]) -> io::Result<usize> {
        if record.is_empty() {
            return Err(error::empty_record());
        }
        self.inner.give(|inner| packets::send(inner, record))
    }

    /// Receives one record, or the part of it for which there is room.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is none. `ConnectionReset` if the peer ended and left records
    /// unread.
    ///
    /// # Implementation notes
    ///
    /// recvmsg(2) with no room for control messages: descriptors that the peer sends along are
    /// closed by the kernel.
    pub fn recv(&self, buf: &mut [u8]) -> io::Result<Record> {
        let (len, is_truncated, is_end) = self.inner.take(|inner| packets::receive(inner, buf))?;
        Ok(Record::new(len, is_truncated, is_end))
    }

    /// Sends `record` as [`send`](UnixSeqpacket::send) does, with duplicates of `fds` for the
    /// peer.
    ///
    /// # Errors
    ///
    /// As [`send`](UnixSeqpacket::send); `InvalidInput` for more descriptors than
    /// [`Descriptors::MAX`]; `ETOOMANYREFS` if more are on their way to receivers than this
    /// process may have open.
    ///
    /// # Implementation notes
    ///
    /// sendmsg(2) with `SCM_RIGHTS` and `MSG_EOR`.
    #[doc(alias = "SCM_RIGHTS")]
    pub fn send_with_fds(&self, record: &[u8], fds: &[BorrowedFd<'_>]) -> io::Result<usize> {
        if record.is_empty() {
            return Err(error::empty_record());
        }
        self.inner.give(|inner| passing::send(inner, record, fds, true))
    }

    /// Receives one record as [`recv`](UnixSeqpacket::recv) does, with the descriptors that came
    /// along; what `fds` held before is closed.
    ///
    /// # Errors
    ///
    /// As [`recv`](UnixSeqpacket::recv). `InvalidData` if more descriptors came than `fds` has
    /// room for, `QuotaExceeded` if this process may not open as many: all of them are closed, and
    /// the record is lost.
    ///
    /// # Implementation notes
    ///
    /// As [`UnixStream::recv_with_fds`](crate::net::UnixStream::recv_with_fds).
    pub fn recv_with_fds(&self, buf: &mut [u8], fds: &mut Descriptors) -> io::Result<Record> {
        let taken = self.inner.take(|inner| fds.receive(inner, buf))?;
        Ok(Record::new(taken.len, taken.is_truncated, taken.is_end))
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

    /// Ends receiving, sending or both. The peer sees the end of the connection once sending has
    /// ended.
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

io_impls!(UnixSeqpacket, net::UnixStream);
peer_impls!(UnixSeqpacket);
