//! Connecting to addresses that do not answer.

use std::io::ErrorKind;
use std::net::{self, SocketAddr};
use std::os::unix;
use std::time::{Duration, Instant};

use mio::net::{Connector, TcpListener, TcpStream, UnixConnector, UnixListener, UnixStream};
use mio::{Events, Interest, Poll, Token};

use crate::beyond::connector::{assert_connected, begin, outcome};
use crate::harness::system::SocketPath;
use crate::harness::{PATIENCE, any_local_v4, poll_once};
use crate::net_harness::{refusing_address, settle};

/// An address that does not answer while what is returned lives: its queue is full.
fn silent_address() -> (TcpListener, Vec<TcpStream>, SocketAddr) {
    let listener = TcpListener::bind_with_backlog(any_local_v4(), 0).unwrap();
    let address = listener.local_addr().unwrap();
    let mut clients = Vec::new();
    loop {
        let client = TcpStream::connect(address).unwrap();
        // On a busy machine an answer may take a while.
        let is_silent = (0..5).all(|_| {
            settle();
            !client.finish_connect().unwrap()
        });
        clients.push(client);
        if is_silent {
            return (listener, clients, address);
        }
        assert!(clients.len() < 64, "the queue has no end");
    }
}

#[test]
fn an_address_that_is_silent_is_overtaken_by_the_next() {
    let (_silent, _clients, silent) = silent_address();
    let listener = net::TcpListener::bind(any_local_v4()).unwrap();
    let connector = Connector::new([silent, listener.local_addr().unwrap()]);
    let start = Instant::now();
    let (mut poll, mut connector) = begin(connector.attempt_delay(Duration::from_millis(100)));
    let stream = outcome(&mut poll, &mut connector).unwrap();
    assert!(start.elapsed() >= Duration::from_millis(100), "the first had no time to answer");
    assert_connected(stream, &listener);
}

#[test]
fn the_time_is_over_although_addresses_are_silent() {
    let (_silent, _clients, silent) = silent_address();
    let (_held, refusing) = refusing_address();
    let connector = Connector::new([refusing, silent]).timeout(Duration::from_millis(150));
    let start = Instant::now();
    let (mut poll, mut connector) = begin(connector);
    let error = outcome(&mut poll, &mut connector).unwrap_err();
    assert!(start.elapsed() >= Duration::from_millis(150));
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    let text = error.to_string();
    assert!(text.contains("150ms") && text.contains(&format!("{silent}: no answer")), "{text}");
    assert!(text.contains(&refusing.to_string()), "{text}");
}

#[test]
fn an_address_that_answers_late_still_wins() {
    let (late, clients, address) = silent_address();
    let (_silent, _others, silent) = silent_address();
    let connector = Connector::new([address, silent]).attempt_delay(Duration::from_millis(10));
    let (mut poll, mut connector) = begin(connector.timeout(PATIENCE));
    // There is room in its queue again, and its system asks once more.
    drop(clients);
    while late.accept().is_ok() {}
    let stream = outcome(&mut poll, &mut connector).unwrap();
    assert_eq!(stream.peer_addr().unwrap(), address);
}

/// A Unix listener whose queue is full, with the clients in it.
fn full_unix_listener(path: &SocketPath) -> (UnixListener, Vec<UnixStream>) {
    let listener = UnixListener::bind_with_backlog(path, 1).unwrap();
    let mut clients = Vec::new();
    loop {
        match UnixStream::connect(path) {
            Ok(client) => clients.push(client),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return (listener, clients),
            Err(error) => panic!("{error}"),
        }
        assert!(clients.len() < 64, "the queue has no end");
    }
}

#[test]
fn a_full_unix_listener_is_tried_until_it_has_room() {
    let path = SocketPath::new();
    let (listener, _clients) = full_unix_listener(&path);
    let address = unix::net::SocketAddr::from_pathname(&path).unwrap();
    let (mut poll, mut events) = (Poll::new().unwrap(), Events::with_capacity(4));
    let mut connector = UnixConnector::new(address);
    poll.registry().register(&mut connector, Token(1), Interest::WRITABLE).unwrap();
    // It does not spin, and each event is an attempt.
    for _ in 0..4 {
        poll_once(&mut poll, &mut events, PATIENCE);
        assert_eq!(events.len(), 1);
        assert!(connector.advance().unwrap().is_none());
        assert!(connector.advance().unwrap().is_none(), "an attempt before its time");
        poll_once(&mut poll, &mut events, Duration::ZERO);
        assert!(events.is_empty(), "it spins");
    }
    listener.accept().unwrap();
    let stream = loop {
        poll_once(&mut poll, &mut events, PATIENCE);
        assert!(!events.is_empty(), "it has given up");
        if let Some(stream) = connector.advance().unwrap() {
            break stream;
        }
    };
    assert!(stream.peer_addr().unwrap().as_pathname().is_some());
    assert!(connector.advance().unwrap().is_none(), "a second outcome");
}

#[test]
fn a_unix_listener_that_stays_full_is_named_when_the_time_is_over() {
    let path = SocketPath::new();
    let (_listener, _clients) = full_unix_listener(&path);
    let address = unix::net::SocketAddr::from_pathname(&path).unwrap();
    let (mut poll, mut events) = (Poll::new().unwrap(), Events::with_capacity(4));
    let mut connector = UnixConnector::new(address).timeout(Duration::from_millis(30));
    poll.registry().register(&mut connector, Token(1), Interest::WRITABLE).unwrap();
    let error = loop {
        poll_once(&mut poll, &mut events, PATIENCE);
        assert!(!events.is_empty(), "the time is never over");
        if let Err(error) = connector.advance() {
            break error;
        }
    };
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert!(error.to_string().contains(path.as_ref().to_str().unwrap()), "{error}");
}

#[test]
fn a_unix_path_without_a_listener_is_an_error_at_once() {
    let path = SocketPath::new();
    let address = unix::net::SocketAddr::from_pathname(&path).unwrap();
    let (mut poll, mut events) = (Poll::new().unwrap(), Events::with_capacity(4));
    let mut connector = UnixConnector::new(address);
    poll.registry().register(&mut connector, Token(1), Interest::WRITABLE).unwrap();
    poll_once(&mut poll, &mut events, PATIENCE);
    assert_eq!(connector.advance().unwrap_err().kind(), ErrorKind::NotFound);
    assert!(connector.advance().unwrap().is_none());
}
