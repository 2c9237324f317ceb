//! Readiness of a connected `TcpStream`: edges, tokens, interests, silence.

use std::io::{Read, Write};
use std::thread;
use std::time::{Duration, Instant};

use mio::event::Event;
use mio::net::TcpStream;
use mio::{Interest, Token, Waker};

use crate::harness::{
    BOTH, PATIENCE, assert_would_block, expect_events, expect_no_events, expect_one_event, poll_once,
    poll_with_events, tokens,
};
use crate::net_harness::{drain, settle, tcp_listener, tcp_pair, tcp_with_std_peer};
use crate::subject;

const STREAM: Token = Token(1);
const OTHER: Token = Token(2);
const WAKE: Token = Token(3);

#[test]
fn a_connect_is_silent_for_a_reader() {
    let (_listener, address) = tcp_listener();
    let (mut poll, mut events) = poll_with_events();
    let mut stream = TcpStream::connect(address).unwrap();
    poll.registry().register(&mut stream, STREAM, Interest::READABLE).unwrap();
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn bytes_are_exactly_one_readable_event() {
    let (mut stream, mut peer) = tcp_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, Interest::READABLE).unwrap();
    peer.write_all(b"bytes").unwrap();
    let event = expect_one_event(&mut poll, &mut events, STREAM);
    assert!(event.is_readable() && !event.is_writable());
    assert!(!event.is_read_closed() && !event.is_error());
    assert_eq!(drain(&stream), (b"bytes".to_vec(), false));
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn an_event_that_was_not_acted_on_is_not_repeated() {
    let (mut stream, mut peer) = tcp_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, Interest::READABLE).unwrap();
    peer.write_all(b"bytes").unwrap();
    expect_one_event(&mut poll, &mut events, STREAM);
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn bytes_from_before_the_registration_are_reported() {
    let (mut stream, mut peer) = tcp_with_std_peer();
    peer.write_all(b"early").unwrap();
    settle();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, Interest::READABLE).unwrap();
    assert!(expect_one_event(&mut poll, &mut events, STREAM).is_readable());
}

#[test]
fn each_small_message_after_a_drain_is_a_new_event() {
    let (mut stream, mut peer) = tcp_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, Interest::READABLE).unwrap();
    for number in 0..50_u8 {
        peer.write_all(&[number]).unwrap();
        assert!(expect_one_event(&mut poll, &mut events, STREAM).is_readable());
        assert_eq!(drain(&stream), (vec![number], false));
    }
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn new_bytes_on_an_undrained_stream_are_an_event_only_if_the_kernel_keeps_the_edges() {
    let (mut stream, mut peer) = tcp_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, Interest::READABLE).unwrap();
    peer.write_all(b"one").unwrap();
    expect_one_event(&mut poll, &mut events, STREAM);
    peer.write_all(b"two").unwrap();
    if subject::rearms_on_demand() {
        expect_no_events(&mut poll, &mut events);
        settle();
        assert_eq!(drain(&stream), (b"onetwo".to_vec(), false));
        peer.write_all(b"three").unwrap();
    }
    assert!(expect_one_event(&mut poll, &mut events, STREAM).is_readable());
}

#[test]
fn a_writer_hears_of_room_once() {
    let (mut stream, _peer) = tcp_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, Interest::WRITABLE).unwrap();
    let event = expect_one_event(&mut poll, &mut events, STREAM);
    assert!(event.is_writable() && !event.is_readable());
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn both_directions_ready_at_once_are_one_event() {
    let (mut stream, mut peer) = tcp_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    peer.write_all(b"bytes").unwrap();
    settle();
    poll.registry().register(&mut stream, STREAM, BOTH).unwrap();
    let event = expect_one_event(&mut poll, &mut events, STREAM);
    assert!(event.is_readable() && event.is_writable());
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_drained_reader_hears_nothing_new_of_room() {
    let (mut stream, mut peer) = tcp_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, BOTH).unwrap();
    expect_events(&mut poll, &mut events, &[(STREAM, Event::is_writable)]);
    peer.write_all(b"bytes").unwrap();
    expect_events(&mut poll, &mut events, &[(STREAM, Event::is_readable)]);
    assert_eq!(drain(&stream), (b"bytes".to_vec(), false));
    if subject::rearms_on_demand() && !subject::IS_FERRIO {
        // The poll(2) build of mio arms both directions, whichever was used.
        assert!(expect_one_event(&mut poll, &mut events, STREAM).is_writable());
    }
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn an_unregistered_stream_is_silent_in_a_poll_that_watches_another() {
    let (stream, mut other) = tcp_pair();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut other, OTHER, Interest::READABLE).unwrap();
    (&other).write_all(b"for nobody").unwrap();
    expect_no_events(&mut poll, &mut events);
    assert_eq!(drain(&stream), (b"for nobody".to_vec(), false));
}

#[test]
fn reregister_replaces_the_token() {
    let (mut stream, mut peer) = tcp_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, Interest::READABLE).unwrap();
    poll.registry().reregister(&mut stream, OTHER, Interest::READABLE).unwrap();
    peer.write_all(b"bytes").unwrap();
    expect_one_event(&mut poll, &mut events, OTHER);
}

#[test]
fn reregister_replaces_the_interest() {
    let (mut stream, mut peer) = tcp_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, Interest::READABLE).unwrap();
    poll.registry().reregister(&mut stream, STREAM, Interest::WRITABLE).unwrap();
    let event = expect_one_event(&mut poll, &mut events, STREAM);
    assert!(event.is_writable() && !event.is_readable());
    peer.write_all(b"bytes").unwrap();
    settle();
    poll_once(&mut poll, &mut events, Duration::ZERO);
    assert!(events.iter().all(|event| !event.is_readable()), "{events:?}");
}

#[test]
fn reregister_hides_bytes_that_were_not_yet_polled() {
    let (mut stream, mut peer) = tcp_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, Interest::READABLE).unwrap();
    peer.write_all(b"bytes").unwrap();
    settle();
    poll.registry().reregister(&mut stream, STREAM, Interest::WRITABLE).unwrap();
    let event = expect_one_event(&mut poll, &mut events, STREAM);
    assert!(event.is_writable() && !event.is_readable());
}

#[test]
fn reregister_reports_bytes_that_are_still_there() {
    let (mut stream, mut peer) = tcp_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, Interest::READABLE).unwrap();
    peer.write_all(b"bytes").unwrap();
    expect_one_event(&mut poll, &mut events, STREAM);
    expect_no_events(&mut poll, &mut events);
    poll.registry().reregister(&mut stream, STREAM, Interest::READABLE).unwrap();
    assert!(expect_one_event(&mut poll, &mut events, STREAM).is_readable());
}

#[test]
fn a_deregistered_stream_is_silent() {
    let (mut stream, mut peer) = tcp_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, BOTH).unwrap();
    expect_events(&mut poll, &mut events, &[(STREAM, Event::is_writable)]);
    poll.registry().deregister(&mut stream).unwrap();
    peer.write_all(b"bytes").unwrap();
    drop(peer);
    expect_no_events(&mut poll, &mut events);
    assert_eq!(drain(&stream), (b"bytes".to_vec(), true));
}

#[test]
fn a_stream_may_register_again_after_deregister() {
    let (mut stream, mut peer) = tcp_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, Interest::READABLE).unwrap();
    poll.registry().deregister(&mut stream).unwrap();
    poll.registry().register(&mut stream, OTHER, Interest::READABLE).unwrap();
    expect_no_events(&mut poll, &mut events);
    peer.write_all(b"bytes").unwrap();
    expect_one_event(&mut poll, &mut events, OTHER);
}

#[test]
fn a_write_before_deregister_leaves_only_the_peers_event() {
    let (mut stream, mut peer) = tcp_pair();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, Interest::WRITABLE).unwrap();
    poll.registry().register(&mut peer, OTHER, Interest::READABLE).unwrap();
    expect_one_event(&mut poll, &mut events, STREAM);
    stream.write_all(b"1234").unwrap();
    poll.registry().deregister(&mut stream).unwrap();
    assert!(expect_one_event(&mut poll, &mut events, OTHER).is_readable());
    assert_eq!(drain(&peer), (b"1234".to_vec(), false));
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn two_sources_may_share_a_token() {
    let (mut stream, mut other) = tcp_pair();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, Interest::READABLE).unwrap();
    poll.registry().register(&mut other, STREAM, Interest::READABLE).unwrap();
    stream.write_all(b"to other").unwrap();
    expect_one_event(&mut poll, &mut events, STREAM);
    assert_eq!(drain(&other), (b"to other".to_vec(), false));
    other.write_all(b"to stream").unwrap();
    expect_one_event(&mut poll, &mut events, STREAM);
    assert_eq!(drain(&stream), (b"to stream".to_vec(), false));
}

#[test]
fn a_stream_that_registers_while_the_loop_sleeps_is_heard() {
    let (mut stream, mut peer) = tcp_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    let registry = poll.registry().try_clone().unwrap();
    let loop_thread = thread::spawn(move || expect_one_event(&mut poll, &mut events, STREAM));
    settle();
    registry.register(&mut stream, STREAM, Interest::READABLE).unwrap();
    peer.write_all(b"bytes").unwrap();
    assert!(loop_thread.join().unwrap().is_readable());
}

#[test]
fn a_read_in_one_thread_arms_the_loop_that_sleeps_in_another() {
    let (mut stream, mut peer) = tcp_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, Interest::READABLE).unwrap();
    peer.write_all(b"one").unwrap();
    expect_one_event(&mut poll, &mut events, STREAM);
    let loop_thread = thread::spawn(move || expect_one_event(&mut poll, &mut events, STREAM));
    settle();
    assert_eq!(stream.read(&mut [0; 3]).unwrap(), 3);
    assert_would_block(stream.read(&mut [0; 3]));
    peer.write_all(b"two").unwrap();
    assert!(loop_thread.join().unwrap().is_readable());
}

#[test]
fn a_dropped_stream_ends_its_peer_while_the_loop_sleeps() {
    let (mut stream, mut peer) = tcp_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    let waker = Waker::new(poll.registry(), WAKE).unwrap();
    poll.registry().register(&mut stream, STREAM, Interest::READABLE).unwrap();
    let loop_thread = thread::spawn(move || {
        poll_once(&mut poll, &mut events, PATIENCE);
        tokens(&events)
    });
    settle();
    let dropped_at = Instant::now();
    drop(stream);
    assert_eq!(peer.read(&mut [0; 8]).unwrap(), 0);
    let took = dropped_at.elapsed();
    waker.wake().unwrap();
    assert_eq!(loop_thread.join().unwrap(), [WAKE.0]);
    assert!(took < PATIENCE / 2, "the end took {took:?}");
}
