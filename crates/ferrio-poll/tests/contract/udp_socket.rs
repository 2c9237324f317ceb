//! `UdpSocket`: datagrams, connections, peeking, `try_io`.

use std::io;

use mio::net::UdpSocket;

use crate::harness::facts::{cuts_long_datagrams, is_send_without_destination};
use crate::harness::skips::is_skipped;
use crate::harness::{assert_would_block, retry};
use crate::net_harness::{any_local_v6, connected_udp_pair, udp_socket};

#[test]
fn unconnected_sockets_echo() {
    let ((left, left_addr), (right, right_addr)) = (udp_socket(), udp_socket());
    let mut buf = [0; 16];
    assert_eq!(left.send_to(b"ping", right_addr).unwrap(), 4);
    assert_eq!(retry(|| right.recv_from(&mut buf)).unwrap(), (4, left_addr));
    assert_eq!(right.send_to(&buf[..4], left_addr).unwrap(), 4);
    assert_eq!(retry(|| left.recv_from(&mut buf)).unwrap(), (4, right_addr));
    assert_eq!(&buf[..4], b"ping");
}

#[test]
fn unconnected_sockets_echo_over_ipv6() {
    let left = UdpSocket::bind(any_local_v6()).unwrap();
    let right = UdpSocket::bind(any_local_v6()).unwrap();
    let mut buf = [0; 16];
    left.send_to(b"six", right.local_addr().unwrap()).unwrap();
    let received = retry(|| right.recv_from(&mut buf)).unwrap();
    assert_eq!(received, (3, left.local_addr().unwrap()));
    assert_eq!(&buf[..3], b"six");
}

#[test]
fn connected_sockets_echo() {
    let (left, right) = connected_udp_pair();
    assert_eq!(left.peer_addr().unwrap(), right.local_addr().unwrap());
    let mut buf = [0; 16];
    assert_eq!(left.send(b"ping").unwrap(), 4);
    assert_eq!(retry(|| right.recv(&mut buf)).unwrap(), 4);
    assert_eq!(right.send(&buf[..4]).unwrap(), 4);
    assert_eq!(retry(|| left.recv(&mut buf)).unwrap(), 4);
    assert_eq!(&buf[..4], b"ping");
}

#[test]
fn connected_sockets_echo_over_ipv6() {
    let left = UdpSocket::bind(any_local_v6()).unwrap();
    let right = UdpSocket::bind(any_local_v6()).unwrap();
    left.connect(right.local_addr().unwrap()).unwrap();
    right.connect(left.local_addr().unwrap()).unwrap();
    let mut buf = [0; 16];
    left.send(b"six").unwrap();
    assert_eq!(retry(|| right.recv(&mut buf)).unwrap(), 3);
}

#[test]
fn what_does_not_fit_the_buffer_is_lost() {
    let (left, right) = connected_udp_pair();
    left.send(b"long datagram").unwrap();
    left.send(b"next").unwrap();
    let mut buf = [0; 4];
    let received = retry(|| right.recv(&mut buf));
    assert_eq!(received.ok(), cuts_long_datagrams().then_some(4));
    assert_eq!(&buf, b"long");
    assert_eq!(retry(|| right.recv(&mut buf)).unwrap(), 4);
    assert_eq!(&buf, b"next");
}

#[test]
fn the_largest_datagram_passes_and_a_larger_one_is_an_error() {
    let (left, right) = connected_udp_pair();
    let bytes = vec![7; 65_508];
    assert!(left.send(&bytes).is_err());
    assert_eq!(left.send(&bytes[..65_507]).unwrap(), 65_507);
    let mut buf = vec![0; 70_000];
    assert_eq!(retry(|| right.recv(&mut buf)).unwrap(), 65_507);
}

#[test]
fn receiving_when_nothing_came_would_block() {
    let (left, _right) = connected_udp_pair();
    let mut buf = [0; 8];
    assert_would_block(left.recv(&mut buf));
    assert_would_block(left.recv_from(&mut buf));
    assert_would_block(left.peek(&mut buf));
    assert_would_block(left.peek_from(&mut buf));
}

#[test]
fn peek_shows_the_datagram_and_leaves_it() {
    let (left, right) = connected_udp_pair();
    left.send(b"look").unwrap();
    let mut buf = [0; 8];
    assert_eq!(retry(|| right.peek(&mut buf)).unwrap(), 4);
    assert_eq!(right.peek(&mut buf).unwrap(), 4);
    assert_eq!(right.recv(&mut buf).unwrap(), 4);
    assert_eq!(&buf[..4], b"look");
    assert_would_block(right.peek(&mut buf));
}

#[test]
fn peek_from_shows_the_sender_too() {
    let ((left, left_addr), (right, right_addr)) = (udp_socket(), udp_socket());
    left.send_to(b"look", right_addr).unwrap();
    let mut buf = [0; 8];
    assert_eq!(retry(|| right.peek_from(&mut buf)).unwrap(), (4, left_addr));
    assert_eq!(right.recv_from(&mut buf).unwrap(), (4, left_addr));
    assert_would_block(right.peek_from(&mut buf));
}

#[test]
fn sending_without_a_peer_needs_a_destination() {
    if is_skipped("udp_socket::sending_without_a_peer_needs_a_destination") {
        return;
    }
    let (socket, _) = udp_socket();
    let error = socket.send(b"where to?").unwrap_err();
    assert!(is_send_without_destination(&error), "{error}");
}

#[test]
fn an_unconnected_socket_has_no_peer_and_still_receives_by_recv() {
    let ((left, _), (right, right_addr)) = (udp_socket(), udp_socket());
    assert_eq!(right.peer_addr().unwrap_err().kind(), io::ErrorKind::NotConnected);
    left.send_to(b"hello", right_addr).unwrap();
    let mut buf = [0; 8];
    assert_eq!(retry(|| right.peek(&mut buf)).unwrap(), 5);
    assert_eq!(right.recv(&mut buf).unwrap(), 5);
}

#[test]
fn a_connected_socket_names_the_sender_and_reaches_others_by_send_to() {
    let (left, right) = connected_udp_pair();
    let (stranger, stranger_addr) = udp_socket();
    let mut buf = [0; 8];
    right.send(b"hello").unwrap();
    assert_eq!(retry(|| left.recv_from(&mut buf)).unwrap(), (5, right.local_addr().unwrap()));
    left.send_to(b"hi", stranger_addr).unwrap();
    assert_eq!(retry(|| stranger.recv_from(&mut buf)).unwrap(), (2, left.local_addr().unwrap()));
}

#[test]
fn connecting_again_sends_to_the_new_peer() {
    let (left, right) = connected_udp_pair();
    let (third, third_addr) = udp_socket();
    left.connect(third_addr).unwrap();
    assert_eq!(left.peer_addr().unwrap(), third_addr);
    left.send(b"third").unwrap();
    assert_eq!(retry(|| third.recv(&mut [0; 8])).unwrap(), 5);
    assert_would_block(right.recv(&mut [0; 8]));
}

#[test]
fn connecting_again_receives_from_the_new_peer_only() {
    let (left, right) = connected_udp_pair();
    let (third, third_addr) = udp_socket();
    left.connect(third_addr).unwrap();
    right.send(b"second").unwrap();
    third.send_to(b"third", left.local_addr().unwrap()).unwrap();
    let mut buf = [0; 8];
    assert_eq!(retry(|| left.recv(&mut buf)).unwrap(), 5);
    assert_eq!(&buf[..5], b"third");
    assert_would_block(left.recv(&mut buf));
}

#[test]
fn try_io_passes_the_value_and_the_error() {
    let (socket, _) = udp_socket();
    assert_eq!(socket.try_io(|| Ok(42)).unwrap(), 42);
    let error = socket.try_io(|| Err::<(), _>(io::Error::other("mine"))).unwrap_err();
    assert_eq!(error.to_string(), "mine");
}

#[test]
fn binding_an_address_in_use_is_an_error() {
    let (_socket, address) = udp_socket();
    let error = UdpSocket::bind(address).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
}
