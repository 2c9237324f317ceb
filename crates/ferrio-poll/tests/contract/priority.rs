//! The interest in urgent data.

use std::io::Write;

use mio::{Interest, Token};

use crate::flags::next_answers;
use crate::harness::system::Counter;
use crate::harness::{BOTH, expect_no_events, expect_one_event, poll_with_events};
use crate::net_harness::{drain, linger_zero, send_urgent, settle, tcp_with_std_peer};

const SOURCE: Token = Token(1);

#[test]
fn a_counter_that_is_not_zero_is_readable_and_nothing_else() {
    let (mut poll, mut events) = poll_with_events();
    let mut counter = Counter::new();
    poll.registry().register(&mut counter, SOURCE, Interest::READABLE | Interest::PRIORITY).unwrap();
    counter.add();
    assert_eq!(next_answers(&mut poll, &mut events), ["readable"]);
}

#[test]
fn urgent_data_is_readable_and_priority() {
    for interest in [Interest::PRIORITY, Interest::PRIORITY | Interest::READABLE] {
        let (mut poll, mut events) = poll_with_events();
        let (mut stream, peer) = tcp_with_std_peer();
        poll.registry().register(&mut stream, SOURCE, interest).unwrap();
        send_urgent(&peer);
        settle();
        assert_eq!(next_answers(&mut poll, &mut events), ["readable", "priority"], "{interest:?}");
    }
}

#[test]
fn plain_bytes_are_nothing_to_an_interest_in_urgent_data() {
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, mut peer) = tcp_with_std_peer();
    poll.registry().register(&mut stream, SOURCE, Interest::PRIORITY).unwrap();
    peer.write_all(b"plain").unwrap();
    expect_no_events(&mut poll, &mut events);
    assert_eq!(drain(&stream).0, b"plain");
}

#[test]
fn out_of_band_data_is_a_readable_priority_event() {
    let (mut stream, peer) = tcp_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    let interest = Interest::READABLE | Interest::PRIORITY;
    poll.registry().register(&mut stream, SOURCE, interest).unwrap();
    send_urgent(&peer);
    settle();
    let event = expect_one_event(&mut poll, &mut events, SOURCE);
    assert!(event.is_priority() && event.is_readable());
}

#[test]
fn out_of_band_data_is_no_priority_event_without_that_interest() {
    let (mut stream, mut peer) = tcp_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, SOURCE, Interest::READABLE).unwrap();
    send_urgent(&peer);
    peer.write_all(b"in band").unwrap();
    settle();
    let event = expect_one_event(&mut poll, &mut events, SOURCE);
    assert!(event.is_readable() && !event.is_priority());
}

#[test]
fn a_reset_is_reported_to_an_interest_in_urgent_data() {
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, peer) = tcp_with_std_peer();
    linger_zero(&peer);
    drop(peer);
    settle();
    poll.registry().register(&mut stream, SOURCE, Interest::PRIORITY).unwrap();
    let event = expect_one_event(&mut poll, &mut events, SOURCE);
    assert!(event.is_read_closed() && event.is_write_closed(), "{event:?}");
}

#[test]
fn no_event_is_priority_without_urgent_data() {
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, mut peer) = tcp_with_std_peer();
    peer.write_all(b"bytes").unwrap();
    drop(peer);
    poll.registry().register(&mut stream, SOURCE, BOTH | Interest::PRIORITY).unwrap();
    let event = expect_one_event(&mut poll, &mut events, SOURCE);
    assert!(!event.is_priority() && !event.is_aio() && !event.is_lio(), "{event:?}");
}
