//! How what the kernel says becomes the answers of an `Event`.

use std::io::Write;
use std::net::Shutdown;

use mio::event::Event;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token, Waker};

use crate::harness::facts::hears_own_shutdown;
use crate::harness::skips::is_skipped;
use crate::harness::system::stream_with_std_peer;
use crate::harness::{BOTH, PATIENCE, expect_events, expect_one_event, poll_with_events};
use crate::net_harness::{linger_zero, refusing_address, settle, tcp_with_std_peer, udp_socket};
use crate::subject::{self, Hint};

pub(crate) const SOURCE: Token = Token(1);

/// The answers of an event that are true.
fn answers(event: &Event) -> Vec<&'static str> {
    let all = [
        ("readable", event.is_readable()),
        ("writable", event.is_writable()),
        ("error", event.is_error()),
        ("read_closed", event.is_read_closed()),
        ("write_closed", event.is_write_closed()),
        ("priority", event.is_priority()),
        ("aio", event.is_aio()),
        ("lio", event.is_lio()),
    ];
    all.into_iter().filter_map(|(name, is)| is.then_some(name)).collect()
}

/// The answers of the one event for SOURCE that comes next.
pub(crate) fn next_answers(poll: &mut Poll, events: &mut Events) -> Vec<&'static str> {
    answers(&expect_one_event(poll, events, SOURCE))
}

#[test]
fn bytes_are_readable_and_nothing_else() {
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, mut peer) = stream_with_std_peer();
    poll.registry().register(&mut stream, SOURCE, Interest::READABLE).unwrap();
    peer.write_all(b"bytes").unwrap();
    assert_eq!(next_answers(&mut poll, &mut events), ["readable"]);
}

#[test]
fn room_is_writable_and_nothing_else() {
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, _peer) = tcp_with_std_peer();
    poll.registry().register(&mut stream, SOURCE, Interest::WRITABLE).unwrap();
    assert_eq!(next_answers(&mut poll, &mut events), ["writable"]);
}

#[test]
fn a_wake_is_readable_and_nothing_else() {
    let (mut poll, mut events) = poll_with_events();
    let waker = Waker::new(poll.registry(), SOURCE).unwrap();
    waker.wake().unwrap();
    assert_eq!(next_answers(&mut poll, &mut events), ["readable"]);
}

#[test]
fn the_end_of_the_peers_writing_is_readable_and_read_closed() {
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, peer) = tcp_with_std_peer();
    poll.registry().register(&mut stream, SOURCE, Interest::READABLE).unwrap();
    peer.shutdown(Shutdown::Write).unwrap();
    assert_eq!(next_answers(&mut poll, &mut events), ["readable", "read_closed"]);
}

#[test]
fn the_end_of_both_directions_is_closed_both_ways() {
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, peer) = tcp_with_std_peer();
    poll.registry().register(&mut stream, SOURCE, Interest::READABLE).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    drop(peer);
    expect_events(
        &mut poll,
        &mut events,
        &[(SOURCE, |event| {
            event.is_readable()
                && event.is_read_closed()
                && event.is_write_closed() == (hears_own_shutdown() && subject::gives(Hint::OtherEnd))
                && !event.is_error()
        })],
    );
}

#[test]
fn a_reset_is_an_error_and_closed_both_ways() {
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, peer) = tcp_with_std_peer();
    poll.registry().register(&mut stream, SOURCE, Interest::READABLE).unwrap();
    linger_zero(&peer);
    drop(peer);
    let expected = ["readable", "error", "read_closed", "write_closed"];
    assert_eq!(next_answers(&mut poll, &mut events), expected);
}

#[test]
fn a_refused_connect_is_an_error_and_closed_both_ways() {
    let (mut poll, mut events) = poll_with_events();
    let (_socket, address) = refusing_address();
    let mut stream = TcpStream::connect(address).unwrap();
    settle();
    poll.registry().register(&mut stream, SOURCE, BOTH).unwrap();
    let expected = ["readable", "writable", "error", "read_closed", "write_closed"];
    assert_eq!(next_answers(&mut poll, &mut events), expected);
}

#[test]
fn an_error_of_a_datagram_socket_is_not_a_close() {
    if is_skipped("flags::an_error_of_a_datagram_socket_is_not_a_close") {
        return;
    }
    let (mut poll, mut events) = poll_with_events();
    let (mut socket, _) = udp_socket();
    let (other, nowhere) = udp_socket();
    drop(other);
    socket.connect(nowhere).unwrap();
    poll.registry().register(&mut socket, SOURCE, Interest::READABLE).unwrap();
    socket.send(b"to nobody").unwrap();
    let event = expect_one_event(&mut poll, &mut events, SOURCE);
    assert_eq!(event.is_error(), subject::gives(Hint::DatagramError), "{event:?}");
    assert!(!event.is_read_closed(), "{event:?}");
}

#[test]
fn no_event_is_aio_or_lio() {
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, mut peer) = tcp_with_std_peer();
    peer.write_all(b"bytes").unwrap();
    drop(peer);
    poll.registry().register(&mut stream, SOURCE, BOTH).unwrap();
    poll.poll(&mut events, Some(PATIENCE)).unwrap();
    assert!(!events.is_empty());
    assert!(events.iter().all(|event| !event.is_aio() && !event.is_lio()));
}

#[test]
fn a_reset_is_reported_whatever_the_interest() {
    for interest in [Interest::READABLE, Interest::WRITABLE] {
        let (mut poll, mut events) = poll_with_events();
        let (mut stream, peer) = tcp_with_std_peer();
        linger_zero(&peer);
        drop(peer);
        settle();
        poll.registry().register(&mut stream, SOURCE, interest).unwrap();
        let event = expect_one_event(&mut poll, &mut events, SOURCE);
        assert!(event.is_read_closed() && event.is_write_closed(), "{interest:?}: {event:?}");
    }
}
