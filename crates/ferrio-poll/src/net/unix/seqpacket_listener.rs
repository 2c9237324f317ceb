//! A Unix socket that accepts connections which keep the boundaries of records.

use std::io;
use std::os::unix::net::{self, SocketAddr};
use std::path::Path;

use crate::net::unix::seqpacket::UnixSeqpacket;
use crate::source::impls::io_impls;
use crate::source::io_source::IoSource;
use crate::sys::socket_option::Settings;
use crate::sys::unix_socket;

/// A Unix socket that accepts connections which keep the boundaries of records
/// (`SOCK_SEQPACKET`).
///
/// See [`UnixSeqpacket`] for where it is.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # use ferrio::net::UnixSeqpacket;
/// use ferrio::net::UnixSeqpacketListener;
/// use ferrio::{Events, Interest, Poll, Token};
///
/// # fn main() -> std::io::Result<()> {
/// # if UnixSeqpacket::pair().is_err_and(|error| error.kind() == std::io::ErrorKind::Unsupported) {
/// #     return Ok(());
/// # }
/// # let path = std::env::temp_dir().join(format!("ferrio-doc-records-{}", std::process::id()));
/// # let _ = std::fs::remove_file(&path);
/// let mut poll = Poll::new()?;
/// let mut listener = UnixSeqpacketListener::bind(&path)?;
/// poll.registry().register(&mut listener, Token(0), Interest::READABLE)?;
///
/// let client = UnixSeqpacket::connect(&path)?;
/// poll.poll(&mut Events::with_capacity(1), None)?;
/// let (socket, peer) = listener.accept()?;
/// assert!(peer.is_unnamed());
/// # drop((socket, client));
/// # std::fs::remove_file(&path)
/// # }
/// ```
pub struct UnixSeqpacketListener {
    /// std has no type for it; that for streams closes it and asks it for its address.
    inner: IoSource<net::UnixListener>,
}

impl UnixSeqpacketListener {
    /// A listener on `path`, which must not exist yet and is not removed by a drop.
    ///
    /// # Errors
    ///
    /// As [`UnixListener::bind`](crate::net::UnixListener::bind); `Unsupported` where the system
    /// has no such sockets.
    ///
    /// # Implementation notes
    ///
    /// socket(2), bind(2), and listen(2) with a queue as long as the system allows.
    pub fn bind<P: AsRef<Path>>(path: P) -> io::Result<UnixSeqpacketListener> {
        UnixSeqpacketListener::bind_addr(&SocketAddr::from_pathname(path)?)
    }

    /// A listener on `address`, which may be an abstract name.
    ///
    /// # Errors
    ///
    /// As [`bind`](UnixSeqpacketListener::bind).
    pub fn bind_addr(address: &SocketAddr) -> io::Result<UnixSeqpacketListener> {
        unix_socket::seqpacket_listener(address, &Settings::default()).map(UnixSeqpacketListener::new)
    }

    /// A listener on `path` with a queue for at most `backlog` connections that wait to be
    /// accepted, or fewer if the system allows no more.
    ///
    /// # Errors
    ///
    /// As [`bind`](UnixSeqpacketListener::bind).
    pub fn bind_with_backlog<P: AsRef<Path>>(path: P, backlog: u32) -> io::Result<UnixSeqpacketListener> {
        let address = SocketAddr::from_pathname(path)?;
        unix_socket::seqpacket_listener(&address, &Settings::with_backlog(Some(backlog)))
            .map(UnixSeqpacketListener::new)
    }

    /// A listener at `path`, which must not exist yet, whose file has exactly `mode`, whatever
    /// the umask of the process is.
    ///
    /// At no time may anybody connect whom `mode` does not allow. To connect needs the permission
    /// to write: `0o600` for this user alone, `0o660` for its group too, `0o666` for everybody.
    /// The best protection is a directory that only the users of the socket can enter: it holds on
    /// systems that ignore the mode of a socket file too.
    ///
    /// # Errors
    ///
    /// As [`bind`](UnixSeqpacketListener::bind); `InvalidInput` for a mode above `0o777`.
    ///
    /// # Implementation notes
    ///
    /// On Linux fchmod(2) of the socket before bind(2), which its file takes over; then chmod(2) gives
    /// back what the umask took. Elsewhere fchmodat(2) between bind(2) and listen(2), until which
    /// nobody can connect. The umask, which is the
    /// whole process's, is not touched.
    #[doc(alias = "chmod")]
    pub fn bind_with_mode<P: AsRef<Path>>(path: P, mode: u32) -> io::Result<UnixSeqpacketListener> {
        let address = SocketAddr::from_pathname(path)?;
        unix_socket::seqpacket_listener(&address, &Settings::with_file_mode(mode))
            .map(UnixSeqpacketListener::new)
    }

    pub(super) fn new(inner: net::UnixListener) -> UnixSeqpacketListener {
        UnixSeqpacketListener { inner: IoSource::new(inner) }
    }

    /// Takes a connection from the queue, with the address of its peer, which is unnamed if the
    /// peer did not bind itself.
    ///
    /// The socket is non-blocking and close-on-exec.
    ///
    /// # Errors
    ///
    /// As [`TcpListener::accept`](crate::net::TcpListener::accept).
    ///
    /// # Implementation notes
    ///
    /// accept4(2) with `SOCK_NONBLOCK | SOCK_CLOEXEC`.
    pub fn accept(&self) -> io::Result<(UnixSeqpacket, SocketAddr)> {
        let (socket, address) = self.inner.take(unix_socket::accept)?;
        Ok((UnixSeqpacket::new(socket), address))
    }

    /// The address of this listener.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.inner.local_addr()
    }

    /// Takes the pending error of this socket (`SO_ERROR`), if there is one.
    ///
    /// # Errors
    ///
    /// What the system says if it cannot tell.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.inner.taken(net::UnixListener::take_error)
    }
}

io_impls!(UnixSeqpacketListener, net::UnixListener);
