//! `Poll`: what one poll reports, how much of it, and what a Poll costs.

use std::io::Write;

use mio::net::UdpSocket;
use mio::{Events, Interest, Poll, Registry, Token, Waker};

use crate::harness::system::{Counter, open_handles, stream_with_std_peer};
use crate::harness::{
    BOTH, PATIENCE, SILENCE, expect_events, expect_no_events, expect_one_event, expect_tokens,
    in_own_process, poll_once, poll_with_events, rearm, tokens,
};
use crate::net_harness::{drain, udp_socket};
use crate::subject;

const FIRST: Token = Token(1);
const SECOND: Token = Token(2);

#[test]
fn poll_registry_and_events_may_be_sent_to_and_shared_with_other_threads() {
    fn assert_send_and_sync<T: Send + Sync>() {}
    assert_send_and_sync::<Poll>();
    assert_send_and_sync::<Registry>();
    assert_send_and_sync::<Events>();
}

#[test]
fn a_poll_with_nothing_registered_is_silent() {
    let (mut poll, mut events) = poll_with_events();
    expect_no_events(&mut poll, &mut events);
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn each_poll_clears_the_events_of_the_one_before() {
    let (mut poll, mut events) = poll_with_events();
    let (mut socket, _) = udp_socket();
    poll.registry().register(&mut socket, FIRST, Interest::WRITABLE).unwrap();
    expect_one_event(&mut poll, &mut events, FIRST);
    assert!(!events.is_empty());
    poll_once(&mut poll, &mut events, SILENCE);
    assert!(events.is_empty(), "left over: {events:?}");
}

#[test]
fn one_events_serves_several_polls() {
    let (mut one, mut events) = poll_with_events();
    let mut two = subject::new_poll().unwrap();
    let ((mut left, _), (mut right, _)) = (udp_socket(), udp_socket());
    one.registry().register(&mut left, FIRST, Interest::WRITABLE).unwrap();
    two.registry().register(&mut right, SECOND, Interest::WRITABLE).unwrap();
    expect_one_event(&mut one, &mut events, FIRST);
    expect_one_event(&mut two, &mut events, SECOND);
    expect_no_events(&mut one, &mut events);
}

#[test]
fn two_polls_in_one_process_do_not_hear_each_others_sources() {
    let (mut one, mut events) = poll_with_events();
    let mut two = subject::new_poll().unwrap();
    let (mut socket, _) = udp_socket();
    one.registry().register(&mut socket, FIRST, Interest::WRITABLE).unwrap();
    expect_no_events(&mut two, &mut events);
    expect_one_event(&mut one, &mut events, FIRST);
}

#[test]
fn one_poll_reports_every_source_that_is_ready() {
    let (mut poll, mut events) = poll_with_events();
    let mut sockets: Vec<UdpSocket> = (0..8).map(|_| udp_socket().0).collect();
    for (number, socket) in sockets.iter_mut().enumerate() {
        poll.registry().register(socket, Token(number), Interest::WRITABLE).unwrap();
    }
    poll_once(&mut poll, &mut events, PATIENCE);
    assert_eq!(tokens(&events), (0..8).collect::<Vec<_>>());
}

#[test]
fn what_exceeds_the_capacity_comes_with_the_next_polls() {
    let mut poll = subject::new_poll().unwrap();
    let mut events = Events::with_capacity(3);
    let mut sockets: Vec<UdpSocket> = (0..20).map(|_| udp_socket().0).collect();
    for (number, socket) in sockets.iter_mut().enumerate() {
        poll.registry().register(socket, Token(number), Interest::WRITABLE).unwrap();
    }
    expect_tokens(&mut poll, &mut events, &(0..20).collect::<Vec<_>>());
}

#[test]
fn a_source_that_is_always_ready_does_not_starve_the_others_at_capacity_1() {
    let mut poll = subject::new_poll().unwrap();
    let mut events = Events::with_capacity(1);
    let mut busy = Counter::new();
    poll.registry().register(&mut busy, FIRST, Interest::READABLE).unwrap();
    let (mut quiet, _) = udp_socket();
    poll.registry().register(&mut quiet, SECOND, Interest::WRITABLE).unwrap();
    for _ in 0..100 {
        busy.add();
        rearm(&poll, &mut busy, FIRST, Interest::READABLE);
        poll_once(&mut poll, &mut events, PATIENCE);
        if tokens(&events).contains(&2) {
            return;
        }
    }
    panic!("100 polls without the quiet source");
}

#[test]
fn a_thousand_sources_are_each_heard_once() {
    let mut poll = subject::new_poll().unwrap();
    let mut events = Events::with_capacity(64);
    let mut counters: Vec<_> = (0..1000).map(|_| Counter::new()).collect();
    for (number, counter) in counters.iter_mut().enumerate() {
        poll.registry().register(counter, Token(number), Interest::READABLE).unwrap();
    }
    expect_no_events(&mut poll, &mut events);
    for counter in &counters {
        counter.add();
    }
    expect_tokens(&mut poll, &mut events, &(0..1000).collect::<Vec<_>>());
}

#[test]
fn readiness_comes_back_after_would_block() {
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, mut peer) = stream_with_std_peer();
    poll.registry().register(&mut stream, FIRST, Interest::READABLE).unwrap();
    for message in [&b"one"[..], b"two", b"three"] {
        peer.write_all(message).unwrap();
        expect_one_event(&mut poll, &mut events, FIRST);
        assert_eq!(drain(&stream).0, message);
        expect_no_events(&mut poll, &mut events);
    }
}

#[test]
fn a_source_that_is_ready_both_ways_says_so() {
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, mut peer) = stream_with_std_peer();
    peer.write_all(b"bytes").unwrap();
    poll.registry().register(&mut stream, FIRST, BOTH).unwrap();
    expect_events(
        &mut poll,
        &mut events,
        &[(FIRST, |event| event.is_readable()), (FIRST, |event| event.is_writable())],
    );
}

#[test]
fn a_poll_may_be_dropped_before_its_sources() {
    let (poll, _) = poll_with_events();
    let (mut stream, mut peer) = stream_with_std_peer();
    poll.registry().register(&mut stream, FIRST, BOTH).unwrap();
    drop(poll);
    peer.write_all(b"bytes").unwrap();
    drop(peer);
    assert_eq!(drain(&stream), (b"bytes".to_vec(), true));
}

#[test]
fn the_debug_text_of_poll_and_registry_names_them() {
    let (poll, _) = poll_with_events();
    assert!(format!("{poll:?}").contains("Poll"));
    assert!(format!("{:?}", poll.registry()).contains("Registry"));
}

#[test]
fn two_thousand_polls_leak_no_descriptor() {
    in_own_process("poll::two_thousand_polls_leak_no_descriptor", || {
        let before = open_handles();
        for _ in 0..2000 {
            let poll = subject::new_poll().unwrap();
            let registry = poll.registry().try_clone().unwrap();
            let waker = Waker::new(&registry, FIRST).unwrap();
            waker.wake().unwrap();
        }
        assert_eq!(open_handles(), before);
    });
}

#[test]
fn sources_that_come_and_go_leak_no_descriptor() {
    in_own_process("poll::sources_that_come_and_go_leak_no_descriptor", || {
        let (mut poll, mut events) = poll_with_events();
        let before = open_handles();
        for number in 0..2000 {
            let (mut stream, mut peer) = stream_with_std_peer();
            poll.registry().register(&mut stream, Token(number), BOTH).unwrap();
            peer.write_all(b"bytes").unwrap();
            poll_once(&mut poll, &mut events, PATIENCE);
            if number % 2 == 0 {
                poll.registry().deregister(&mut stream).unwrap();
            }
        }
        assert_eq!(open_handles(), before);
        expect_no_events(&mut poll, &mut events);
    });
}
