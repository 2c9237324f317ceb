//! A Unix socket that accepts connections.

use std::io;
use std::os::unix::net::{self, SocketAddr};
use std::path::Path;

use crate::net::unix::stream::UnixStream;
use crate::source::impls::{io_impls, std_impls};
use crate::source::io_source::IoSource;
use crate::sys::socket_option::Settings;
use crate::sys::unix_socket;

/// A Unix socket that accepts connections.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use ferrio::net::{UnixListener, UnixStream};
/// use ferrio::{Events, Interest, Poll, Token};
///
/// # let path = std::env::temp_dir().join(format!("ferrio-doc-listener-{}", std::process::id()));
/// # let _ = std::fs::remove_file(&path);
/// let mut poll = Poll::new()?;
/// let mut listener = UnixListener::bind(&path)?;
/// poll.registry().register(&mut listener, Token(0), Interest::READABLE)?;
///
/// let client = UnixStream::connect(&path)?;
/// poll.poll(&mut Events::with_capacity(1), None)?;
/// let (stream, peer) = listener.accept()?;
/// assert!(peer.is_unnamed());
/// # drop((stream, client));
/// # std::fs::remove_file(&path)
/// # }
/// ```
pub struct UnixListener {
    inner: IoSource<net::UnixListener>,
}

impl UnixListener {
    /// A listener on `path`, which must not exist yet and is not removed by a drop.
    ///
    /// # Errors
    ///
    /// `AddrInUse` if the path exists, `NotFound` if its folder does not,
    /// `InvalidInput` if it has 108 bytes or more, or a NUL.
    ///
    /// # Implementation notes
    ///
    /// socket(2), bind(2), and listen(2) with a queue as long as the system allows. An
    /// empty path lets Linux choose an abstract name.
    pub fn bind<P: AsRef<Path>>(path: P) -> io::Result<UnixListener> {
        UnixListener::bind_addr(&SocketAddr::from_pathname(path)?)
    }

    /// A listener on `address`, which may be an abstract name.
    ///
    /// # Errors
    ///
    /// As [`bind`](UnixListener::bind).
    pub fn bind_addr(address: &SocketAddr) -> io::Result<UnixListener> {
        unix_socket::listener(address, &Settings::default()).map(UnixListener::from_std)
    }

    /// A listener on `path` with a queue for at most `backlog` connections that wait to be
    /// accepted, or fewer if the system allows no more.
    ///
    /// # Errors
    ///
    /// As [`bind`](UnixListener::bind).
    pub fn bind_with_backlog<P: AsRef<Path>>(path: P, backlog: u32) -> io::Result<UnixListener> {
        let address = SocketAddr::from_pathname(path)?;
        unix_socket::listener(&address, &Settings::with_backlog(Some(backlog))).map(UnixListener::from_std)
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
    /// As [`bind`](UnixListener::bind); `InvalidInput` for a mode above `0o777`.
    ///
    /// # Implementation notes
    ///
    /// On Linux fchmod(2) of the socket before bind(2), which its file takes over; then chmod(2) gives
    /// back what the umask took. Elsewhere fchmodat(2) between bind(2) and listen(2), until which
    /// nobody can connect. The umask, which is the
    /// whole process's, is not touched.
    #[doc(alias = "chmod")]
    pub fn bind_with_mode<P: AsRef<Path>>(path: P, mode: u32) -> io::Result<UnixListener> {
        let address = SocketAddr::from_pathname(path)?;
        unix_socket::listener(&address, &Settings::with_file_mode(mode)).map(UnixListener::from_std)
    }

    /// Takes a connection from the queue, with the address of its peer, which is
    /// unnamed if the peer did not bind itself.
    ///
    /// The stream is non-blocking and close-on-exec.
    ///
    /// # Errors
    ///
    /// As [`TcpListener::accept`](crate::net::TcpListener::accept).
    ///
    /// # Implementation notes
    ///
    /// accept4(2) with `SOCK_NONBLOCK | SOCK_CLOEXEC`.
    pub fn accept(&self) -> io::Result<(UnixStream, SocketAddr)> {
        let (stream, address) = self.inner.take(unix_socket::accept)?;
        Ok((UnixStream::from_std(stream), address))
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

io_impls!(UnixListener, net::UnixListener);
std_impls!(UnixListener, net::UnixListener);
