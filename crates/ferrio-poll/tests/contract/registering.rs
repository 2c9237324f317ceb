//! `register`, `reregister`, `deregister`: what each replaces and what it leaves.

use std::io::Write;

use mio::event::Event;
use mio::net::UdpSocket;
use mio::{Interest, Token};

use crate::harness::system::stream_with_std_peer;
use crate::harness::{
    BOTH, expect_events, expect_no_events, expect_one_event, expect_tokens, poll_once, poll_with_events,
    tokens,
};
use crate::net_harness::{drain, udp_socket};

const SOURCE: Token = Token(1);
const RENAMED: Token = Token(2);

#[test]
fn a_source_reads_then_writes_then_is_deregistered() {
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, mut peer) = stream_with_std_peer();
    poll.registry().register(&mut stream, SOURCE, Interest::READABLE).unwrap();
    peer.write_all(b"first").unwrap();
    assert!(expect_one_event(&mut poll, &mut events, SOURCE).is_readable());
    assert_eq!(drain(&stream).0, b"first");
    poll.registry().reregister(&mut stream, RENAMED, Interest::WRITABLE).unwrap();
    assert!(expect_one_event(&mut poll, &mut events, RENAMED).is_writable());
    poll.registry().deregister(&mut stream).unwrap();
    peer.write_all(b"second").unwrap();
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn nothing_is_reported_before_the_registration() {
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, mut peer) = stream_with_std_peer();
    peer.write_all(b"bytes").unwrap();
    expect_no_events(&mut poll, &mut events);
    poll.registry().register(&mut stream, SOURCE, Interest::READABLE).unwrap();
    assert!(expect_one_event(&mut poll, &mut events, SOURCE).is_readable());
}

#[test]
fn only_the_interest_asked_for_is_reported() {
    let (mut poll, mut events) = poll_with_events();
    let (mut reader, mut reader_peer) = stream_with_std_peer();
    let (mut writer, mut writer_peer) = stream_with_std_peer();
    poll.registry().register(&mut reader, SOURCE, Interest::READABLE).unwrap();
    poll.registry().register(&mut writer, RENAMED, Interest::WRITABLE).unwrap();
    reader_peer.write_all(b"bytes").unwrap();
    writer_peer.write_all(b"bytes").unwrap();
    poll_once(&mut poll, &mut events, crate::harness::PATIENCE);
    for event in events.iter() {
        assert_eq!(event.is_readable(), event.token() == SOURCE, "{event:?}");
        assert_eq!(event.is_writable(), event.token() == RENAMED, "{event:?}");
    }
    assert_eq!(tokens(&events), [1, 2]);
}

#[test]
fn reregister_before_the_poll_hides_what_the_old_interest_waited_for() {
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, mut peer) = stream_with_std_peer();
    poll.registry().register(&mut stream, SOURCE, Interest::READABLE).unwrap();
    peer.write_all(b"bytes").unwrap();
    poll.registry().reregister(&mut stream, SOURCE, Interest::WRITABLE).unwrap();
    let event = expect_one_event(&mut poll, &mut events, SOURCE);
    assert!(event.is_writable() && !event.is_readable(), "{event:?}");
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn reregister_with_the_same_arguments_reports_what_is_still_there() {
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, mut peer) = stream_with_std_peer();
    poll.registry().register(&mut stream, SOURCE, Interest::READABLE).unwrap();
    peer.write_all(b"bytes").unwrap();
    for _ in 0..3 {
        expect_one_event(&mut poll, &mut events, SOURCE);
        expect_no_events(&mut poll, &mut events);
        poll.registry().reregister(&mut stream, SOURCE, Interest::READABLE).unwrap();
    }
    expect_one_event(&mut poll, &mut events, SOURCE);
}

#[test]
fn reregister_with_nothing_there_is_silent() {
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, _peer) = stream_with_std_peer();
    poll.registry().register(&mut stream, SOURCE, Interest::READABLE).unwrap();
    poll.registry().reregister(&mut stream, RENAMED, Interest::READABLE).unwrap();
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn the_last_of_many_reregistrations_counts() {
    let (mut poll, mut events) = poll_with_events();
    let (mut socket, _) = udp_socket();
    poll.registry().register(&mut socket, Token(0), Interest::READABLE).unwrap();
    for number in 1..=100 {
        let interest = if number % 2 == 0 { Interest::WRITABLE } else { Interest::READABLE };
        poll.registry().reregister(&mut socket, Token(number), interest).unwrap();
    }
    assert!(expect_one_event(&mut poll, &mut events, Token(100)).is_writable());
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_token_given_after_a_poll_is_in_the_next_event() {
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, mut peer) = stream_with_std_peer();
    poll.registry().register(&mut stream, SOURCE, Interest::READABLE).unwrap();
    expect_no_events(&mut poll, &mut events);
    poll.registry().reregister(&mut stream, RENAMED, Interest::READABLE).unwrap();
    peer.write_all(b"bytes").unwrap();
    expect_one_event(&mut poll, &mut events, RENAMED);
}

#[test]
fn an_interest_that_grows_keeps_the_old_one() {
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, mut peer) = stream_with_std_peer();
    poll.registry().register(&mut stream, SOURCE, Interest::READABLE).unwrap();
    poll.registry().reregister(&mut stream, SOURCE, BOTH).unwrap();
    expect_events(&mut poll, &mut events, &[(SOURCE, Event::is_writable)]);
    peer.write_all(b"bytes").unwrap();
    expect_events(&mut poll, &mut events, &[(SOURCE, Event::is_readable)]);
}

#[test]
fn a_deregistered_source_may_register_again_with_the_same_poll() {
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, mut peer) = stream_with_std_peer();
    for round in 0..5 {
        poll.registry().register(&mut stream, Token(round), Interest::READABLE).unwrap();
        expect_no_events(&mut poll, &mut events);
        peer.write_all(b"bytes").unwrap();
        expect_one_event(&mut poll, &mut events, Token(round));
        assert_eq!(drain(&stream).0, b"bytes");
        poll.registry().deregister(&mut stream).unwrap();
        expect_no_events(&mut poll, &mut events);
    }
}

#[test]
fn a_source_that_went_through_deregister_reports_what_came_between() {
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, mut peer) = stream_with_std_peer();
    poll.registry().register(&mut stream, SOURCE, Interest::READABLE).unwrap();
    poll.registry().deregister(&mut stream).unwrap();
    peer.write_all(b"between").unwrap();
    poll.registry().register(&mut stream, RENAMED, Interest::READABLE).unwrap();
    expect_one_event(&mut poll, &mut events, RENAMED);
}

#[test]
fn deregistering_one_source_leaves_the_others() {
    let (mut poll, mut events) = poll_with_events();
    let mut sockets: Vec<UdpSocket> = (0..9).map(|_| udp_socket().0).collect();
    for (number, socket) in sockets.iter_mut().enumerate() {
        poll.registry().register(socket, Token(number), Interest::WRITABLE).unwrap();
    }
    for number in [0, 4, 8] {
        poll.registry().deregister(&mut sockets[number]).unwrap();
    }
    expect_tokens(&mut poll, &mut events, &[1, 2, 3, 5, 6, 7]);
}

#[test]
fn a_registration_outlives_many_polls() {
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, mut peer) = stream_with_std_peer();
    poll.registry().register(&mut stream, SOURCE, Interest::READABLE).unwrap();
    for _ in 0..200 {
        poll_once(&mut poll, &mut events, std::time::Duration::ZERO);
        assert!(events.is_empty());
    }
    peer.write_all(b"bytes").unwrap();
    expect_one_event(&mut poll, &mut events, SOURCE);
}
