//! Readiness of a `UdpSocket`: edges, tokens, interests, silence.

use std::io::{self, Read};
use std::net;

use mio::event::Event;
use mio::net::UdpSocket;
use mio::{Interest, Token};
use socket2::SockRef;

use crate::harness::skips::is_skipped;
use crate::harness::{
    BOTH, assert_would_block, expect_events, expect_no_events, expect_one_event, poll_with_events,
};
use crate::net_harness::{connected_udp_pair, is_refusal, settle, udp_socket};

const SOCKET: Token = Token(1);
const OTHER: Token = Token(2);

#[test]
fn a_socket_made_from_std_reports_and_receives() {
    let socket = net::UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_nonblocking(true).unwrap();
    let mut socket = UdpSocket::from_std(socket);
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut socket, SOCKET, Interest::READABLE).unwrap();
    let (sender, sender_addr) = udp_socket();
    sender.send_to(b"std", socket.local_addr().unwrap()).unwrap();
    expect_one_event(&mut poll, &mut events, SOCKET);
    assert_eq!(socket.recv_from(&mut [0; 8]).unwrap(), (3, sender_addr));
}

#[test]
fn an_empty_datagram_is_delivered_and_reported() {
    let (left, mut right) = connected_udp_pair();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut right, SOCKET, Interest::READABLE).unwrap();
    assert_eq!(left.send(b"").unwrap(), 0);
    let event = expect_one_event(&mut poll, &mut events, SOCKET);
    assert!(event.is_readable() && !event.is_read_closed());
    assert_eq!(right.recv(&mut [0; 8]).unwrap(), 0);
    assert_would_block(right.recv(&mut [0; 8]));
}

#[test]
fn a_connected_socket_drops_what_strangers_send() {
    let (left, mut right) = connected_udp_pair();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut right, SOCKET, Interest::READABLE).unwrap();
    let (stranger, _) = udp_socket();
    stranger.send_to(b"noise", right.local_addr().unwrap()).unwrap();
    expect_no_events(&mut poll, &mut events);
    assert_would_block(right.recv(&mut [0; 8]));
    left.send(b"word").unwrap();
    expect_one_event(&mut poll, &mut events, SOCKET);
}

#[test]
fn an_idle_socket_is_silent_for_a_reader() {
    let (mut socket, _) = udp_socket();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut socket, SOCKET, Interest::READABLE).unwrap();
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn an_idle_socket_is_exactly_one_writable_event() {
    let (mut socket, _) = udp_socket();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut socket, SOCKET, BOTH).unwrap();
    let event = expect_one_event(&mut poll, &mut events, SOCKET);
    assert!(event.is_writable() && !event.is_readable());
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn two_datagrams_before_the_poll_are_one_event_and_two_receives() {
    let (left, mut right) = connected_udp_pair();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut right, SOCKET, Interest::READABLE).unwrap();
    left.send(b"one").unwrap();
    left.send(b"two").unwrap();
    settle();
    expect_one_event(&mut poll, &mut events, SOCKET);
    assert_eq!(right.recv(&mut [0; 8]).unwrap(), 3);
    assert_eq!(right.recv(&mut [0; 8]).unwrap(), 3);
    assert_would_block(right.recv(&mut [0; 8]));
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn each_datagram_after_a_drained_recv_is_a_new_event() {
    let (left, mut right) = connected_udp_pair();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut right, SOCKET, Interest::READABLE).unwrap();
    for _ in 0..20 {
        left.send(b"datagram").unwrap();
        expect_one_event(&mut poll, &mut events, SOCKET);
        assert_eq!(right.recv(&mut [0; 16]).unwrap(), 8);
        assert_would_block(right.recv(&mut [0; 16]));
    }
}

#[test]
fn each_datagram_after_a_drained_recv_from_is_a_new_event() {
    let ((left, _), (mut right, right_addr)) = (udp_socket(), udp_socket());
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut right, SOCKET, Interest::READABLE).unwrap();
    for _ in 0..20 {
        left.send_to(b"datagram", right_addr).unwrap();
        expect_one_event(&mut poll, &mut events, SOCKET);
        assert_eq!(right.recv_from(&mut [0; 16]).unwrap().0, 8);
        assert_would_block(right.recv_from(&mut [0; 16]));
    }
}

#[test]
fn a_peek_that_would_block_arms_the_next_event() {
    let (left, mut right) = connected_udp_pair();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut right, SOCKET, Interest::READABLE).unwrap();
    for _ in 0..3 {
        left.send(b"datagram").unwrap();
        expect_one_event(&mut poll, &mut events, SOCKET);
        assert_eq!(right.recv(&mut [0; 8]).unwrap(), 8);
        assert_would_block(right.peek(&mut [0; 8]));
    }
}

#[test]
fn a_peek_from_that_would_block_arms_the_next_event() {
    let (left, mut right) = connected_udp_pair();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut right, SOCKET, Interest::READABLE).unwrap();
    for _ in 0..3 {
        left.send(b"datagram").unwrap();
        expect_one_event(&mut poll, &mut events, SOCKET);
        assert_eq!(right.recv_from(&mut [0; 8]).unwrap().0, 8);
        assert_would_block(right.peek_from(&mut [0; 8]));
    }
}

#[test]
fn a_try_io_that_would_block_arms_the_next_event() {
    let (left, mut right) = connected_udp_pair();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut right, SOCKET, Interest::READABLE).unwrap();
    let recv = |socket: &UdpSocket| {
        let mut buf = [0; 8];
        socket.try_io(|| (&*SockRef::from(socket)).read(&mut buf))
    };
    for _ in 0..3 {
        left.send(b"datagram").unwrap();
        expect_one_event(&mut poll, &mut events, SOCKET);
        assert_eq!(recv(&right).unwrap(), 8);
        assert_would_block(recv(&right));
    }
}

#[test]
fn reregister_replaces_the_token_and_the_interest() {
    let (left, mut right) = connected_udp_pair();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut right, SOCKET, Interest::READABLE).unwrap();
    left.send(b"datagram").unwrap();
    settle();
    poll.registry().reregister(&mut right, OTHER, Interest::WRITABLE).unwrap();
    let event = expect_one_event(&mut poll, &mut events, OTHER);
    assert!(event.is_writable() && !event.is_readable());
    poll.registry().reregister(&mut right, SOCKET, Interest::READABLE).unwrap();
    assert!(expect_one_event(&mut poll, &mut events, SOCKET).is_readable());
}

#[test]
fn a_deregistered_socket_is_silent() {
    let (left, mut right) = connected_udp_pair();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut right, SOCKET, BOTH).unwrap();
    expect_events(&mut poll, &mut events, &[(SOCKET, Event::is_writable)]);
    poll.registry().deregister(&mut right).unwrap();
    left.send(b"datagram").unwrap();
    expect_no_events(&mut poll, &mut events);
    assert_eq!(right.recv(&mut [0; 16]).unwrap(), 8);
}

#[test]
fn a_refused_datagram_is_the_error_of_the_next_operation() {
    if is_skipped("udp_readiness::a_refused_datagram_is_the_error_of_the_next_operation") {
        return;
    }
    let (left, mut right) = connected_udp_pair();
    drop(left);
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut right, SOCKET, Interest::READABLE).unwrap();
    right.send(b"anyone?").unwrap();
    expect_events(&mut poll, &mut events, &[(SOCKET, is_refusal)]);
    let error = right.recv(&mut [0; 8]).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    assert_would_block(right.recv(&mut [0; 8]));
}

/// A socket whose datagram was refused; `take` takes the error. What its peer's
/// successor sends must be heard then.
fn hears_the_next_datagram_after(take: fn(&UdpSocket)) {
    let (left, mut right) = connected_udp_pair();
    let (left_addr, right_addr) = (left.local_addr().unwrap(), right.local_addr().unwrap());
    drop(left);
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut right, SOCKET, Interest::READABLE).unwrap();
    right.send(b"anyone?").unwrap();
    expect_events(&mut poll, &mut events, &[(SOCKET, is_refusal)]);
    take(&right);
    let left = UdpSocket::bind(left_addr).unwrap();
    left.send_to(b"me", right_addr).unwrap();
    assert!(expect_one_event(&mut poll, &mut events, SOCKET).is_readable());
    assert_eq!(right.recv(&mut [0; 8]).unwrap(), 2);
}

#[test]
fn a_socket_that_was_refused_hears_the_next_datagram() {
    if is_skipped("udp_readiness::a_socket_that_was_refused_hears_the_next_datagram") {
        return;
    }
    hears_the_next_datagram_after(|socket| {
        assert!(socket.recv(&mut [0; 8]).is_err());
        assert_would_block(socket.recv(&mut [0; 8]));
    });
}

#[test]
fn a_socket_whose_refusal_was_taken_hears_the_next_datagram() {
    if is_skipped("udp_readiness::a_socket_whose_refusal_was_taken_hears_the_next_datagram") {
        return;
    }
    hears_the_next_datagram_after(|socket| {
        let error = socket.take_error().unwrap().expect("the refusal");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    });
}

#[test]
fn a_socket_whose_refusal_ended_a_receive_hears_the_next_datagram() {
    if is_skipped("udp_readiness::a_socket_whose_refusal_ended_a_receive_hears_the_next_datagram") {
        return;
    }
    hears_the_next_datagram_after(|socket| {
        let error = socket.recv(&mut [0; 8]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    });
}

#[test]
fn a_socket_whose_refusal_ended_a_send_hears_the_next_datagram() {
    if is_skipped("udp_readiness::a_socket_whose_refusal_ended_a_send_hears_the_next_datagram") {
        return;
    }
    hears_the_next_datagram_after(|socket| {
        let error = socket.send(b"anyone?").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    });
}
