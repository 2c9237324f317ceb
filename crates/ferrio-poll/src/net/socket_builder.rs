//! Sockets whose options are set before they are bound or connected.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use crate::net::tcp_listener::TcpListener;
use crate::net::tcp_stream::TcpStream;
use crate::net::udp_socket::UdpSocket;
use crate::sys::socket;
use crate::sys::socket_option::{KeepAlive, Settings, SocketOption};

/// Makes sockets whose options are set before they are bound or connected.
///
/// Some options count only then: a port is shared, a device chosen or a buffer grown before the
/// first packet arrives, and the sockets that a listener accepts inherit most of its own. A
/// builder makes as many sockets as wanted, all with the same options. What it makes is
/// non-blocking and close-on-exec, as all sockets here.
///
/// An option that the system lacks is an error of the call that makes the socket, never
/// left out in silence. The table says where each one holds; Linux stands for Android too.
///
/// | option | of | where |
/// |---|---|---|
/// | [`reuse_address`](SocketBuilder::reuse_address), [`only_v6`](SocketBuilder::only_v6) | TCP, UDP | Unix, Windows |
/// | [`receive_buffer`](SocketBuilder::receive_buffer), [`send_buffer`](SocketBuilder::send_buffer) | all | Unix, Windows |
/// | [`no_delay`](SocketBuilder::no_delay), [`linger`](SocketBuilder::linger) | TCP | Unix, Windows |
/// | [`keep_alive`](SocketBuilder::keep_alive) | TCP | Linux, Apple, FreeBSD, NetBSD, DragonFly, Windows |
/// | [`type_of_service`](SocketBuilder::type_of_service) | TCP, UDP | Linux, Apple, BSDs; Windows for IPv4 |
/// | [`reuse_port`](SocketBuilder::reuse_port) | TCP, UDP | Linux, Apple, BSDs |
/// | [`quick_ack`](SocketBuilder::quick_ack), [`fast_open`](SocketBuilder::fast_open), [`user_timeout`](SocketBuilder::user_timeout) | TCP | Linux |
/// | [`device`](SocketBuilder::device), [`free_bind`](SocketBuilder::free_bind), [`transparent`](SocketBuilder::transparent), [`bind_address_no_port`](SocketBuilder::bind_address_no_port), [`mark`](SocketBuilder::mark), [`priority`](SocketBuilder::priority) | TCP, UDP | Linux |
/// | `file_mode` | Unix sockets that are bound to a path | Unix; datagram sockets on Linux |
///
/// Options of a socket that exists already can be set by `socket2::SockRef`, which takes any
/// socket of Ferrio.
///
/// # Implementation notes
///
/// setsockopt(2) between socket(2) and bind(2) or connect(2).
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use std::time::Duration;
/// use ferrio::net::SocketBuilder;
///
/// let listener = SocketBuilder::new()
///     .no_delay(true)
///     .receive_buffer(256 * 1024)
///     .backlog(1024)
///     .tcp_listener("127.0.0.1:0".parse().unwrap())?;
///
/// let error = SocketBuilder::new()
///     .no_delay(true)
///     .udp_socket("127.0.0.1:0".parse().unwrap())
///     .unwrap_err();
/// assert!(error.to_string().contains("TCP_NODELAY"));
/// # drop(listener);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "a builder does nothing until it makes a socket"]
pub struct SocketBuilder {
    pub(crate) settings: Settings,
}

impl SocketBuilder {
    /// A builder of sockets without options.
    pub fn new() -> SocketBuilder {
        SocketBuilder::default()
    }

    /// Sets `SO_REUSEADDR`: whether the address may be bound while connections of an earlier
    /// socket still hold it. A listener does unless this is set to false.
    ///
    /// On Windows that is so in any case, and nothing is set: the option of that name would let
    /// any other program take the address.
    pub fn reuse_address(self, value: bool) -> SocketBuilder {
        self.with(SocketOption::ReuseAddress(value))
    }

    /// Sets `SO_REUSEPORT`: lets several sockets of one user be bound to the same address and
    /// port. All of them have to set it.
    ///
    /// On Linux, FreeBSD (`SO_REUSEPORT_LB`) and DragonFly the system spreads connections and
    /// datagrams over them. On Apple's systems, NetBSD and OpenBSD the one that was bound last
    /// gets them. On Linux the connections that wait in the queue of a listener are lost when it
    /// is closed, so a server that ends accepts them first.
    pub fn reuse_port(self, value: bool) -> SocketBuilder {
        self.with(SocketOption::ReusePort(value))
    }

    /// Sets `IPV6_V6ONLY`: whether an IPv6 socket takes no IPv4 traffic. Without this call the
    /// system decides: on Linux it does take it, on OpenBSD and Windows it does not. IPv4 sockets
    /// are as they were.
    pub fn only_v6(self, value: bool) -> SocketBuilder {
        self.with(SocketOption::OnlyV6(value))
    }

    /// Sets `SO_BINDTODEVICE`: the network device, such as `eth0`, that packets come and go by.
    pub fn device(self, name: impl Into<String>) -> SocketBuilder {
        self.with(SocketOption::Device(name.into()))
    }

    /// Sets `IP_TOS`, for IPv6 `IPV6_TCLASS`: the byte of each packet that says how routers are
    /// to treat it. Its upper 6 bits are the DSCP, its lower 2 the ECN field, which TCP sets itself.
    pub fn type_of_service(self, value: u8) -> SocketBuilder {
        self.with(SocketOption::TypeOfService(value))
    }

    /// Sets `SO_KEEPALIVE`: has the system ask a peer that was silent for `idle` whether it is
    /// there. A peer that vanished is then an error of the connection.
    ///
    /// It is asked again each `interval` and given up after `probes` questions, where `None` leaves
    /// the system's own value: on Linux 75 s and 9.
    pub fn keep_alive(
        self,
        idle: Duration,
        interval: Option<Duration>,
        probes: Option<u32>,
    ) -> SocketBuilder {
        self.with(SocketOption::KeepAlive(KeepAlive { idle, interval, probes }))
    }

    /// Sets `SO_LINGER`: how long data that the peer has not confirmed is kept for after a
    /// close, in whole seconds, rounded up. Zero throws it away and resets the connection.
    ///
    /// With a longer time, a close or drop may block for as long, although the socket is
    /// non-blocking.
    pub fn linger(self, time: Duration) -> SocketBuilder {
        self.with(SocketOption::Linger(whole(time, Duration::from_secs(1))))
    }

    /// Sets `SO_RCVBUF`: the bytes of room for what was received and not read yet. Linux doubles
    /// the value and keeps it below `net.core.rmem_max`.
    pub fn receive_buffer(self, bytes: usize) -> SocketBuilder {
        self.with(SocketOption::ReceiveBuffer(bytes.min(BUFFER_MAX)))
    }

    /// Sets `SO_SNDBUF`: the bytes of room for what was written and not sent or confirmed yet. Linux
    /// doubles the value and keeps it below `net.core.wmem_max`.
    pub fn send_buffer(self, bytes: usize) -> SocketBuilder {
        self.with(SocketOption::SendBuffer(bytes.min(BUFFER_MAX)))
    }

    /// Sets `TCP_NODELAY`: whether little data is sent at once rather than kept until earlier data
    /// is confirmed.
    pub fn no_delay(self, value: bool) -> SocketBuilder {
        self.with(SocketOption::NoDelay(value))
    }

    /// Sets `TCP_QUICKACK`: whether data is confirmed at once rather than with the next answer. The
    /// system may change it back later.
    pub fn quick_ack(self, value: bool) -> SocketBuilder {
        self.with(SocketOption::QuickAck(value))
    }

    /// Sets `TCP_FASTOPEN`: lets a peer that was here before send data with its request for a
    /// connection.
    ///
    /// For a listener `queue` is how many such connections may wait; 0 is none. For a stream any
    /// number above 0 means that it sends its first data so, if the peer gave this machine a cookie
    /// at an earlier connection: it then counts as connected at once, and an error of the connection
    /// is one of the first write. Linux allows it by `net.ipv4.tcp_fastopen`, 1 for streams and 2 for
    /// listeners; where it is not allowed the connection is an ordinary one.
    pub fn fast_open(self, queue: u32) -> SocketBuilder {
        self.with(SocketOption::FastOpen(queue))
    }

    /// Sets `TCP_USER_TIMEOUT`: after how long without a confirmation of sent data the connection is
    /// an error, in whole milliseconds, rounded up. Zero leaves it to the system.
    pub fn user_timeout(self, time: Duration) -> SocketBuilder {
        self.with(SocketOption::UserTimeout(whole(time, Duration::from_millis(1))))
    }

    /// Sets `IP_FREEBIND`: whether an address can be bound that the machine does not have yet.
    pub fn free_bind(self, value: bool) -> SocketBuilder {
        self.with(SocketOption::FreeBind(value))
    }

    /// Sets `IP_TRANSPARENT`: whether addresses of others can be bound, as a transparent proxy does.
    /// It needs the capability `CAP_NET_ADMIN` or `CAP_NET_RAW`.
    pub fn transparent(self, value: bool) -> SocketBuilder {
        self.with(SocketOption::Transparent(value))
    }

    /// Sets `IP_BIND_ADDRESS_NO_PORT`: whether a [`local`](SocketBuilder::local) address with port 0
    /// gets its port at the connection and not before, so that two connections to different peers
    /// can share one.
    pub fn bind_address_no_port(self, value: bool) -> SocketBuilder {
        self.with(SocketOption::BindAddressNoPort(value))
    }

    /// Sets `SO_MARK`: the mark of the packets, for rules of routing and of the firewall. It needs
    /// the capability `CAP_NET_ADMIN` or, since Linux 5.17, `CAP_NET_RAW`.
    pub fn mark(self, mark: u32) -> SocketBuilder {
        self.with(SocketOption::Mark(mark))
    }

    /// Sets `SO_PRIORITY`: the priority of the packets on this machine, 0 to 6; more needs the
    /// capability `CAP_NET_ADMIN`.
    pub fn priority(self, priority: u32) -> SocketBuilder {
        self.with(SocketOption::Priority(priority))
    }

    /// The most connections that may wait to be accepted by a listener, or fewer if the system
    /// allows no more. Without this call it is as many as the system allows. Other sockets have no
    /// such queue.
    pub fn backlog(mut self, backlog: u32) -> SocketBuilder {
        self.settings.backlog = Some(backlog);
        self
    }

    /// The address of this machine that a TCP stream is connected from. Port 0 lets the system
    /// choose one. Other sockets are bound to the address that they are made for.
    pub fn local(mut self, address: SocketAddr) -> SocketBuilder {
        self.settings.local = Some(address);
        self
    }

    /// A TCP socket that listens on `address`.
    ///
    /// # Errors
    ///
    /// As [`TcpListener::bind`]. `Unsupported` for an option that this system lacks, `InvalidInput`
    /// for one that means nothing here, and what the system says if it refuses one; each names the
    /// option and its value.
    pub fn tcp_listener(&self, address: SocketAddr) -> io::Result<TcpListener> {
        socket::tcp_listener(address, &self.settings).map(TcpListener::from_std)
    }

    /// A TCP socket that is being connected to `address`, as by [`TcpStream::connect`].
    ///
    /// # Errors
    ///
    /// As [`TcpStream::connect`]; those of [`local`](SocketBuilder::local)'s address as
    /// [`TcpListener::bind`]; those of options as
    /// [`tcp_listener`](SocketBuilder::tcp_listener).
    pub fn tcp_stream(&self, address: SocketAddr) -> io::Result<TcpStream> {
        socket::tcp_stream(address, &self.settings).map(TcpStream::from_std)
    }

    /// A UDP socket bound to `address`.
    ///
    /// # Errors
    ///
    /// As [`UdpSocket::bind`]; those of options as
    /// [`tcp_listener`](SocketBuilder::tcp_listener).
    pub fn udp_socket(&self, address: SocketAddr) -> io::Result<UdpSocket> {
        socket::udp(address, &self.settings).map(UdpSocket::from_std)
    }

    fn with(mut self, option: SocketOption) -> SocketBuilder {
        self.settings.set(option);
        self
    }
}

/// `time` in whole units, rounded up: the system cuts, and less than one would be none, which
/// means something else.
fn whole(time: Duration, unit: Duration) -> Duration {
    let units = time.as_nanos().div_ceil(unit.as_nanos());
    unit.saturating_mul(u32::try_from(units).unwrap_or(u32::MAX))
}

/// The system takes a number of 32 bits, and cuts what is too much for it.
const BUFFER_MAX: usize = i32::MAX as usize;
