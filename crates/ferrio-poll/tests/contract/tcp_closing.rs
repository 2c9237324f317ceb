//! How a `TcpStream` ends, and what its events say of it.

use std::io::{self, IoSlice, Read, Write};
use std::net::Shutdown;

use mio::event::Event;
use mio::net::TcpStream;
use mio::{Interest, Token};

use crate::harness::facts::{hears_own_shutdown, is_write_after_shutdown, takes_empty_writes_after_shutdown};
use crate::harness::skips::is_skipped;
use crate::harness::{BOTH, expect_events, expect_no_events, expect_one_event, poll_with_events, retry};
use crate::net_harness::{
    drain, linger_zero, read_len, refusing_address, settle, tcp_listener, tcp_pair, tcp_with_std_peer,
};

const STREAM: Token = Token(1);
const PEER: Token = Token(2);

#[test]
fn the_peers_close_is_exactly_one_readable_and_read_closed_event() {
    let (mut stream, peer) = tcp_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, Interest::READABLE).unwrap();
    drop(peer);
    settle();
    let event = expect_one_event(&mut poll, &mut events, STREAM);
    assert!(event.is_readable() && event.is_read_closed());
    assert!(!event.is_write_closed());
    assert_eq!(stream.read(&mut [0; 8]).unwrap(), 0);
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_connect_and_its_end_are_one_event_each() {
    let (listener, address) = tcp_listener();
    let (mut poll, mut events) = poll_with_events();
    let mut stream = TcpStream::connect(address).unwrap();
    poll.registry().register(&mut stream, STREAM, BOTH).unwrap();
    let event = expect_one_event(&mut poll, &mut events, STREAM);
    assert!(event.is_writable() && !event.is_read_closed() && !event.is_write_closed());
    let (peer, _) = retry(|| listener.accept()).unwrap();
    expect_no_events(&mut poll, &mut events);

    peer.shutdown(Shutdown::Write).unwrap();
    settle();
    let event = expect_one_event(&mut poll, &mut events, STREAM);
    assert!(event.is_readable() && event.is_read_closed() && !event.is_write_closed());
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_peer_that_only_stops_writing_can_still_be_written_to() {
    let (mut stream, peer) = tcp_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, Interest::READABLE).unwrap();
    peer.shutdown(Shutdown::Write).unwrap();
    expect_events(&mut poll, &mut events, &[(STREAM, Event::is_read_closed)]);
    assert_eq!(stream.read(&mut [0; 8]).unwrap(), 0);
    stream.write_all(b"answer").unwrap();
    assert_eq!(read_len(peer, 6), b"answer");
}

#[test]
fn shutting_down_reads_reports_read_closed() {
    let (mut stream, _peer) = tcp_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, Interest::READABLE).unwrap();
    stream.shutdown(Shutdown::Read).unwrap();
    if hears_own_shutdown() {
        expect_events(&mut poll, &mut events, &[(STREAM, Event::is_read_closed)]);
    }
    assert_eq!(stream.read(&mut [0; 8]).unwrap(), 0);
    assert_eq!(stream.write(b"still").unwrap(), 5);
}

#[test]
fn shutting_down_writes_ends_the_peer_and_fails_further_writes() {
    let (mut stream, mut peer) = tcp_with_std_peer();
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(peer.read(&mut [0; 8]).unwrap(), 0);
    let error = stream.write(b"late").unwrap_err();
    assert!(is_write_after_shutdown(&error), "{error}");
    peer.write_all(b"answer").unwrap();
    let mut buf = [0; 8];
    assert_eq!(retry(|| stream.read(&mut buf)).unwrap(), 6);
}

#[test]
fn shutting_down_both_reports_both_closed() {
    let (mut stream, mut peer) = tcp_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, BOTH).unwrap();
    expect_events(&mut poll, &mut events, &[(STREAM, Event::is_writable)]);
    stream.shutdown(Shutdown::Both).unwrap();
    if hears_own_shutdown() {
        expect_events(
            &mut poll,
            &mut events,
            &[(STREAM, Event::is_read_closed), (STREAM, Event::is_write_closed)],
        );
    }
    assert_eq!(peer.read(&mut [0; 8]).unwrap(), 0);
    assert_eq!(stream.read(&mut [0; 8]).unwrap(), 0);
    let error = stream.write(b"late").unwrap_err();
    assert!(is_write_after_shutdown(&error), "{error}");
}

#[test]
fn the_end_of_both_sides_reports_write_closed() {
    let (mut stream, peer) = tcp_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, BOTH).unwrap();
    expect_events(&mut poll, &mut events, &[(STREAM, Event::is_writable)]);
    drop(peer);
    expect_events(&mut poll, &mut events, &[(STREAM, Event::is_read_closed)]);
    stream.shutdown(Shutdown::Write).unwrap();
    if hears_own_shutdown() {
        expect_events(&mut poll, &mut events, &[(STREAM, Event::is_write_closed)]);
    }
}

#[test]
fn a_reset_is_readable_and_closed_and_then_silent() {
    if is_skipped("tcp_closing::a_reset_is_readable_and_closed_and_then_silent") {
        return;
    }
    let (mut stream, peer) = tcp_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, Interest::READABLE).unwrap();
    linger_zero(&peer);
    drop(peer);
    settle();
    let event = expect_one_event(&mut poll, &mut events, STREAM);
    assert!(event.is_readable() && event.is_read_closed() && event.is_write_closed());
    let error = stream.read(&mut [0; 8]).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(stream.read(&mut [0; 8]).unwrap(), 0);
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_reset_from_before_the_registration_is_reported() {
    let (mut stream, peer) = tcp_with_std_peer();
    linger_zero(&peer);
    drop(peer);
    settle();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, Interest::READABLE).unwrap();
    let event = expect_one_event(&mut poll, &mut events, STREAM);
    assert!(event.is_readable() && event.is_read_closed());
}

#[test]
fn a_reset_is_told_to_a_writer_too() {
    let (mut stream, peer) = tcp_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, Interest::WRITABLE).unwrap();
    expect_events(&mut poll, &mut events, &[(STREAM, Event::is_writable)]);
    linger_zero(&peer);
    drop(peer);
    expect_events(&mut poll, &mut events, &[(STREAM, Event::is_write_closed)]);
    assert_eq!(stream.write(b"late").unwrap_err().kind(), io::ErrorKind::ConnectionReset);
}

#[test]
fn a_refused_connect_is_write_closed_and_leaves_its_error_once() {
    if is_skipped("tcp_closing::a_refused_connect_is_write_closed_and_leaves_its_error_once") {
        return;
    }
    let (_holder, address) = refusing_address();
    let (mut poll, mut events) = poll_with_events();
    let mut stream = match TcpStream::connect(address) {
        Ok(stream) => stream,
        // The refusal may come before `connect` returns.
        Err(error) => return assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused),
    };
    poll.registry().register(&mut stream, STREAM, BOTH).unwrap();
    let event = expect_one_event(&mut poll, &mut events, STREAM);
    assert!(event.is_writable() || event.is_error());
    assert!(event.is_write_closed());
    let error = stream.take_error().unwrap().expect("the reason");
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    assert!(stream.take_error().unwrap().is_none());
    assert_eq!(stream.peer_addr().unwrap_err().kind(), io::ErrorKind::NotConnected);
}

#[test]
fn writing_to_a_closed_peer_ends_in_an_error() {
    let (mut stream, peer) = tcp_with_std_peer();
    drop(peer);
    // The first write provokes the reset, a later one meets it.
    let error = (0..100)
        .find_map(|_| {
            settle();
            stream.write(b"into the void").err()
        })
        .expect("an error within 100 writes");
    let kind = error.kind();
    assert!(kind == io::ErrorKind::BrokenPipe || kind == io::ErrorKind::ConnectionReset, "{error}");
}

#[test]
fn a_stream_accepted_and_dropped_while_registered_ends_its_client() {
    let (listener, address) = tcp_listener();
    let (mut poll, mut events) = poll_with_events();
    let mut client = TcpStream::connect(address).unwrap();
    poll.registry().register(&mut client, STREAM, Interest::READABLE).unwrap();
    let (mut accepted, _) = retry(|| listener.accept()).unwrap();
    poll.registry().register(&mut accepted, PEER, BOTH).unwrap();
    drop(accepted);
    let event = expect_one_event(&mut poll, &mut events, STREAM);
    assert!(event.is_readable());
    assert_eq!(client.read(&mut [0; 8]).unwrap(), 0);
}

#[test]
fn bytes_written_before_a_drop_arrive_before_the_end() {
    let (stream, mut peer) = tcp_pair();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut peer, PEER, Interest::READABLE).unwrap();
    (&stream).write_all(b"last words").unwrap();
    drop(stream);
    settle();
    let event = expect_one_event(&mut poll, &mut events, PEER);
    assert!(event.is_readable());
    assert_eq!(drain(&peer), (b"last words".to_vec(), true));
}

#[test]
fn a_write_and_then_a_drop_are_one_event_each_with_the_right_token() {
    let (mut stream, mut peer) = tcp_pair();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, Interest::WRITABLE).unwrap();
    expect_one_event(&mut poll, &mut events, STREAM);
    poll.registry().register(&mut peer, PEER, Interest::READABLE).unwrap();
    expect_no_events(&mut poll, &mut events);

    stream.write_all(b"1234").unwrap();
    assert!(expect_one_event(&mut poll, &mut events, PEER).is_readable());
    assert_eq!(drain(&peer), (b"1234".to_vec(), false));

    drop(stream);
    settle();
    assert!(expect_one_event(&mut poll, &mut events, PEER).is_readable());
    assert_eq!(drain(&peer), (Vec::new(), true));
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_close_that_leaves_bytes_unread_resets_the_peer() {
    if is_skipped("tcp_closing::a_close_that_leaves_bytes_unread_resets_the_peer") {
        return;
    }
    let (stream, mut peer) = tcp_with_std_peer();
    (&stream).write_all(b"unread").unwrap();
    settle();
    peer.write_all(b"unread").unwrap();
    settle();
    drop(stream);
    let mut buf = [0; 8];
    let mut last = peer.read(&mut buf);
    if last.is_ok() {
        last = peer.read(&mut buf);
    }
    assert_eq!(last.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
}

#[test]
fn a_hung_up_stream_can_still_be_reregistered_and_deregistered() {
    let (mut stream, peer) = tcp_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, BOTH).unwrap();
    linger_zero(&peer);
    drop(peer);
    expect_events(&mut poll, &mut events, &[(STREAM, Event::is_write_closed)]);
    poll.registry().reregister(&mut stream, PEER, Interest::READABLE).unwrap();
    expect_events(&mut poll, &mut events, &[(PEER, Event::is_read_closed)]);
    poll.registry().deregister(&mut stream).unwrap();
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn an_empty_vectored_write_to_a_closed_side_is_nothing() {
    let (mut stream, _peer) = tcp_pair();
    stream.shutdown(Shutdown::Write).unwrap();
    if takes_empty_writes_after_shutdown() {
        assert_eq!(stream.write_vectored(&[]).unwrap(), 0);
        assert_eq!(stream.write_vectored(&[IoSlice::new(b"")]).unwrap(), 0);
    }
    let error = stream.write_vectored(&[IoSlice::new(b"late")]).unwrap_err();
    assert!(is_write_after_shutdown(&error), "{error}");
}
