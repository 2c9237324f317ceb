//! `UnixListener`: binding, accepting, names of peers, readiness.

use std::io::{self, Read, Write};
use std::os::unix::net::{self, SocketAddr};

use mio::event::Event;
use mio::net::{UnixListener, UnixStream};
use mio::{Interest, Token};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketType};

use crate::harness::unix::SocketPath;
use crate::harness::{
    SILENCE, assert_would_block, expect_events, expect_no_events, expect_one_event, poll_once,
    poll_with_events,
};
use crate::net_harness::drain;

const LISTENER: Token = Token(1);
const OTHER: Token = Token(2);

#[test]
fn a_listener_accepts_and_its_stream_echoes() {
    let path = SocketPath::new();
    let listener = UnixListener::bind(&path).unwrap();
    let mut client = net::UnixStream::connect(&path).unwrap();
    let (mut stream, _) = listener.accept().unwrap();
    client.write_all(b"ping").unwrap();
    let mut buf = [0; 8];
    let n = stream.read(&mut buf).unwrap();
    stream.write_all(&buf[..n]).unwrap();
    assert_eq!(client.read(&mut buf).unwrap(), 4);
    assert_eq!(&buf[..4], b"ping");
}

#[test]
fn the_local_address_is_the_path() {
    let path = SocketPath::new();
    let listener = UnixListener::bind(&path).unwrap();
    assert_eq!(listener.local_addr().unwrap().as_pathname(), Some(path.as_ref()));
}

#[test]
fn bind_addr_binds_a_path() {
    let path = SocketPath::new();
    let address = SocketAddr::from_pathname(&path).unwrap();
    let listener = UnixListener::bind_addr(&address).unwrap();
    let _client = net::UnixStream::connect(&path).unwrap();
    let (stream, _) = listener.accept().unwrap();
    assert_eq!(stream.local_addr().unwrap().as_pathname(), Some(path.as_ref()));
}

#[test]
fn a_listener_made_from_std_reports_and_accepts() {
    let path = SocketPath::new();
    let listener = net::UnixListener::bind(&path).unwrap();
    listener.set_nonblocking(true).unwrap();
    let mut listener = UnixListener::from_std(listener);
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE).unwrap();
    let _client = net::UnixStream::connect(&path).unwrap();
    expect_events(&mut poll, &mut events, &[(LISTENER, Event::is_readable)]);
    listener.accept().unwrap();
    assert_would_block(listener.accept());
}

#[test]
fn accept_without_a_client_would_block() {
    let path = SocketPath::new();
    let listener = UnixListener::bind(&path).unwrap();
    assert_would_block(listener.accept());
}

#[test]
fn a_client_without_a_name_is_accepted_as_unnamed() {
    let path = SocketPath::new();
    let listener = UnixListener::bind(&path).unwrap();
    let _client = UnixStream::connect(&path).unwrap();
    let (stream, peer) = listener.accept().unwrap();
    assert!(peer.is_unnamed());
    assert!(stream.peer_addr().unwrap().is_unnamed());
}

#[test]
fn a_client_bound_to_a_path_is_accepted_by_that_path() {
    let (path, client_path) = (SocketPath::new(), SocketPath::new());
    let listener = UnixListener::bind(&path).unwrap();
    let client = rustix::net::socket(AddressFamily::UNIX, SocketType::STREAM, None).unwrap();
    rustix::net::bind(&client, &SocketAddrUnix::new(client_path.as_ref()).unwrap()).unwrap();
    rustix::net::connect(&client, &SocketAddrUnix::new(path.as_ref()).unwrap()).unwrap();
    let (_stream, peer) = listener.accept().unwrap();
    assert_eq!(peer.as_pathname(), Some(client_path.as_ref()));
}

#[test]
fn an_idle_listener_is_silent() {
    let path = SocketPath::new();
    let mut listener = UnixListener::bind(&path).unwrap();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE).unwrap();
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_client_is_exactly_one_readable_event() {
    let path = SocketPath::new();
    let mut listener = UnixListener::bind(&path).unwrap();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE).unwrap();
    for _ in 0..3 {
        let _client = net::UnixStream::connect(&path).unwrap();
        let event = expect_one_event(&mut poll, &mut events, LISTENER);
        assert!(event.is_readable() && !event.is_writable() && !event.is_read_closed());
        listener.accept().unwrap();
        assert_would_block(listener.accept());
    }
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn two_clients_before_the_poll_are_one_event_and_two_accepts() {
    let path = SocketPath::new();
    let mut listener = UnixListener::bind(&path).unwrap();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE).unwrap();
    let _first = net::UnixStream::connect(&path).unwrap();
    let _second = net::UnixStream::connect(&path).unwrap();
    expect_one_event(&mut poll, &mut events, LISTENER);
    listener.accept().unwrap();
    listener.accept().unwrap();
    assert_would_block(listener.accept());
}

#[test]
fn an_accept_loop_serves_each_of_fifty_clients_once() {
    let path = SocketPath::new();
    let mut listener = UnixListener::bind(&path).unwrap();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE).unwrap();
    let clients: Vec<_> = (0..50_u8)
        .map(|number| {
            let mut client = UnixStream::connect(&path).unwrap();
            client.write_all(&[number]).unwrap();
            client
        })
        .collect();
    let mut served = Vec::new();
    while served.len() < clients.len() {
        expect_one_event(&mut poll, &mut events, LISTENER);
        loop {
            match listener.accept() {
                Ok((stream, _)) => served.extend_from_slice(&drain(&stream).0),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => panic!("accept failed: {error}"),
            }
        }
    }
    served.sort_unstable();
    assert_eq!(served, (0..50).collect::<Vec<u8>>());
}

#[test]
fn reregistering_as_readable_shows_the_client_that_writable_hid() {
    let path = SocketPath::new();
    let mut listener = UnixListener::bind(&path).unwrap();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE).unwrap();
    poll.registry().reregister(&mut listener, LISTENER, Interest::WRITABLE).unwrap();
    let _client = net::UnixStream::connect(&path).unwrap();
    poll_once(&mut poll, &mut events, SILENCE);
    assert!(events.iter().all(|event| !event.is_readable()), "{events:?}");
    poll.registry().reregister(&mut listener, OTHER, Interest::READABLE).unwrap();
    assert!(expect_one_event(&mut poll, &mut events, OTHER).is_readable());
}

#[test]
fn a_deregistered_listener_is_silent_and_still_accepts() {
    let path = SocketPath::new();
    let mut listener = UnixListener::bind(&path).unwrap();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE).unwrap();
    let _client = net::UnixStream::connect(&path).unwrap();
    poll.registry().deregister(&mut listener).unwrap();
    expect_no_events(&mut poll, &mut events);
    listener.accept().unwrap();
}

#[test]
fn binding_a_path_in_use_is_an_error() {
    let path = SocketPath::new();
    let _listener = UnixListener::bind(&path).unwrap();
    let error = UnixListener::bind(&path).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
}

#[test]
fn a_path_outlives_its_listener_and_refuses() {
    let path = SocketPath::new();
    drop(UnixListener::bind(&path).unwrap());
    let error = UnixStream::connect(&path).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    let error = UnixListener::bind(&path).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
}

#[test]
fn a_full_backlog_would_block_the_client_and_accepting_makes_room() {
    let path = SocketPath::new();
    let listener = UnixListener::bind(&path).unwrap();
    // A second `listen` sets a backlog that few clients fill.
    rustix::net::listen(&listener, 1).unwrap();
    let mut clients = Vec::new();
    let error = loop {
        match UnixStream::connect(&path) {
            Ok(client) => clients.push(client),
            Err(error) => break error,
        }
        assert!(clients.len() < 20, "the backlog never fills");
    };
    assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    listener.accept().unwrap();
    UnixStream::connect(&path).unwrap();
}
