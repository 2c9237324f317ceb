//! A TCP socket that accepts connections.

use std::fmt::Debug;
use std::io;
use std::net::{self, SocketAddr, ToSocketAddrs};

use crate::net::resolve;
use crate::net::tcp_stream::TcpStream;
use crate::source::impls::{io_impls, std_impls};
use crate::source::io_source::IoSource;
use crate::sys::socket;
use crate::sys::socket_option::Settings;

/// A TCP socket that accepts connections.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use ferrio::net::TcpListener;
/// use ferrio::{Events, Interest, Poll, Token};
///
/// let mut poll = Poll::new()?;
/// let mut listener = TcpListener::bind("127.0.0.1:0".parse().unwrap())?;
/// poll.registry().register(&mut listener, Token(0), Interest::READABLE)?;
///
/// let client = std::net::TcpStream::connect(listener.local_addr()?)?;
/// poll.poll(&mut Events::with_capacity(1), None)?;
/// let (stream, peer) = listener.accept()?;
/// assert_eq!(peer, client.local_addr()?);
/// # drop(stream);
/// # Ok(())
/// # }
/// ```
pub struct TcpListener {
    inner: IoSource<net::TcpListener>,
}

impl TcpListener {
    /// A listener on `addr`; port 0 lets the system choose, see
    /// [`local_addr`](TcpListener::local_addr).
    ///
    /// # Errors
    ///
    /// `AddrInUse` if another listener has the address, `AddrNotAvailable` if it is
    /// not one of this machine, `PermissionDenied` for a port that needs a privilege.
    ///
    /// # Implementation notes
    ///
    /// socket(2), `SO_REUSEADDR` so that connections of an earlier listener do not
    /// hold the address, bind(2), and listen(2) with a queue as long as the system allows
    /// (on Linux `net.core.somaxconn`): a short one makes a rush of clients wait for seconds.
    pub fn bind(addr: SocketAddr) -> io::Result<TcpListener> {
        socket::tcp_listener(addr, &Settings::default()).map(TcpListener::from_std)
    }

    /// The same with a queue for at most `backlog` connections that wait to be accepted, or
    /// fewer if the system allows no more.
    ///
    /// # Errors
    ///
    /// As [`bind`](TcpListener::bind).
    pub fn bind_with_backlog(addr: SocketAddr, backlog: u32) -> io::Result<TcpListener> {
        socket::tcp_listener(addr, &Settings::with_backlog(Some(backlog))).map(TcpListener::from_std)
    }

    /// A listener on an address as text (`"127.0.0.1:80"`, `"localhost:80"`) or as a host and a
    /// port (`("localhost", 80)`); the first that works if it stands for several. To look up a
    /// name may take long, and blocks this thread.
    ///
    /// # Errors
    ///
    /// As [`bind`](TcpListener::bind), and that of the lookup; each names `addr`.
    ///
    /// # Examples
    ///
    /// ```
    /// # extern crate ferrio_poll as ferrio;
    /// # fn main() -> std::io::Result<()> {
    /// use ferrio::net::TcpListener;
    ///
    /// let listener = TcpListener::bind_to("127.0.0.1:0")?;
    /// assert!(listener.local_addr()?.ip().is_loopback());
    /// let error = TcpListener::bind_to("127.0.0.1").unwrap_err();
    /// assert!(error.to_string().contains("127.0.0.1"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn bind_to(addr: impl ToSocketAddrs + Debug) -> io::Result<TcpListener> {
        resolve::first(addr, TcpListener::bind)
    }

    /// Takes a connection from the queue, with the address of its peer.
    ///
    /// The stream is non-blocking and close-on-exec.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if no connection is waiting. `ConnectionAborted` if a peer gave up: go on
    /// accepting. `EMFILE` and `ENFILE` if there is no descriptor left: the connection
    /// stays in the queue, and there is no further event for it, so try again when a
    /// descriptor was closed or after a while.
    ///
    /// # Implementation notes
    ///
    /// accept4(2) with `SOCK_NONBLOCK | SOCK_CLOEXEC`.
    pub fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        let (stream, address) = self.inner.take(socket::tcp_accept)?;
        Ok((TcpStream::from_std(stream), address))
    }

    /// The address of this listener.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.inner.local_addr()
    }

    /// Sets `IP_TTL`, the hops that a packet of this socket may make.
    ///
    /// # Errors
    ///
    /// What the system says, `InvalidInput` for 0 or above 255.
    pub fn set_ttl(&self, ttl: u32) -> io::Result<()> {
        self.inner.set_ttl(ttl)
    }

    /// The value of `IP_TTL`.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn ttl(&self) -> io::Result<u32> {
        self.inner.ttl()
    }

    /// Takes the pending error of this socket (`SO_ERROR`), if there is one.
    ///
    /// # Errors
    ///
    /// What the system says if it cannot tell.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.inner.taken(net::TcpListener::take_error)
    }
}

io_impls!(TcpListener, net::TcpListener);
std_impls!(TcpListener, net::TcpListener);
