//! The options of sockets: what is set is read back, what is invalid is an error.

use std::io;
use std::net::{self, Ipv4Addr, Ipv6Addr, SocketAddr};

use mio::net::{TcpStream, UdpSocket};
use socket2::{Domain, SockRef, Socket, Type};

use crate::harness::facts::listeners_reuse_their_address;
use crate::harness::retry;
use crate::harness::skips::is_skipped;
use crate::net_harness::{
    any_local_v6, connected_udp_pair, linger_zero, settle, tcp_listener, tcp_pair, tcp_with_std_peer,
    udp_socket,
};

/// A group of the block for documentation, so that nobody else sends to it.
const GROUP_V4: Ipv4Addr = Ipv4Addr::new(233, 252, 0, 7);
/// A group that never leaves the interface.
const GROUP_V6: Ipv6Addr = Ipv6Addr::new(0xff01, 0, 0, 0, 0, 0, 0, 0x777);
/// The loopback interface is the first of every network namespace.
const LOOPBACK: u32 = 1;

#[test]
fn the_ttl_of_a_listener_is_read_back() {
    let (listener, _) = tcp_listener();
    assert!(listener.ttl().unwrap() > 0);
    listener.set_ttl(17).unwrap();
    assert_eq!(listener.ttl().unwrap(), 17);
}

#[test]
fn the_ttl_of_a_stream_is_read_back() {
    let (stream, _peer) = tcp_pair();
    assert!(stream.ttl().unwrap() > 0);
    stream.set_ttl(18).unwrap();
    assert_eq!(stream.ttl().unwrap(), 18);
}

#[test]
fn the_ttl_of_a_udp_socket_is_read_back() {
    let (socket, _) = udp_socket();
    assert!(socket.ttl().unwrap() > 0);
    socket.set_ttl(19).unwrap();
    assert_eq!(socket.ttl().unwrap(), 19);
}

#[test]
fn a_ttl_beyond_a_byte_is_invalid_and_changes_nothing() {
    let ((listener, _), (stream, _peer), (socket, _)) = (tcp_listener(), tcp_pair(), udp_socket());
    socket.set_ttl(20).unwrap();
    for ttl in [0, 256, u32::MAX - 1] {
        assert_eq!(listener.set_ttl(ttl).unwrap_err().kind(), io::ErrorKind::InvalidInput);
        assert_eq!(stream.set_ttl(ttl).unwrap_err().kind(), io::ErrorKind::InvalidInput);
        assert_eq!(socket.set_ttl(ttl).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }
    assert_eq!(socket.ttl().unwrap(), 20);
}

#[test]
fn nodelay_is_off_at_first_and_read_back() {
    let (stream, _peer) = tcp_pair();
    assert!(!stream.nodelay().unwrap());
    stream.set_nodelay(true).unwrap();
    assert!(stream.nodelay().unwrap());
    stream.set_nodelay(false).unwrap();
    assert!(!stream.nodelay().unwrap());
}

#[test]
fn broadcast_is_off_at_first_and_read_back() {
    let (socket, _) = udp_socket();
    assert!(!socket.broadcast().unwrap());
    socket.set_broadcast(true).unwrap();
    assert!(socket.broadcast().unwrap());
    socket.set_broadcast(false).unwrap();
    assert!(!socket.broadcast().unwrap());
}

#[test]
fn sending_to_the_broadcast_address_needs_the_permission() {
    let (socket, _) = udp_socket();
    let everyone = SocketAddr::from((Ipv4Addr::new(127, 255, 255, 255), 9));
    let error = socket.send_to(b"all", everyone).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
    socket.set_broadcast(true).unwrap();
    assert_eq!(socket.send_to(b"all", everyone).unwrap(), 3);
}

#[test]
fn the_loop_of_multicast_v4_is_on_at_first_and_read_back() {
    let (socket, _) = udp_socket();
    assert!(socket.multicast_loop_v4().unwrap());
    socket.set_multicast_loop_v4(false).unwrap();
    assert!(!socket.multicast_loop_v4().unwrap());
    socket.set_multicast_loop_v4(true).unwrap();
    assert!(socket.multicast_loop_v4().unwrap());
}

#[test]
fn the_loop_of_multicast_v6_is_on_at_first_and_read_back() {
    let socket = UdpSocket::bind(any_local_v6()).unwrap();
    assert!(socket.multicast_loop_v6().unwrap());
    socket.set_multicast_loop_v6(false).unwrap();
    assert!(!socket.multicast_loop_v6().unwrap());
}

#[test]
fn the_loop_of_multicast_v6_is_no_option_of_an_ipv4_socket() {
    let (socket, _) = udp_socket();
    assert!(socket.multicast_loop_v6().is_err());
    assert!(socket.set_multicast_loop_v6(true).is_err());
}

#[test]
fn the_ttl_of_multicast_v4_is_one_at_first_and_read_back() {
    let (socket, _) = udp_socket();
    assert_eq!(socket.multicast_ttl_v4().unwrap(), 1);
    socket.set_multicast_ttl_v4(21).unwrap();
    assert_eq!(socket.multicast_ttl_v4().unwrap(), 21);
}

#[test]
fn a_multicast_group_v4_is_joined_once_and_left_once() {
    if is_skipped("socket_options::a_multicast_group_v4_is_joined_once_and_left_once") {
        return;
    }
    let (socket, _) = udp_socket();
    let interface = Ipv4Addr::LOCALHOST;
    let error = socket.leave_multicast_v4(&GROUP_V4, &interface).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AddrNotAvailable);
    socket.join_multicast_v4(&GROUP_V4, &interface).unwrap();
    let error = socket.join_multicast_v4(&GROUP_V4, &interface).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
    socket.leave_multicast_v4(&GROUP_V4, &interface).unwrap();
    socket.join_multicast_v4(&GROUP_V4, &interface).unwrap();
}

#[test]
fn a_multicast_group_v6_is_joined_once_and_left_once() {
    if is_skipped("socket_options::a_multicast_group_v6_is_joined_once_and_left_once") {
        return;
    }
    let socket = UdpSocket::bind(any_local_v6()).unwrap();
    let error = socket.leave_multicast_v6(&GROUP_V6, LOOPBACK).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AddrNotAvailable);
    socket.join_multicast_v6(&GROUP_V6, LOOPBACK).unwrap();
    let error = socket.join_multicast_v6(&GROUP_V6, LOOPBACK).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
    socket.leave_multicast_v6(&GROUP_V6, LOOPBACK).unwrap();
    socket.join_multicast_v6(&GROUP_V6, LOOPBACK).unwrap();
}

#[test]
fn an_address_that_is_no_group_cannot_be_joined() {
    let (socket, _) = udp_socket();
    let error = socket.join_multicast_v4(&Ipv4Addr::LOCALHOST, &Ipv4Addr::LOCALHOST).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    let socket = UdpSocket::bind(any_local_v6()).unwrap();
    let error = socket.join_multicast_v6(&Ipv6Addr::LOCALHOST, LOOPBACK).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
}

#[test]
fn a_tcp_listener_may_reuse_its_address_and_a_udp_socket_may_not() {
    let ((listener, _), (socket, _)) = (tcp_listener(), udp_socket());
    assert_eq!(SockRef::from(&listener).reuse_address().unwrap(), listeners_reuse_their_address());
    assert!(!SockRef::from(&socket).reuse_address().unwrap());
}

#[test]
fn only_v6_tells_what_the_socket_was_made_with() {
    for only in [false, true] {
        let socket = Socket::new(Domain::IPV6, Type::DGRAM, None).unwrap();
        socket.set_only_v6(only).unwrap();
        assert_eq!(UdpSocket::from_std(socket.into()).only_v6().unwrap(), only);
    }
}

#[test]
fn bind_leaves_only_v6_to_the_kernel() {
    // A socket on the wildcard may serve both; one on an address of IPv6 may not.
    let socket = UdpSocket::bind(SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0))).unwrap();
    let plain = net::UdpSocket::bind(SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0))).unwrap();
    assert_eq!(socket.only_v6().unwrap(), SockRef::from(&plain).only_v6().unwrap());
    assert!(UdpSocket::bind(any_local_v6()).unwrap().only_v6().unwrap());
}

#[test]
fn only_v6_is_no_option_of_an_ipv4_socket() {
    let (socket, _) = udp_socket();
    assert!(socket.only_v6().is_err());
}

#[test]
fn a_healthy_socket_has_no_error_to_take() {
    assert!(tcp_listener().0.take_error().unwrap().is_none());
    let (stream, _peer) = tcp_pair();
    assert!(stream.take_error().unwrap().is_none());
    assert!(udp_socket().0.take_error().unwrap().is_none());
}

#[test]
fn the_reset_of_a_stream_is_taken_once() {
    if is_skipped("socket_options::the_reset_of_a_stream_is_taken_once") {
        return;
    }
    let (stream, peer) = tcp_with_std_peer();
    linger_zero(&peer);
    drop(peer);
    settle();
    let error = stream.take_error().unwrap().expect("the reset");
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    assert!(stream.take_error().unwrap().is_none());
}

#[test]
fn the_refusal_of_a_datagram_is_taken_once() {
    if is_skipped("socket_options::the_refusal_of_a_datagram_is_taken_once") {
        return;
    }
    let (left, right) = connected_udp_pair();
    drop(left);
    right.send(b"anyone?").unwrap();
    settle();
    let error = right.take_error().unwrap().expect("the refusal");
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    assert!(right.take_error().unwrap().is_none());
}

#[test]
fn the_options_of_a_listener_pass_to_the_stream_it_accepts() {
    let (listener, address) = tcp_listener();
    listener.set_ttl(23).unwrap();
    let _client = TcpStream::connect(address).unwrap();
    let (stream, _) = retry(|| listener.accept()).unwrap();
    assert_eq!(stream.ttl().unwrap(), 23);
}
