//! The vocabulary of the socket tests.

use std::io::{self, Read, Write};
use std::net::{self, SocketAddr};
use std::thread;
use std::time::Duration;

use mio::event::Event;
use mio::net::{TcpListener, TcpStream, UdpSocket};
use socket2::{Domain, SockAddr, SockRef, Socket, Type};

use crate::harness::system::{AsHandle, is_close_on_exec, is_non_blocking};
use crate::harness::{PATIENCE, any_local_v4};
use crate::subject::{self, Hint};

/// An IPv6 address that lets the kernel choose a free port.
pub(crate) fn any_local_v6() -> SocketAddr {
    "[::1]:0".parse().expect("an address")
}

/// A listener on a free port, and its address.
pub(crate) fn tcp_listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind(any_local_v4()).expect("bind");
    let address = listener.local_addr().expect("local_addr");
    (listener, address)
}

/// A connected stream of the subject, and its peer as a blocking stream of std.
pub(crate) fn tcp_with_std_peer() -> (TcpStream, net::TcpStream) {
    let listener = net::TcpListener::bind(any_local_v4()).expect("bind");
    let stream = TcpStream::connect(listener.local_addr().expect("local_addr")).expect("connect");
    let (peer, address) = listener.accept().expect("accept");
    assert_eq!(address, stream.local_addr().expect("local_addr"), "a stranger connected");
    peer.set_read_timeout(Some(PATIENCE)).expect("set_read_timeout");
    (stream, peer)
}

/// Two connected streams of the subject.
pub(crate) fn tcp_pair() -> (TcpStream, TcpStream) {
    let (stream, peer) = tcp_with_std_peer();
    peer.set_nonblocking(true).expect("set_nonblocking");
    (stream, TcpStream::from_std(peer))
}

/// A UDP socket on a free port, and its address.
pub(crate) fn udp_socket() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind(any_local_v4()).expect("bind");
    let address = socket.local_addr().expect("local_addr");
    (socket, address)
}

/// Two UDP sockets, each connected to the other.
pub(crate) fn connected_udp_pair() -> (UdpSocket, UdpSocket) {
    let ((left, left_addr), (right, right_addr)) = (udp_socket(), udp_socket());
    left.connect(right_addr).expect("connect");
    right.connect(left_addr).expect("connect");
    (left, right)
}

/// An address where connections are refused for as long as the returned socket
/// lives: it holds the port and does not listen.
pub(crate) fn refusing_address() -> (Socket, SocketAddr) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("socket");
    socket.bind(&SockAddr::from(any_local_v4())).expect("bind");
    let address = socket.local_addr().expect("getsockname");
    (socket, address.as_socket().expect("an internet address"))
}

/// Lets the loopback device finish what is under way, so that its steps are
/// one change of readiness when the test polls.
pub(crate) fn settle() {
    thread::sleep(Duration::from_millis(20));
}

/// Reads until the source would block or ends; true in the second place if it ended.
pub(crate) fn drain(mut source: impl Read) -> (Vec<u8>, bool) {
    let mut bytes = Vec::new();
    let mut buf = [0; 4096];
    loop {
        match source.read(&mut buf) {
            Ok(0) => return (bytes, true),
            Ok(n) => bytes.extend_from_slice(&buf[..n]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return (bytes, false),
            Err(error) => panic!("read failed: {error}"),
        }
    }
}

/// Writes until the sink would block; returns how many bytes went in.
pub(crate) fn fill(mut sink: impl Write) -> usize {
    let mut written = 0;
    loop {
        match sink.write(&[7; 8192]) {
            Ok(n) => written += n,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return written,
            Err(error) => panic!("write failed: {error}"),
        }
        assert!(written < 1 << 30, "the sink never blocks");
    }
}

/// Reads exactly `len` bytes from a blocking source.
pub(crate) fn read_len(mut source: impl Read, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    source.read_exact(&mut bytes).expect("the bytes in time");
    bytes
}

/// Makes the close of `socket` send a reset instead of an orderly end.
pub(crate) fn linger_zero(socket: impl AsHandle) {
    SockRef::from(&socket).set_linger(Some(Duration::ZERO)).expect("SO_LINGER");
}

/// Sends one byte out of band.
pub(crate) fn send_urgent(socket: impl AsHandle) {
    SockRef::from(&socket).send_out_of_band(b"!").expect("a byte out of band");
}

/// Fails unless `socket` is both non-blocking and close-on-exec.
pub(crate) fn assert_socket_flags(socket: impl AsHandle) {
    assert!(is_non_blocking(&socket), "a socket that blocks");
    assert!(is_close_on_exec(&socket), "a socket that is inherited");
}

/// True for the event of a datagram socket whose peer refused.
pub(crate) fn is_refusal(event: &Event) -> bool {
    if subject::gives(Hint::DatagramError) { event.is_error() } else { event.is_readable() }
}
