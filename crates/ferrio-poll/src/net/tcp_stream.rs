//! A TCP connection.

use std::fmt::Debug;
use std::io::{self, ErrorKind, IoSlice, IoSliceMut, Read, Write};
use std::net::{self, Shutdown, SocketAddr, ToSocketAddrs};

use crate::net::resolve;
use crate::net::stream_io::stream_io;
use crate::source::impls::{io_impls, std_impls};
use crate::source::io_source::IoSource;
use crate::sys::socket::{self, BUFFERS_MAX};
use crate::sys::socket_option::Settings;

/// A TCP connection.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use std::io::Write;
/// use ferrio::net::TcpStream;
/// use ferrio::{Events, Interest, Poll, Token};
///
/// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
/// # let address = listener.local_addr()?;
/// let mut poll = Poll::new()?;
/// let mut stream = TcpStream::connect(address)?;
/// poll.registry().register(&mut stream, Token(0), Interest::WRITABLE)?;
///
/// poll.poll(&mut Events::with_capacity(1), None)?;
/// if let Some(error) = stream.take_error()? {
///     return Err(error);
/// }
/// stream.write_all(b"hello")?;
/// # Ok(())
/// # }
/// ```
pub struct TcpStream {
    pub(in crate::net) inner: IoSource<net::TcpStream>,
}

impl TcpStream {
    /// Begins to connect to `addr`, without waiting for the outcome.
    ///
    /// To learn the outcome, register the stream as `WRITABLE` and call
    /// [`finish_connect`](TcpStream::finish_connect) on each event until it says so. For a peer
    /// with several addresses a [`Connector`](crate::net::Connector) does that.
    ///
    /// # Errors
    ///
    /// What can be told at once: no descriptor left, no route, `WouldBlock` if the
    /// routing cache is short of room, and on some systems a refusal by this very
    /// machine.
    ///
    /// # Implementation notes
    ///
    /// socket(2) and connect(2); `EINPROGRESS` is the normal case.
    pub fn connect(addr: SocketAddr) -> io::Result<TcpStream> {
        socket::tcp_stream(addr, &Settings::default()).map(TcpStream::from_std)
    }

    /// Begins to connect to an address as text (`"example.org:80"`) or as a host and a port
    /// (`("localhost", 80)`); to the first of several that can be begun with. To look up a name
    /// may take long, and blocks this thread.
    ///
    /// The outcome is learned as after [`connect`](TcpStream::connect). If it is a failure, the
    /// next address is the caller's to try.
    ///
    /// # Errors
    ///
    /// As [`connect`](TcpStream::connect), and that of the lookup; each names `addr`.
    pub fn connect_to(addr: impl ToSocketAddrs + Debug) -> io::Result<TcpStream> {
        resolve::first(addr, TcpStream::connect)
    }

    /// Tells the outcome of a [`connect`](TcpStream::connect): true once the stream is connected,
    /// false as long as that is open.
    ///
    /// # Errors
    ///
    /// That of the connection, such as `ConnectionRefused`. It is told once, as by
    /// [`take_error`](TcpStream::take_error).
    ///
    /// # Implementation notes
    ///
    /// `SO_ERROR` first, then getpeername(2), whose `NotConnected` means that it is open.
    ///
    /// # Examples
    ///
    /// ```
    /// # extern crate ferrio_poll as ferrio;
    /// # fn main() -> std::io::Result<()> {
    /// use ferrio::net::TcpStream;
    /// use ferrio::{Events, Interest, Poll, Token};
    ///
    /// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let mut poll = Poll::new()?;
    /// let mut events = Events::with_capacity(8);
    /// let mut stream = TcpStream::connect(listener.local_addr()?)?;
    /// poll.registry().register(&mut stream, Token(0), Interest::WRITABLE)?;
    /// while !stream.finish_connect()? {
    ///     poll.wait(&mut events, None)?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn finish_connect(&self) -> io::Result<bool> {
        if let Some(error) = self.take_error()? {
            return Err(error);
        }
        match self.peer_addr() {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotConnected => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The address of the peer.
    ///
    /// # Errors
    ///
    /// `NotConnected` if there is none, or none yet.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.inner.peer_addr()
    }

    /// The address of this side.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.inner.local_addr()
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

    /// Sets `TCP_NODELAY`: small writes are sent at once.
    ///
    /// On Windows it has no defined meaning before the stream is connected.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.inner.set_nodelay(nodelay)
    }

    /// The value of `TCP_NODELAY`.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn nodelay(&self) -> io::Result<bool> {
        self.inner.nodelay()
    }

    /// Sets `IP_TTL`, the hops that a packet of this socket may make.
    ///
    /// On Windows it has no defined meaning before the stream is connected.
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

    /// Takes the pending error of this socket (`SO_ERROR`), if there is one: the
    /// outcome of a connection that failed, for example.
    ///
    /// # Errors
    ///
    /// What the system says if it cannot tell.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.inner.taken(net::TcpStream::take_error)
    }

    /// Reads without taking: the next read gives the same bytes again.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is nothing yet, and otherwise those of a read.
    pub fn peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.inner.take(|inner| inner.peek(buf))
    }

    /// Runs an operation of the caller's own on this socket.
    ///
    /// The closure does the system call, most often on this stream's descriptor, and
    /// returns `WouldBlock` if that did. Some backends report the next readiness only
    /// if they hear of this, which a call outside of `try_io` would keep from them.
    ///
    /// # Errors
    ///
    /// Those of the closure.
    ///
    /// # Examples
    ///
    /// ```
    /// # extern crate ferrio_poll as ferrio;
    /// # fn main() -> std::io::Result<()> {
    /// use ferrio::net::TcpStream;
    /// use socket2::SockRef;
    ///
    /// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// # let stream = std::net::TcpStream::connect(listener.local_addr()?)?;
    /// # let stream = TcpStream::from_std(stream);
    /// // An urgent byte, which the methods here do not offer.
    /// let sent = stream.try_io(|| SockRef::from(&stream).send_out_of_band(b"!"))?;
    /// assert_eq!(sent, 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn try_io<F, T>(&self, operation: F) -> io::Result<T>
    where
        F: FnOnce() -> io::Result<T>,
    {
        self.inner.do_io(|_| operation())
    }
}

io_impls!(TcpStream, net::TcpStream);
std_impls!(TcpStream, net::TcpStream);
stream_io!(TcpStream);
