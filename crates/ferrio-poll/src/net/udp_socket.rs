//! A UDP socket.

use std::fmt::Debug;
use std::io;
use std::net::{self, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};

use crate::net::resolve;
use crate::source::impls::{io_impls, std_impls};
use crate::source::io_source::IoSource;
use crate::sys::socket;
use crate::sys::socket_option::Settings;

/// A UDP socket.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use ferrio::net::UdpSocket;
/// use ferrio::{Events, Interest, Poll, Token};
///
/// let sender = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
/// let mut receiver = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
/// let mut poll = Poll::new()?;
/// poll.registry().register(&mut receiver, Token(0), Interest::READABLE)?;
///
/// sender.send_to(b"hello", receiver.local_addr()?)?;
/// poll.poll(&mut Events::with_capacity(1), None)?;
/// let mut buf = [0; 64];
/// let (len, from) = receiver.recv_from(&mut buf)?;
/// assert_eq!((&buf[..len], from), (&b"hello"[..], sender.local_addr()?));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Where a method says no more: what the system says.
pub struct UdpSocket {
    /// What does the I/O. `net::udp` has more operations.
    pub(in crate::net) inner: IoSource<net::UdpSocket>,
}

#[allow(
    clippy::missing_errors_doc,
    reason = "stated once for the type: the setters and getters say what the system says"
)]
impl UdpSocket {
    /// A socket on `addr`; port 0 lets the system choose.
    ///
    /// # Errors
    ///
    /// `AddrInUse` if another socket has the address, `AddrNotAvailable` if it is not
    /// one of this machine.
    ///
    /// # Implementation notes
    ///
    /// socket(2) and bind(2).
    pub fn bind(addr: SocketAddr) -> io::Result<UdpSocket> {
        socket::udp(addr, &Settings::default()).map(UdpSocket::from_std)
    }

    /// A socket on an address as text (`"127.0.0.1:53"`) or as a host and a port; the first that
    /// works if it stands for several. To look up a name may take long, and blocks this thread.
    ///
    /// # Errors
    ///
    /// As [`bind`](UdpSocket::bind), and that of the lookup; each names `addr`.
    pub fn bind_to(addr: impl ToSocketAddrs + Debug) -> io::Result<UdpSocket> {
        resolve::first(addr, UdpSocket::bind)
    }

    /// The address of this socket.
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

    /// Sends `buf` as one datagram to `target`.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is no room; `ConnectionRefused` may be the answer to an
    /// earlier datagram.
    pub fn send_to(&self, buf: &[u8], target: SocketAddr) -> io::Result<usize> {
        self.inner.give(|inner| inner.send_to(buf, target))
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

    /// Looks at the next datagram and leaves it there.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is none.
    pub fn peek_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.inner.take(|inner| inner.peek_from(buf))
    }

    /// Sends `buf` as one datagram to the address that this socket is connected to.
    ///
    /// # Errors
    ///
    /// As [`send_to`](UdpSocket::send_to); an error if it is not connected.
    pub fn send(&self, buf: &[u8]) -> io::Result<usize> {
        self.inner.give(|inner| inner.send(buf))
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

    /// Looks at the next datagram and leaves it there.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is none.
    pub fn peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.inner.take(|inner| inner.peek(buf))
    }

    /// Connects this socket: `send` goes to `addr`, and only what comes from there is
    /// received.
    pub fn connect(&self, addr: SocketAddr) -> io::Result<()> {
        self.inner.connect(addr)
    }

    /// Sets `SO_BROADCAST`: this socket may send to a broadcast address.
    pub fn set_broadcast(&self, on: bool) -> io::Result<()> {
        self.inner.set_broadcast(on)
    }

    /// The value of `SO_BROADCAST`.
    pub fn broadcast(&self) -> io::Result<bool> {
        self.inner.broadcast()
    }

    /// Sets `IP_MULTICAST_LOOP`: multicast packets come back to this machine. It may
    /// not count for IPv6 sockets.
    pub fn set_multicast_loop_v4(&self, on: bool) -> io::Result<()> {
        self.inner.set_multicast_loop_v4(on)
    }

    /// The value of `IP_MULTICAST_LOOP`.
    pub fn multicast_loop_v4(&self) -> io::Result<bool> {
        self.inner.multicast_loop_v4()
    }

    /// Sets `IP_MULTICAST_TTL`, the hops that a multicast packet may make. It may not
    /// count for IPv6 sockets.
    pub fn set_multicast_ttl_v4(&self, ttl: u32) -> io::Result<()> {
        self.inner.set_multicast_ttl_v4(ttl)
    }

    /// The value of `IP_MULTICAST_TTL`.
    pub fn multicast_ttl_v4(&self) -> io::Result<u32> {
        self.inner.multicast_ttl_v4()
    }

    /// Sets `IPV6_MULTICAST_LOOP`: multicast packets come back to this machine. It may
    /// not count for IPv4 sockets.
    pub fn set_multicast_loop_v6(&self, on: bool) -> io::Result<()> {
        self.inner.set_multicast_loop_v6(on)
    }

    /// The value of `IPV6_MULTICAST_LOOP`.
    pub fn multicast_loop_v6(&self) -> io::Result<bool> {
        self.inner.multicast_loop_v6()
    }

    /// Sets `IP_TTL`, the hops that a packet of this socket may make.
    pub fn set_ttl(&self, ttl: u32) -> io::Result<()> {
        self.inner.set_ttl(ttl)
    }

    /// The value of `IP_TTL`.
    pub fn ttl(&self) -> io::Result<u32> {
        self.inner.ttl()
    }

    /// Joins the IPv4 group `multiaddr` on the interface with the address `interface`;
    /// `0.0.0.0` lets the system choose.
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature of mio and std")]
    pub fn join_multicast_v4(&self, multiaddr: &Ipv4Addr, interface: &Ipv4Addr) -> io::Result<()> {
        self.inner.join_multicast_v4(multiaddr, interface)
    }

    /// Joins the IPv6 group `multiaddr` on the interface with the index `interface`; 0
    /// lets the system choose.
    pub fn join_multicast_v6(&self, multiaddr: &Ipv6Addr, interface: u32) -> io::Result<()> {
        self.inner.join_multicast_v6(multiaddr, interface)
    }

    /// Leaves a group; see [`join_multicast_v4`](UdpSocket::join_multicast_v4).
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature of mio and std")]
    pub fn leave_multicast_v4(&self, multiaddr: &Ipv4Addr, interface: &Ipv4Addr) -> io::Result<()> {
        self.inner.leave_multicast_v4(multiaddr, interface)
    }

    /// Leaves a group; see [`join_multicast_v6`](UdpSocket::join_multicast_v6).
    pub fn leave_multicast_v6(&self, multiaddr: &Ipv6Addr, interface: u32) -> io::Result<()> {
        self.inner.leave_multicast_v6(multiaddr, interface)
    }

    /// The value of `IPV6_V6ONLY`: true if this socket takes no IPv4 traffic.
    ///
    /// # Errors
    ///
    /// If this is no IPv6 socket.
    pub fn only_v6(&self) -> io::Result<bool> {
        socket::only_v6(&self.inner)
    }

    /// Takes the pending error of this socket (`SO_ERROR`), if there is one.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.inner.taken(net::UdpSocket::take_error)
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

io_impls!(UdpSocket, net::UdpSocket);
std_impls!(UdpSocket, net::UdpSocket);
