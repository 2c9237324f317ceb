//! A Unix socket for datagrams.

use std::io;
use std::net::Shutdown;
use std::os::fd::BorrowedFd;
use std::os::unix::net::{self, SocketAddr};
use std::path::Path;

use crate::error;
use crate::net::unix::descriptors::Descriptors;
use crate::net::unix::record::Record;
use crate::source::impls::{io_impls, std_impls};
use crate::source::io_source::IoSource;
use crate::sys::socket_option::Settings;
use crate::sys::{passing, socket, unix_socket};

/// A Unix socket for datagrams.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use ferrio::net::UnixDatagram;
/// use ferrio::{Events, Interest, Poll, Token};
///
/// let (one, mut other) = UnixDatagram::pair()?;
/// let mut poll = Poll::new()?;
/// poll.registry().register(&mut other, Token(0), Interest::READABLE)?;
///
/// one.send(b"hello")?;
/// poll.poll(&mut Events::with_capacity(1), None)?;
/// let mut buf = [0; 64];
/// assert_eq!(other.recv(&mut buf)?, 5);
/// # Ok(())
/// # }
/// ```
pub struct UnixDatagram {
    inner: IoSource<net::UnixDatagram>,
}

impl UnixDatagram {
    /// A socket at `path`, which must not exist yet and is not removed by a drop.
    ///
    /// # Errors
    ///
    /// `AddrInUse` if the path exists, `NotFound` if its folder does not,
    /// `InvalidInput` if it has 108 bytes or more, or a NUL.
    pub fn bind<P: AsRef<Path>>(path: P) -> io::Result<UnixDatagram> {
        UnixDatagram::bind_addr(&SocketAddr::from_pathname(path)?)
    }

    /// A socket at `address`, which may be an abstract name.
    ///
    /// # Errors
    ///
    /// As [`bind`](UnixDatagram::bind).
    pub fn bind_addr(address: &SocketAddr) -> io::Result<UnixDatagram> {
        unix_socket::datagram_bound(address, &Settings::default()).map(UnixDatagram::from_std)
    }

    /// A socket at `path`, which must not exist yet, whose file has exactly `mode`, whatever
    /// the umask of the process is.
    ///
    /// At no time may anybody connect whom `mode` does not allow. To connect needs the permission
    /// to write: `0o600` for this user alone, `0o660` for its group too, `0o666` for everybody.
    /// The best protection is a directory that only the users of the socket can enter: it holds on
    /// systems that ignore the mode of a socket file too.
    ///
    /// # Errors
    ///
    /// As [`bind`](UnixDatagram::bind); `InvalidInput` for a mode above `0o777`;
    /// `Unsupported` on systems other than Linux and Android, where a datagram can be sent to the
    /// socket before its file has the mode.
    ///
    /// # Implementation notes
    ///
    /// fchmod(2) of the socket before bind(2), which its file takes over; then chmod(2) gives back what
    /// the umask took. The umask, which is the
    /// whole process's, is not touched.
    #[doc(alias = "chmod")]
    pub fn bind_with_mode<P: AsRef<Path>>(path: P, mode: u32) -> io::Result<UnixDatagram> {
        let address = SocketAddr::from_pathname(path)?;
        unix_socket::datagram_bound(&address, &Settings::with_file_mode(mode)).map(UnixDatagram::from_std)
    }

    /// Connects this socket to the one at `path`: `send` goes there.
    ///
    /// # Errors
    ///
    /// `NotFound` if there is nothing at `path`, `ConnectionRefused` if no socket is
    /// open there, `InvalidInput` as for [`bind`](UnixDatagram::bind).
    pub fn connect<P: AsRef<Path>>(&self, path: P) -> io::Result<()> {
        self.inner.connect(path)
    }

    /// Connects this socket to the one at `address`, which may be an abstract name: `send`
    /// goes there.
    ///
    /// # Errors
    ///
    /// `NotFound` if the path of `address` does not exist, `ConnectionRefused` if no socket is
    /// open there, `InvalidInput` for the address of a socket without a name.
    ///
    /// # Examples
    ///
    /// ```
    /// # extern crate ferrio_poll as ferrio;
    /// # fn main() -> std::io::Result<()> {
    /// use ferrio::net::UnixDatagram;
    ///
    /// # let directory = std::env::temp_dir().join(format!("ferrio-connect-{}", std::process::id()));
    /// # std::fs::create_dir(&directory)?;
    /// # let path = directory.join("service");
    /// let service = UnixDatagram::bind(&path)?;
    /// let client = UnixDatagram::unbound()?;
    /// client.connect_addr(&service.local_addr()?)?;
    /// client.send(b"hello")?;
    /// # std::fs::remove_dir_all(&directory)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn connect_addr(&self, address: &SocketAddr) -> io::Result<()> {
        named(address)?;
        self.inner.connect_addr(address)
    }

    /// A socket without a name.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn unbound() -> io::Result<UnixDatagram> {
        unix_socket::datagram().map(UnixDatagram::from_std)
    }

    /// Two sockets that are each other's peer.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn pair() -> io::Result<(UnixDatagram, UnixDatagram)> {
        let (one, other) = unix_socket::datagram_pair()?;
        Ok((UnixDatagram::from_std(one), UnixDatagram::from_std(other)))
    }

    /// The address of this socket.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.inner.local_addr()
    }

    /// The address that this socket is connected to.
    ///
    /// # Errors
    ///
    /// `NotConnected` if it is not.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.inner.peer_addr()
    }

    /// Receives one datagram, with the address of its sender.
    ///
    /// What does not fit into `buf` is lost.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is none.
    pub fn recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.inner.take(|inner| inner.recv_from(buf))
    }

    /// Receives one datagram.
    ///
    /// What does not fit into `buf` is lost.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is none.
    pub fn recv(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.inner.take(|inner| inner.recv(buf))
    }

    /// Sends `buf` as one datagram to the socket at `path`.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if its queue is full: no event tells when it no longer is.
    /// `NotFound` or `ConnectionRefused` if there is no socket.
    pub fn send_to<P: AsRef<Path>>(&self, buf: &[u8], path: P) -> io::Result<usize> {
        self.inner.give(|inner| inner.send_to(buf, path))
    }

    /// Sends `buf` as one datagram to the socket at `address`, which may be an abstract name:
    /// that of a [received](UnixDatagram::recv_from) datagram, to answer its sender.
    ///
    /// # Errors
    ///
    /// As [`send_to`](UnixDatagram::send_to); `InvalidInput` for the address of a sender without
    /// a name, which cannot be answered.
    pub fn send_to_addr(&self, buf: &[u8], address: &SocketAddr) -> io::Result<usize> {
        named(address)?;
        self.inner.give(|inner| inner.send_to_addr(buf, address))
    }

    /// Sends `buf` as one datagram to the socket that this one is connected to.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if its queue is full, `NotConnected` if there is none.
    pub fn send(&self, buf: &[u8]) -> io::Result<usize> {
        self.inner.give(|inner| socket::send(inner, buf))
    }

    /// Sends `buf` as [`send`](UnixDatagram::send) does, with duplicates of `fds` for the
    /// receiver.
    ///
    /// # Errors
    ///
    /// As [`send`](UnixDatagram::send); `InvalidInput` for more descriptors than
    /// [`Descriptors::MAX`]; `ETOOMANYREFS` if more are on their way to receivers than this
    /// process may have open.
    ///
    /// # Implementation notes
    ///
    /// sendmsg(2) with `SCM_RIGHTS`.
    #[doc(alias = "SCM_RIGHTS")]
    pub fn send_with_fds(&self, buf: &[u8], fds: &[BorrowedFd<'_>]) -> io::Result<usize> {
        self.inner.give(|inner| passing::send(inner, buf, fds, false))
    }

    /// Receives one datagram as [`recv`](UnixDatagram::recv) does, with the descriptors that came
    /// along; what `fds` held before is closed. If the datagram was longer than `buf`,
    /// [`is_truncated`](Record::is_truncated) says so.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is none. `InvalidData` if more descriptors came than `fds` has room
    /// for, `QuotaExceeded` if this process may not open as many: all of them are closed, and the
    /// datagram is lost.
    ///
    /// # Implementation notes
    ///
    /// As [`UnixStream::recv_with_fds`](crate::net::UnixStream::recv_with_fds).
    pub fn recv_with_fds(&self, buf: &mut [u8], fds: &mut Descriptors) -> io::Result<Record> {
        let taken = self.inner.take(|inner| fds.receive(inner, buf))?;
        Ok(Record::new(taken.len, taken.is_truncated, true))
    }

    /// Takes the pending error of this socket (`SO_ERROR`), if there is one.
    ///
    /// # Errors
    ///
    /// What the system says if it cannot tell.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.inner.taken(net::UnixDatagram::take_error)
    }

    /// Ends receiving, sending or both.
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

io_impls!(UnixDatagram, net::UnixDatagram);
std_impls!(UnixDatagram, net::UnixDatagram);

/// Makes sure that `address` names a socket: the system would take the empty address for "end
/// the connection".
fn named(address: &SocketAddr) -> io::Result<()> {
    if address.is_unnamed() { Err(error::address_without_name()) } else { Ok(()) }
}
