//! The error queue of sockets.
#![allow(unsafe_code, reason = "an option is set, and bytes are lent to the kernel")]

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd};
use std::time::{Duration, SystemTime};

use mio::net::UdpSocket;
use mio::net::error_queue::{Cause, ErrorBuffer, Origin, Queued, Stage};
use mio::net::udp::{RecvBatch, SendBatch, Transmit};
use mio::{Interest, Token};

use crate::beyond::udp_batches::{receive, send_all};
use crate::harness::{BOTH, assert_would_block, expect_no_events, expect_one_event, poll_with_events, retry};
use crate::linux::error_queue::{MSG_ZEROCOPY, SO_ZEROCOPY};
use crate::net_harness::{is_refusal, settle, tcp_with_std_peer, udp_socket};

/// An address at which nobody is.
fn nobody(address: &str) -> SocketAddr {
    UdpSocket::bind(address.parse().unwrap()).unwrap().local_addr().unwrap()
}

/// The next entry of the queue of `socket`.
fn next<'a>(socket: &UdpSocket, buffer: &'a mut ErrorBuffer) -> Queued<'a> {
    settle();
    socket.recv_error(buffer).unwrap()
}

#[test]
fn an_error_queue_that_is_asked_for_is_empty_at_first() {
    let (socket, _) = udp_socket();
    let mut buffer = ErrorBuffer::with_capacity(10);
    for ask in [UdpSocket::set_recv_errors, UdpSocket::set_send_timestamps] {
        ask(&socket, true).unwrap();
    }
    assert!(socket.recv_errors().unwrap() && socket.send_timestamps().unwrap());
    assert_would_block(socket.recv_error(&mut buffer));
}

#[test]
fn a_refused_datagram_comes_back_with_all_that_is_known_of_it() {
    let ways = [("127.0.0.1:0", Origin::Icmp, (3, 3)), ("[::1]:0", Origin::Icmp6, (1, 4))];
    for (address, origin, (kind, code)) in ways {
        let socket = UdpSocket::bind(address.parse().unwrap()).unwrap();
        socket.set_recv_errors(true).unwrap();
        let peers = [nobody(address), nobody(address)];
        let mut buffer = ErrorBuffer::with_capacity(100);
        // An unconnected socket hears of each, and one error does not keep the next from going out.
        for peer in peers {
            retry(|| match socket.send_to(b"hello", peer) {
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                    Err(io::ErrorKind::WouldBlock.into())
                }
                sent => sent,
            })
            .unwrap();
            settle();
        }
        for peer in peers {
            let queued = next(&socket, &mut buffer);
            assert_eq!((queued.bytes(), queued.peer()), (&b"hello"[..], Some(peer)));
            let Cause::Error(error) = queued.cause() else { panic!("{queued:?}") };
            assert_eq!(error.error().kind(), io::ErrorKind::ConnectionRefused);
            assert_eq!((error.origin(), error.icmp_type(), error.icmp_code()), (origin, kind, code));
            assert_eq!((error.offender(), error.mtu()), (Some(peer.ip()), None));
        }
        assert_would_block(socket.recv_error(&mut buffer));
        // The pending error went with its entry.
        assert!(socket.take_error().unwrap().is_none());
    }
}

#[test]
fn answers_that_come_amid_a_batch_are_in_the_queue_and_no_datagram_is_lost() {
    let (socket, _) = udp_socket();
    socket.set_recv_errors(true).unwrap();
    let (receiver, alive) = udp_socket();
    let dead = nobody("127.0.0.1:0");
    // The answer to each that nobody takes is there before the next one goes out.
    let mut transmits = [
        Transmit::to(dead, b"one"),
        Transmit::to(alive, b"two"),
        Transmit::to(dead, b"three"),
        Transmit::to(alive, b"four"),
    ];
    let (mut out, mut left, mut refusals) = (SendBatch::with_capacity(4), &mut transmits[..], 0);
    while !left.is_empty() {
        match socket.send_batch(&mut out, left) {
            Ok(sent) => Transmit::advance(&mut left, sent),
            Err(error) => {
                assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
                refusals += 1;
            }
        }
        assert!(refusals <= 2, "an answer that is told again and again");
    }
    let mut batch = RecvBatch::with_capacity(4, 100);
    let received = receive(&receiver, &mut batch, 2);
    assert_eq!((&received[0].0[..], &received[1].0[..]), (&b"two"[..], &b"four"[..]));
    let mut buffer = ErrorBuffer::with_capacity(100);
    for bytes in [&b"one"[..], b"three"] {
        let queued = next(&socket, &mut buffer);
        assert_eq!((queued.bytes(), queued.peer()), (bytes, Some(dead)));
    }
    assert_would_block(socket.recv_error(&mut buffer));
}

#[test]
fn bytes_that_find_no_room_are_cut_and_told() {
    let (socket, _) = udp_socket();
    socket.set_recv_errors(true).unwrap();
    for (room, seen) in [(3, &b"hel"[..]), (0, b""), (5, b"hello")] {
        // Connected or not, the entry names the peer.
        let _ = socket.take_error();
        socket.send_to(b"hello", nobody("127.0.0.1:0")).unwrap();
        let mut buffer = ErrorBuffer::with_capacity(room);
        let queued = next(&socket, &mut buffer);
        assert_eq!((queued.bytes(), queued.is_truncated()), (seen, room < 5));
    }
}

#[test]
fn each_error_is_an_event_and_the_queue_makes_none_of_its_own() {
    let (mut socket, address) = udp_socket();
    socket.set_recv_errors(true).unwrap();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut socket, Token(3), Interest::READABLE).unwrap();
    let mut buffer = ErrorBuffer::with_capacity(100);
    // The queue alone is drained: that neither hides the next error nor makes an event.
    for _ in 0..3 {
        expect_no_events(&mut poll, &mut events);
        socket.send_to(b"hello", nobody("127.0.0.1:0")).unwrap();
        assert!(is_refusal(&expect_one_event(&mut poll, &mut events, Token(3))));
        socket.recv_error(&mut buffer).unwrap();
        assert_would_block(socket.recv_error(&mut buffer));
    }
    for _ in 0..3 {
        expect_no_events(&mut poll, &mut events);
        socket.send_to(b"hello", nobody("127.0.0.1:0")).unwrap();
        assert!(is_refusal(&expect_one_event(&mut poll, &mut events, Token(3))));
        socket.recv_error(&mut buffer).unwrap();
        assert_would_block(socket.recv_error(&mut buffer));
        assert_would_block(socket.recv(&mut [0; 8]));
        // Data is an event as before.
        socket.send_to(b"self", address).unwrap();
        expect_one_event(&mut poll, &mut events, Token(3));
        assert_eq!(socket.recv(&mut [0; 8]).unwrap(), 4);
        assert_would_block(socket.recv(&mut [0; 8]));
    }
}

#[test]
fn the_end_of_the_queue_says_nothing_of_the_data() {
    let (mut socket, _) = udp_socket();
    socket.set_recv_errors(true).unwrap();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut socket, Token(3), BOTH).unwrap();
    assert!(expect_one_event(&mut poll, &mut events, Token(3)).is_writable());
    let mut buffer = ErrorBuffer::with_capacity(100);
    for _ in 0..3 {
        // It is writable all the time, and nobody asked whether it still is.
        assert_would_block(socket.recv_error(&mut buffer));
        expect_no_events(&mut poll, &mut events);
        socket.send_to(b"hello", nobody("127.0.0.1:0")).unwrap();
        settle();
        assert!(is_refusal(&expect_one_event(&mut poll, &mut events, Token(3))));
        socket.recv_error(&mut buffer).unwrap();
    }
}

#[test]
fn each_datagram_tells_when_it_left() {
    let ((socket, _), (_receiver, destination)) = (udp_socket(), udp_socket());
    socket.set_send_timestamps(true).unwrap();
    let mut transmits = [Transmit::to(destination, b"one"), Transmit::to(destination, b"two")];
    send_all(&socket, &mut SendBatch::with_capacity(4), &mut transmits);
    let mut buffer = ErrorBuffer::with_capacity(100);
    for id in 0..2 {
        let queued = next(&socket, &mut buffer);
        let Cause::Timestamp(timestamp) = queued.cause() else { panic!("{queued:?}") };
        assert_eq!((timestamp.id(), timestamp.stage()), (id, Stage::Sent));
        let age = SystemTime::now().duration_since(timestamp.time()).unwrap_or_default();
        assert!(age < Duration::from_secs(5), "{age:?}");
        assert!(queued.bytes().is_empty());
    }
    assert_would_block(socket.recv_error(&mut buffer));
}

#[test]
fn what_the_system_divides_leaves_as_one_and_what_is_sent_singly_as_each() {
    let ((socket, _), (_receiver, destination)) = (udp_socket(), udp_socket());
    socket.set_send_timestamps(true).unwrap();
    let contents = [7; 2500];
    let mut transmits = [
        Transmit::to(destination, &contents).with_segment_size(1000),
        Transmit::to(destination, b"one"),
        // The system divides 64 at most, so that this is two of its pieces.
        Transmit::to(destination, &contents[..65]).with_segment_size(1),
    ];
    send_all(&socket, &mut SendBatch::with_capacity(8), &mut transmits);
    settle();
    let mut buffer = ErrorBuffer::with_capacity(0);
    let mut ids = Vec::new();
    while let Ok(queued) = socket.recv_error(&mut buffer) {
        let Cause::Timestamp(timestamp) = queued.cause() else { panic!("{queued:?}") };
        ids.push(timestamp.id());
    }
    let pieces = if socket.send_segments_max() == 64 { 4 } else { 3 + 1 + 65 };
    assert_eq!(ids, (0..pieces).collect::<Vec<_>>());
}

#[test]
fn completions_of_sends_without_a_copy_are_told_of_a_stream() {
    let (stream, _peer) = tcp_with_std_peer();
    let (socket, on) = (stream.as_fd().as_raw_fd(), 1_i32);
    // SAFETY: the kernel reads four bytes of `on`, which lives until the call returns.
    let set = unsafe { libc::setsockopt(socket, libc::SOL_SOCKET, SO_ZEROCOPY, (&raw const on).cast(), 4) };
    if set != 0 {
        let error = io::Error::last_os_error();
        // A kernel that has no such option says that, and nothing else.
        assert_eq!(error.raw_os_error(), Some(libc::ENOPROTOOPT), "{error}");
        println!("SKIPPED: this kernel has no SO_ZEROCOPY, which Linux has from 4.14 on");
        return;
    }
    settle();
    static LENT: [u8; 5000] = [7; 5000];
    for _ in 0..3 {
        // SAFETY: the kernel reads from a static, which lives for ever.
        let sent = unsafe { libc::send(socket, LENT.as_ptr().cast(), LENT.len(), MSG_ZEROCOPY as i32) };
        assert!(sent > 0);
    }
    settle();
    let mut buffer = ErrorBuffer::with_capacity(0);
    let mut completed = 0;
    while completed < 3 {
        let queued = buffer.receive(&stream).unwrap();
        let Cause::ZeroCopy(zero_copy) = queued.cause() else { panic!("{queued:?}") };
        assert_eq!(zero_copy.first(), completed);
        completed = zero_copy.last() + 1;
        // The loopback device keeps nothing that belongs to a program.
        assert!(zero_copy.is_copied());
    }
    assert_would_block(buffer.receive(&stream));
}
