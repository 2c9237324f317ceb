//! Sockets that a host hands over. On one that does not these tests are left out.
#![allow(unsafe_code, reason = "sockets come as numbers, and the host of these tests is a foreign module")]

use std::env;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::time::{Duration, Instant};
use std::{mem, net};

use ferrio_poll::net::{AcceptError, TcpListener, TcpStream, accept_error};
use ferrio_poll::{Events, Interest, Mode, Token};

use crate::harness::{SHORT, SOURCE, WAKE, expect_no_events, expect_one_event, poll_with_events};

const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);

/// A client, at the host.
struct Client(i32);

impl Client {
    fn connect() -> Client {
        // SAFETY: the host has the function.
        Client(unsafe { connect() })
    }

    fn send(&self, count: i32) {
        // SAFETY: the host has the function, which takes numbers.
        unsafe { send(self.0, count, 0) }
    }

    fn send_after(&self, count: i32, after: Duration) {
        // SAFETY: the host has the function, which takes numbers.
        unsafe { send(self.0, count, after.as_millis() as i32) }
    }

    fn receive(&self, count: usize) -> usize {
        // SAFETY: the host has the function, which takes numbers.
        unsafe { receive(self.0, count as i32) as usize }
    }

    fn close(self) {
        // SAFETY: the host has the function, which takes a number.
        unsafe { close(self.0) }
    }
}

#[link(wasm_import_module = "ferrio_test")]
unsafe extern "C" {
    fn connect() -> i32;
    fn send(client: i32, count: i32, after_ms: i32);
    fn receive(client: i32, count: i32) -> i32;
    fn close(client: i32);
}

/// The listener of the host, if it has one.
fn listener(test: &str) -> Option<TcpListener> {
    let Ok(fd) = env::var("FERRIO_WASI_LISTENER") else {
        println!("SKIPPED sockets::{test} this host opens no sockets");
        return None;
    };
    // SAFETY: the host opened it for this program, and keeps it open when it is dropped here.
    let listener = unsafe { net::TcpListener::from_raw_fd(fd.parse::<RawFd>().unwrap()) };
    Some(TcpListener::from_std(listener))
}

fn accepted(listener: &TcpListener) -> (TcpStream, Client) {
    let client = Client::connect();
    (listener.accept().unwrap().0, client)
}

fn read(stream: &mut TcpStream) -> usize {
    stream.read(&mut [0; 64]).unwrap()
}

#[track_caller]
fn assert_would_block<T>(result: io::Result<T>) {
    assert_eq!(result.err().map(|error| error.kind()), Some(ErrorKind::WouldBlock));
}

#[test]
fn each_client_is_an_event_of_the_listener() {
    let Some(mut listener) = listener("each_client_is_an_event_of_the_listener") else { return };
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut listener, SOURCE, Interest::READABLE).unwrap();
    for _ in 0..2 {
        expect_no_events(&mut poll, &mut events);
        let _client = Client::connect();
        assert!(expect_one_event(&mut poll, &mut events, SOURCE).is_readable());
        listener.accept().unwrap();
        let error = listener.accept().unwrap_err();
        assert_eq!(accept_error(&error), AcceptError::Blocked);
    }
}

#[test]
fn bytes_are_an_event_and_again_after_would_block() {
    let Some(listener) = listener("bytes_are_an_event_and_again_after_would_block") else { return };
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, client) = accepted(&listener);
    poll.registry().register(&mut stream, SOURCE, Interest::READABLE).unwrap();
    for _ in 0..3 {
        expect_no_events(&mut poll, &mut events);
        client.send(64);
        let event = expect_one_event(&mut poll, &mut events, SOURCE);
        assert!(event.is_readable() && !event.is_writable() && !event.is_read_closed());
        expect_no_events(&mut poll, &mut events);
        assert_eq!(read(&mut stream), 64);
        assert_would_block(stream.read(&mut [0; 1]));
    }
}

#[test]
fn a_short_read_arms_the_stream_again() {
    let Some(listener) = listener("a_short_read_arms_the_stream_again") else { return };
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, client) = accepted(&listener);
    poll.registry().register(&mut stream, SOURCE, Interest::READABLE).unwrap();
    for _ in 0..3 {
        client.send(5);
        expect_one_event(&mut poll, &mut events, SOURCE);
        assert_eq!(read(&mut stream), 5);
    }
}

#[test]
fn an_end_is_told_once_also_with_bytes_before_it() {
    let Some(listener) = listener("an_end_is_told_once_also_with_bytes_before_it") else { return };
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, client) = accepted(&listener);
    poll.registry().register(&mut stream, SOURCE, Interest::READABLE).unwrap();
    client.send(3);
    client.close();
    let event = expect_one_event(&mut poll, &mut events, SOURCE);
    assert!(event.is_readable() && event.is_read_closed());
    assert_eq!((read(&mut stream), read(&mut stream), read(&mut stream)), (3, 0, 0));
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_level_is_told_until_it_is_read() {
    let Some(listener) = listener("a_level_is_told_until_it_is_read") else { return };
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, client) = accepted(&listener);
    poll.registry().register_with(&mut stream, SOURCE, Interest::READABLE, Mode::Level).unwrap();
    client.send(2);
    for _ in 0..3 {
        expect_one_event(&mut poll, &mut events, SOURCE);
    }
    assert_eq!(read(&mut stream), 2);
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_oneshot_is_told_once_until_it_is_reregistered() {
    let Some(listener) = listener("a_oneshot_is_told_once_until_it_is_reregistered") else { return };
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, client) = accepted(&listener);
    poll.registry().register_with(&mut stream, SOURCE, BOTH, Mode::Oneshot).unwrap();
    client.send(2);
    expect_one_event(&mut poll, &mut events, SOURCE);
    assert_eq!(read(&mut stream), 2);
    client.send(2);
    expect_no_events(&mut poll, &mut events);
    poll.registry().reregister_with(&mut stream, WAKE, BOTH, Mode::Oneshot).unwrap();
    let event = expect_one_event(&mut poll, &mut events, WAKE);
    assert!(event.is_readable() && event.is_writable());
}

#[test]
fn both_directions_are_one_event() {
    let Some(listener) = listener("both_directions_are_one_event") else { return };
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, client) = accepted(&listener);
    client.send(1);
    poll.registry().register(&mut stream, SOURCE, BOTH).unwrap();
    let event = expect_one_event(&mut poll, &mut events, SOURCE);
    assert!(event.is_readable() && event.is_writable());
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn room_to_write_is_an_event_after_would_block() {
    let Some(listener) = listener("room_to_write_is_an_event_after_would_block") else { return };
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, client) = accepted(&listener);
    poll.registry().register(&mut stream, SOURCE, Interest::WRITABLE).unwrap();
    assert!(expect_one_event(&mut poll, &mut events, SOURCE).is_writable());
    let (mut written, chunk) = (0, [0; 65_536]);
    loop {
        match stream.write(&chunk) {
            Ok(count) => written += count,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                break;
            }
        }
    }
    expect_no_events(&mut poll, &mut events);
    assert_eq!(client.receive(written), written);
    assert!(expect_one_event(&mut poll, &mut events, SOURCE).is_writable());
}

#[test]
fn bytes_that_arrive_end_a_sleep() {
    let Some(listener) = listener("bytes_that_arrive_end_a_sleep") else { return };
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, client) = accepted(&listener);
    poll.registry().register(&mut stream, SOURCE, Interest::READABLE).unwrap();
    let begin = Instant::now();
    client.send_after(1, SHORT);
    poll.poll(&mut events, None).unwrap();
    assert_eq!(events.len(), 1);
    assert!(begin.elapsed() >= SHORT / 2);
}

#[test]
fn a_dropped_stream_is_silent_and_so_is_the_next_with_its_number() {
    let Some(listener) = listener("a_dropped_stream_is_silent_and_so_is_the_next_with_its_number") else {
        return;
    };
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, client) = accepted(&listener);
    let number = stream.as_raw_fd();
    poll.registry().register(&mut stream, SOURCE, Interest::READABLE).unwrap();
    client.send(1);
    drop(stream);
    let (next, other) = accepted(&listener);
    assert_eq!(next.as_raw_fd(), number);
    other.send(1);
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_stream_that_was_closed_elsewhere_is_forgotten() {
    let Some(listener) = listener("a_stream_that_was_closed_elsewhere_is_forgotten") else { return };
    let (mut poll, mut events) = poll_with_events();
    let (mut lost, _client) = accepted(&listener);
    poll.registry().register(&mut lost, SOURCE, Interest::READABLE).unwrap();
    // SAFETY: what it is of is never used again, as a mistake of a program would have it.
    drop(unsafe { OwnedFd::from_raw_fd(lost.as_raw_fd()) });
    expect_no_events(&mut poll, &mut events);
    // The next one has its number, and keeps its registration when the lost one goes.
    let (mut next, client) = accepted(&listener);
    assert_eq!(next.as_raw_fd(), lost.as_raw_fd());
    poll.registry().register(&mut next, WAKE, Interest::READABLE).unwrap();
    mem::forget(net::TcpStream::from(lost));
    client.send(1);
    expect_one_event(&mut poll, &mut events, WAKE);
}

#[test]
fn many_streams_are_each_heard_once() {
    let Some(listener) = listener("many_streams_are_each_heard_once") else { return };
    let (mut poll, _) = poll_with_events();
    let mut events = Events::with_capacity(7);
    let mut all: Vec<_> = (0..30).map(|_| accepted(&listener)).collect();
    for (at, (stream, client)) in all.iter_mut().enumerate() {
        poll.registry().register(stream, Token(at), Interest::READABLE).unwrap();
        client.send(1);
    }
    let mut tokens = Vec::new();
    while tokens.len() < all.len() {
        poll.poll(&mut events, Some(SHORT * 50)).unwrap();
        assert!(!events.is_empty(), "{tokens:?}");
        tokens.extend(events.iter().map(|event| event.token().0));
    }
    tokens.sort_unstable();
    assert_eq!(tokens, (0..30).collect::<Vec<_>>());
}
