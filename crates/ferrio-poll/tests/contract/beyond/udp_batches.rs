//! Many datagrams by one call, on each system.

use std::io;
use std::net::SocketAddr;
use std::thread;

use mio::net::UdpSocket;
use mio::net::udp::{RecvBatch, SendBatch, Transmit};
use mio::{Interest, Token};

use crate::harness::skips::is_skipped;
use crate::harness::{
    assert_kind, assert_would_block, expect_no_events, expect_one_event, poll_with_events, retry,
};
use crate::net_harness::{any_local_v6, connected_udp_pair, settle, udp_socket};

/// Sends all of `transmits`, which fits into the buffers of the system.
pub(crate) fn send_all(socket: &UdpSocket, batch: &mut SendBatch, transmits: &mut [Transmit<'_>]) {
    let mut left = transmits;
    while !left.is_empty() {
        let sent = retry(|| socket.send_batch(batch, left)).unwrap();
        assert!(sent > 0);
        Transmit::advance(&mut left, sent);
    }
}

/// Receives `count` datagrams, each with its sender.
pub(crate) fn receive(socket: &UdpSocket, batch: &mut RecvBatch, count: usize) -> Vec<(Vec<u8>, SocketAddr)> {
    let mut received = Vec::new();
    while received.len() < count {
        let messages = retry(|| socket.recv_batch(batch)).unwrap();
        assert_eq!(messages, batch.len());
        for message in &*batch {
            assert!(!message.is_truncated());
            let source = message.source().expect("an address");
            received.extend(message.segments().map(|segment| (segment.to_vec(), source)));
        }
    }
    assert_eq!(received.len(), count);
    received
}

/// A datagram that differs from others.
fn datagram(n: usize, len: usize) -> Vec<u8> {
    (0..len).map(|at| (at * 7 + n) as u8).collect()
}

#[test]
fn a_batch_brings_each_datagram_once_in_order_with_its_sender() {
    let (receiver, address) = udp_socket();
    let senders = [udp_socket(), udp_socket()];
    let mut batch = SendBatch::with_capacity(8);
    let mut expected = Vec::new();
    for (n, (sender, sender_address)) in senders.iter().enumerate() {
        let datagrams: Vec<_> = (0..20).map(|at| datagram(n * 20 + at, at * 13)).collect();
        let mut transmits: Vec<_> = datagrams.iter().map(|bytes| Transmit::to(address, bytes)).collect();
        send_all(sender, &mut batch, &mut transmits);
        expected.extend(datagrams.into_iter().map(|bytes| (bytes, *sender_address)));
        settle();
    }
    let mut batch = RecvBatch::with_capacity(7, 1500);
    assert_eq!((batch.capacity(), batch.len(), batch.is_empty()), (7, 0, true));
    assert_eq!(receive(&receiver, &mut batch, 40), expected);
    assert_would_block(receiver.recv_batch(&mut batch));
    assert!(batch.is_empty() && batch.get(0).is_none() && batch.iter().len() == 0);
}

#[test]
fn batches_go_over_ipv6_and_between_connected_sockets() {
    let (left, right) = (UdpSocket::bind(any_local_v6()).unwrap(), UdpSocket::bind(any_local_v6()).unwrap());
    let mut batches = (SendBatch::with_capacity(4), RecvBatch::with_capacity(4, 100));
    let destination = right.local_addr().unwrap();
    send_all(
        &left,
        &mut batches.0,
        &mut [Transmit::to(destination, b"six"), Transmit::to(destination, b"seven")],
    );
    let source = left.local_addr().unwrap();
    let expected = [(b"six".to_vec(), source), (b"seven".to_vec(), source)];
    assert_eq!(receive(&right, &mut batches.1, 2), expected);

    let (left, right) = connected_udp_pair();
    send_all(&left, &mut batches.0, &mut [Transmit::connected(b"one"), Transmit::connected(b"two")]);
    let source = left.local_addr().unwrap();
    assert_eq!(receive(&right, &mut batches.1, 2), [(b"one".to_vec(), source), (b"two".to_vec(), source)]);
}

#[test]
fn empty_datagrams_are_datagrams() {
    let (left, right) = connected_udp_pair();
    let empty = Transmit::connected(b"");
    let mut transmits = [empty, Transmit::connected(b"x"), empty.with_segment_size(10)];
    send_all(&left, &mut SendBatch::with_capacity(4), &mut transmits);
    let received = receive(&right, &mut RecvBatch::with_capacity(4, 10), 3);
    assert_eq!(received.iter().map(|(bytes, _)| &bytes[..]).collect::<Vec<_>>(), [&b""[..], b"x", b""]);
    assert_eq!(left.send_batch(&mut SendBatch::with_capacity(4), &[]).unwrap(), 0);
}

#[test]
fn what_finds_no_room_is_told_and_what_fits_exactly_is_whole() {
    let (left, right) = connected_udp_pair();
    let long = vec![7; 60_000];
    for bytes in [&long[..], &long[..101], &long[..100], &long[..1], &long[..0]] {
        left.send(bytes).unwrap();
    }
    settle();
    let mut batch = RecvBatch::with_capacity(8, 100);
    let mut seen = Vec::new();
    while seen.len() < 5 {
        retry(|| right.recv_batch(&mut batch)).unwrap();
        seen.extend(batch.iter().map(|received| (received.bytes().len(), received.is_truncated())));
    }
    assert_eq!(seen, [(100, true), (100, true), (100, false), (1, false), (0, false)]);
    let mut batch = RecvBatch::with_capacity(2, 65_535);
    left.send(&long).unwrap();
    assert_eq!(receive(&right, &mut batch, 1)[0].0, long);
}

#[test]
fn a_transmit_of_many_datagrams_arrives_as_these_whatever_the_system_divides() {
    let ((left, _), (right, address)) = (udp_socket(), udp_socket());
    // Longer than what one call divides, and with a rest.
    let contents = datagram(3, 100 * 1000 + 234);
    let transmit = Transmit::to(address, &contents).with_segment_size(1000);
    assert_eq!(transmit.datagrams(), 101);
    let (mut out, mut batch) = (SendBatch::with_capacity(4), RecvBatch::with_capacity(16, 2000));
    let (mut all, mut seen) = ([transmit, Transmit::to(address, b"end")], Vec::new());
    let mut left_over = &mut all[..];
    while !left_over.is_empty() {
        let sent = retry(|| left.send_batch(&mut out, left_over)).unwrap();
        Transmit::advance(&mut left_over, sent);
        // The buffer of the receiver is short.
        seen.extend(receive(&right, &mut batch, sent).into_iter().map(|(bytes, _)| bytes));
    }
    let mut expected: Vec<_> = contents.chunks(1000).collect();
    expected.push(b"end");
    assert_eq!(seen, expected);
    assert!([Some(1), Some(left.send_segments_max())].contains(&out.segments_max()));
}

#[test]
fn a_batch_that_was_drained_is_reported_anew() {
    let (left, mut right) = connected_udp_pair();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut right, Token(1), Interest::READABLE).unwrap();
    let mut batch = RecvBatch::with_capacity(4, 100);
    for _ in 0..3 {
        expect_no_events(&mut poll, &mut events);
        for _ in 0..6 {
            left.send(b"hello").unwrap();
        }
        settle();
        expect_one_event(&mut poll, &mut events, Token(1));
        assert_eq!(receive(&right, &mut batch, 6).len(), 6);
        assert_would_block(right.recv_batch(&mut batch));
    }
}

#[test]
fn a_batch_with_room_left_was_drained() {
    let (left, mut right) = connected_udp_pair();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut right, Token(1), Interest::READABLE).unwrap();
    let mut batch = RecvBatch::with_capacity(8, 100);
    for _ in 0..3 {
        left.send(b"hello").unwrap();
        expect_one_event(&mut poll, &mut events, Token(1));
        assert_eq!(right.recv_batch(&mut batch).unwrap(), 1);
        expect_no_events(&mut poll, &mut events);
    }
}

#[test]
fn a_refusal_is_an_error_of_a_batch_and_the_next_datagram_comes() {
    if is_skipped("beyond::udp_batches::a_refusal_is_an_error_of_a_batch_and_the_next_datagram_comes") {
        return;
    }
    let (left, _) = udp_socket();
    let (gone, address) = udp_socket();
    drop(gone);
    left.connect(address).unwrap();
    left.send(b"anybody?").unwrap();
    settle();
    let mut batch = RecvBatch::with_capacity(4, 100);
    let error = retry(|| left.recv_batch(&mut batch)).unwrap_err();
    assert!(
        [io::ErrorKind::ConnectionRefused, io::ErrorKind::ConnectionReset].contains(&error.kind()),
        "{error}"
    );
    let back = UdpSocket::bind(address).unwrap();
    back.send_to(b"back", left.local_addr().unwrap()).unwrap();
    assert_eq!(receive(&left, &mut batch, 1), [(b"back".to_vec(), address)]);
}

#[test]
fn an_error_of_a_later_transmit_leaves_it_to_the_next_call() {
    let ((left, _), (right, address)) = (udp_socket(), udp_socket());
    let long = vec![0; 65_508];
    let transmits =
        [Transmit::to(address, b"good"), Transmit::to(address, &long), Transmit::to(address, b"bye")];
    let mut out = SendBatch::with_capacity(4);
    assert_eq!(left.send_batch(&mut out, &transmits).unwrap(), 1);
    assert!(left.send_batch(&mut out, &transmits[1..]).is_err());
    assert_eq!(left.send_batch(&mut out, &transmits[2..]).unwrap(), 1);
    let received = receive(&right, &mut RecvBatch::with_capacity(4, 100), 2);
    assert_eq!((&received[0].0[..], &received[1].0[..]), (&b"good"[..], &b"bye"[..]));
}

#[test]
fn what_was_not_asked_for_is_not_told() {
    let (left, right) = connected_udp_pair();
    left.send(b"x").unwrap();
    let mut batch = RecvBatch::with_capacity(1, 10);
    retry(|| right.recv_batch(&mut batch)).unwrap();
    let received = batch.get(0).unwrap();
    assert_eq!((received.local_address(), received.ecn(), received.ttl()), (None, None, None));
    assert_eq!((received.timestamp(), received.segments().len()), (None, 1));
    for asked in [UdpSocket::recv_local_address, UdpSocket::recv_ecn, UdpSocket::recv_ttl] {
        assert!(!asked(&right).unwrap());
    }
    assert!(!right.recv_timestamps().unwrap() && !right.recv_offload().unwrap());
}

#[test]
fn what_a_system_lacks_is_refused_by_its_name() {
    let (socket, address) = udp_socket();
    type Ask = fn(&UdpSocket, bool) -> io::Result<()>;
    let asks: [(Ask, &str); 5] = [
        (UdpSocket::set_recv_local_address, "IP_PKTINFO"),
        (UdpSocket::set_recv_ecn, "IP_RECVTOS"),
        (UdpSocket::set_recv_ttl, "IP_RECVTTL"),
        (UdpSocket::set_recv_timestamps, "SO_TIMESTAMP"),
        (UdpSocket::set_recv_offload, "UDP_GRO"),
    ];
    for (ask, name) in asks {
        if let Err(error) = ask(&socket, true) {
            assert!(error.to_string().starts_with(name), "{error}");
            assert_kind(Err::<(), _>(error), io::ErrorKind::Unsupported);
        }
    }
    let transmit = Transmit::to(address, b"x");
    let sources = [transmit.with_source(address.ip()), transmit.with_ecn(mio::net::udp::Ecn::Ect0)];
    for transmit in sources {
        match socket.send_batch(&mut SendBatch::with_capacity(1), &[transmit]) {
            Ok(sent) => assert_eq!(sent, 1),
            Err(error) => assert_kind(Err::<(), _>(error), io::ErrorKind::Unsupported),
        }
    }
}

#[test]
fn batches_are_used_by_one_thread_after_another() {
    let (left, right) = connected_udp_pair();
    let (mut out, mut batch) = (SendBatch::with_capacity(4), RecvBatch::with_capacity(4, 100));
    for _ in 0..3 {
        send_all(&left, &mut out, &mut [Transmit::connected(b"hello"), Transmit::connected(b"there")]);
        (out, batch) = thread::scope(|scope| {
            let work = scope.spawn(|| {
                let seen = receive(&right, &mut batch, 2);
                assert_eq!((&seen[0].0[..], &seen[1].0[..]), (&b"hello"[..], &b"there"[..]));
                send_all(&right, &mut out, &mut [Transmit::connected(b"answer")]);
                (out, batch)
            });
            work.join().unwrap()
        });
        assert_eq!(receive(&left, &mut batch, 1)[0].0, b"answer");
    }
}

#[test]
#[should_panic(expected = "room for a message")]
fn a_batch_without_room_is_a_mistake() {
    let _ = RecvBatch::with_capacity(1, 0);
}

#[test]
fn what_the_system_tells_of_no_datagram_is_unsupported_by_name() {
    let (socket, _) = udp_socket();
    for (result, name) in [
        (socket.set_recv_errors(true), "IP_RECVERR"),
        (socket.set_send_timestamps(true), "SO_TIMESTAMPING"),
        (socket.set_recv_offload(true), "UDP_GRO"),
    ] {
        if let Err(error) = result {
            assert_eq!(error.kind(), io::ErrorKind::Unsupported, "{name}: {error}");
            assert!(error.to_string().contains(name), "{name}: {error}");
        }
    }
}
