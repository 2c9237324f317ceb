//! Connecting, and to the first of several addresses that answers.

use std::io::{ErrorKind, Read, Write};
use std::net::{self, SocketAddr};
use std::time::Duration;

use mio::net::{Connector, SocketBuilder, TcpStream};
use mio::{Events, Interest, Mode, Poll, Token};
use socket2::SockRef;

use crate::harness::{PATIENCE, any_local_v4, poll_once};
use crate::net_harness::{refusing_address, tcp_listener};

const CONNECTOR: Token = Token(11);

/// Waits for the outcome of `connector`.
pub(crate) fn outcome(poll: &mut Poll, connector: &mut Connector) -> std::io::Result<TcpStream> {
    let mut events = Events::with_capacity(8);
    loop {
        poll_once(poll, &mut events, PATIENCE);
        assert!(!events.is_empty(), "neither an event nor an outcome");
        assert!(events.iter().all(|event| event.token() == CONNECTOR));
        if let Some(stream) = connector.advance()? {
            return Ok(stream);
        }
    }
}

/// A Poll, and a connector to `addresses` that has begun.
pub(crate) fn begin(connector: Connector) -> (Poll, Connector) {
    let (poll, mut connector) = (Poll::new().unwrap(), connector);
    poll.registry().register(&mut connector, CONNECTOR, Interest::WRITABLE).unwrap();
    (poll, connector)
}

/// Fails unless bytes of `stream` arrive at a client of `listener`.
pub(crate) fn assert_connected(mut stream: TcpStream, listener: &net::TcpListener) {
    let (mut peer, address) = listener.accept().unwrap();
    assert_eq!(address, stream.local_addr().unwrap());
    peer.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(b"here").unwrap();
    let mut buf = [0; 4];
    peer.read_exact(&mut buf).unwrap();
    assert_eq!(&buf, b"here");
}

#[test]
fn finish_connect_tells_a_connection_and_a_refusal() {
    let (mut poll, mut events) = (Poll::new().unwrap(), Events::with_capacity(4));
    let (_listener, address) = tcp_listener();
    let (_held, refusing) = refusing_address();
    let outcome = |address: SocketAddr, poll: &mut Poll, events: &mut Events| {
        // Some systems refuse at once.
        let mut stream = TcpStream::connect(address)?;
        poll.registry().register(&mut stream, CONNECTOR, Interest::WRITABLE)?;
        while !stream.finish_connect()? {
            poll_once(poll, events, PATIENCE);
            assert!(!events.is_empty(), "no event for the outcome");
        }
        Ok::<_, std::io::Error>(stream)
    };
    let stream = outcome(address, &mut poll, &mut events).unwrap();
    assert!(stream.finish_connect().unwrap(), "it stays so");
    let error = outcome(refusing, &mut poll, &mut events).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
}

#[test]
fn a_connector_gives_a_stream_that_is_connected_and_not_registered() {
    let listener = net::TcpListener::bind(any_local_v4()).unwrap();
    let (mut poll, mut connector) = begin(Connector::new([listener.local_addr().unwrap()]));
    let mut stream = outcome(&mut poll, &mut connector).unwrap();
    poll.registry().register(&mut stream, Token(1), Interest::READABLE | Interest::WRITABLE).unwrap();
    assert_connected(stream, &listener);
    assert!(connector.advance().unwrap().is_none(), "a second outcome");
}

#[test]
fn an_address_that_refuses_is_followed_by_the_next_at_once() {
    let listener = net::TcpListener::bind(any_local_v4()).unwrap();
    let (_held, refusing) = refusing_address();
    let connector = Connector::new([refusing, listener.local_addr().unwrap()]);
    // The delay would outlast the test.
    let (mut poll, mut connector) = begin(connector.attempt_delay(4 * PATIENCE));
    let stream = outcome(&mut poll, &mut connector).unwrap();
    assert_connected(stream, &listener);
}

#[test]
fn an_address_that_cannot_be_begun_with_is_followed_by_the_next() {
    let listener = net::TcpListener::bind(any_local_v4()).unwrap();
    let address = listener.local_addr().unwrap();
    // Nobody has port 0.
    let impossible = "0.0.0.0:0".parse().unwrap();
    let connector = Connector::new([impossible, address]).attempt_delay(4 * PATIENCE);
    let (mut poll, mut connector) = begin(connector);
    let stream = outcome(&mut poll, &mut connector).unwrap();
    assert_connected(stream, &listener);
}

#[test]
fn when_all_have_failed_each_is_named() {
    let ((_one, first), (_other, second)) = (refusing_address(), refusing_address());
    let (mut poll, mut connector) = begin(Connector::new([first, second]));
    let error = outcome(&mut poll, &mut connector).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    let text = error.to_string();
    assert!(text.contains(&first.to_string()) && text.contains(&second.to_string()), "{text}");
    assert!(connector.advance().unwrap().is_none());
}

#[test]
fn a_connector_without_addresses_says_so() {
    let (mut poll, mut connector) = begin(Connector::new([]));
    let error = outcome(&mut poll, &mut connector).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("no addresses"), "{error}");
}

#[test]
fn the_sockets_have_the_options_of_the_builder() {
    let listener = net::TcpListener::bind(any_local_v4()).unwrap();
    let builder = SocketBuilder::new().no_delay(true).receive_buffer(70_000);
    let connector = Connector::new([listener.local_addr().unwrap()]).builder(builder);
    let (mut poll, mut connector) = begin(connector);
    let stream = outcome(&mut poll, &mut connector).unwrap();
    assert!(SockRef::from(&stream).tcp_nodelay().unwrap());
    assert!(SockRef::from(&stream).recv_buffer_size().unwrap() >= 70_000);
}

#[test]
fn a_connector_is_registered_as_edge_and_writable_alone() {
    let listener = net::TcpListener::bind(any_local_v4()).unwrap();
    let mut poll = Poll::new().unwrap();
    let mut connector = Connector::new([listener.local_addr().unwrap()]);
    let registry = poll.registry();
    let error = registry.register_with(&mut connector, CONNECTOR, Interest::WRITABLE, Mode::Level);
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Unsupported);
    let error = registry.register(&mut connector, CONNECTOR, Interest::READABLE).unwrap_err();
    assert!(error.to_string().contains("a connector"), "{error}");
    // Nothing has begun, and it can be registered, under another token and elsewhere, until the end.
    registry.register(&mut connector, Token(1), Interest::WRITABLE).unwrap();
    registry.reregister(&mut connector, Token(2), Interest::WRITABLE).unwrap();
    registry.deregister(&mut connector).unwrap();
    registry.register(&mut connector, CONNECTOR, Interest::WRITABLE).unwrap();
    let stream = outcome(&mut poll, &mut connector).unwrap();
    assert_connected(stream, &listener);
}

#[test]
fn a_connector_of_one_poll_is_refused_by_another_and_goes_on() {
    let listener = net::TcpListener::bind(any_local_v4()).unwrap();
    let (mut poll, mut connector) = begin(Connector::new([listener.local_addr().unwrap()]));
    let other = Poll::new().unwrap();
    other.registry().register(&mut connector, Token(9), Interest::WRITABLE).unwrap_err();
    other.registry().reregister(&mut connector, Token(9), Interest::WRITABLE).unwrap_err();
    other.registry().deregister(&mut connector).unwrap_err();
    // Its own Poll refuses what is not so, and nothing has changed by that either.
    poll.registry().register(&mut connector, Token(9), Interest::WRITABLE).unwrap_err();
    let stream = outcome(&mut poll, &mut connector).unwrap();
    assert_connected(stream, &listener);
    poll.registry().deregister(&mut connector).unwrap();
    poll.registry().deregister(&mut connector).unwrap_err();
}

#[test]
fn a_connector_that_is_dropped_reports_nothing() {
    let listener = net::TcpListener::bind(any_local_v4()).unwrap();
    let (mut poll, connector) = begin(Connector::new([listener.local_addr().unwrap()]));
    drop(connector);
    let mut events = Events::with_capacity(8);
    poll_once(&mut poll, &mut events, Duration::from_millis(50));
    assert!(events.is_empty(), "{events:?}");
}
