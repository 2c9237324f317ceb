//! Conditions that stay until something takes them: errors, hang-ups, ends.
//!
//! epoll hears of each change; poll(2) sees only what there is. Both say the same here.

use std::io::{self, Read, Write};
use std::net;
use std::time::Duration;

use mio::net::UdpSocket;
use mio::{Events, Interest, Mode, Token};

use crate::harness::facts::tells_old_readiness_again;
use crate::harness::skips::is_skipped;
use crate::harness::system::{duplicate, stream_pair, stream_with_std_peer};
use crate::harness::{expect_no_events, expect_one_event, poll_with_events};
use crate::net_harness::{connected_udp_pair, is_refusal, settle};

const SOURCE: Token = Token(3);

/// Receives until it would block; how many datagrams and errors there were.
pub(crate) fn drain_udp(socket: &UdpSocket) -> (usize, usize) {
    let mut count = (0, 0);
    loop {
        match socket.recv(&mut [0; 64]) {
            Ok(_) => count.0 += 1,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return count,
            Err(_) => count.1 += 1,
        }
        assert!(count.0 + count.1 < 1000, "a socket without an end");
    }
}

#[test]
fn a_refusal_taken_in_try_io_is_followed_by_datagrams() {
    if is_skipped("beyond::sticky::a_refusal_taken_in_try_io_is_followed_by_datagrams") {
        return;
    }
    let (mut poll, mut events) = poll_with_events();
    let (left, mut right) = connected_udp_pair();
    let address = left.local_addr().unwrap();
    drop(left);
    poll.registry().register(&mut right, SOURCE, Interest::READABLE).unwrap();
    right.send(b"anyone?").unwrap();
    assert!(is_refusal(&expect_one_event(&mut poll, &mut events, SOURCE)));
    let std_socket: net::UdpSocket = duplicate(&right);
    let refused = right.try_io(|| std_socket.recv(&mut [0; 8]));
    assert_eq!(refused.unwrap_err().kind(), io::ErrorKind::ConnectionRefused);

    let left = net::UdpSocket::bind(address).unwrap();
    left.send_to(b"me", right.local_addr().unwrap()).unwrap();
    assert!(expect_one_event(&mut poll, &mut events, SOURCE).is_readable());
    assert_eq!(drain_udp(&right), (1, 0));
}

#[test]
fn oneshots_that_are_always_ready_are_served_in_turn_at_capacity_1() {
    let mut poll = poll_with_events().0;
    let mut events = Events::with_capacity(1);
    let mut pairs: Vec<_> = (0..3).map(|_| stream_pair()).collect();
    for (place, (sender, receiver)) in pairs.iter_mut().enumerate() {
        sender.write_all(b"!").unwrap();
        poll.registry().register_with(receiver, Token(place), Interest::READABLE, Mode::Oneshot).unwrap();
    }
    let mut served = [0; 3];
    let mut late: Option<usize> = None;
    for _ in 0..300 {
        poll.wait(&mut events, Some(Duration::ZERO)).unwrap();
        let now = events.iter().next().map(|event| event.token().0);
        // Each is armed anew one poll late.
        if let Some(place) = late {
            let receiver = &mut pairs[place].1;
            poll.registry()
                .reregister_with(receiver, Token(place), Interest::READABLE, Mode::Oneshot)
                .unwrap();
        }
        if let Some(place) = now {
            served[place] += 1;
        }
        late = now;
    }
    assert!(served.iter().all(|count| (80..=120).contains(count)), "{served:?}");
}

#[test]
fn an_end_behind_a_short_read_is_told_once() {
    if is_skipped("beyond::sticky::an_end_behind_a_short_read_is_told_once") {
        return;
    }
    for is_half_closed in [true, false] {
        let (mut poll, mut events) = poll_with_events();
        let (mut stream, mut peer) = stream_with_std_peer();
        poll.registry().register(&mut stream, SOURCE, Interest::READABLE).unwrap();
        peer.write_all(b"bytes").unwrap();
        peer.shutdown(net::Shutdown::Write).unwrap();
        let _peer = is_half_closed.then_some(peer);
        settle();
        assert!(expect_one_event(&mut poll, &mut events, SOURCE).is_read_closed());
        assert_eq!(stream.read(&mut [0; 64]).unwrap(), 5);
        expect_no_events(&mut poll, &mut events);
        assert_eq!(stream.read(&mut [0; 64]).unwrap(), 0);
        expect_no_events(&mut poll, &mut events);
    }
}

#[test]
fn an_event_says_all_that_is_true_of_its_source() {
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, mut peer) = stream_with_std_peer();
    let both = Interest::READABLE | Interest::WRITABLE;
    poll.registry().register(&mut stream, SOURCE, both).unwrap();
    let event = expect_one_event(&mut poll, &mut events, SOURCE);
    assert!(event.is_writable() && !event.is_readable(), "{event:?}");
    // It is writable still, though only the readiness to be read is new.
    peer.write_all(b"!").unwrap();
    let event = expect_one_event(&mut poll, &mut events, SOURCE);
    assert!(event.is_readable(), "{event:?}");
    assert_eq!(event.is_writable(), tells_old_readiness_again(), "{event:?}");
}
