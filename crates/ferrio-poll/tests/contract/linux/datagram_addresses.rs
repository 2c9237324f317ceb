//! Unix datagrams to addresses that are no paths.

use std::io;
use std::os::unix::net::SocketAddr;
use std::process;

use mio::net::UnixDatagram;
use mio::{Interest, Token};

use crate::harness::unix::SocketPath;
use crate::harness::unix::kernel::SocketAddrExt;
use crate::harness::{assert_kind, assert_would_block, expect_no_events, expect_one_event, poll_with_events};

/// An abstract name that no other process has.
fn name(tail: &str) -> SocketAddr {
    SocketAddr::from_abstract_name(format!("ferrio-{}-{tail}", process::id())).unwrap()
}

#[test]
fn a_datagram_is_answered_at_the_address_it_came_from() {
    let path = SocketPath::new();
    let service = UnixDatagram::bind_addr(&name("service")).unwrap();
    let clients = [UnixDatagram::bind(&path).unwrap(), UnixDatagram::bind_addr(&name("client")).unwrap()];
    for client in clients {
        let mut buf = [0; 8];
        assert_eq!(client.send_to_addr(b"ping", &name("service")).unwrap(), 4);
        let (count, sender) = service.recv_from(&mut buf).unwrap();
        assert_eq!(service.send_to_addr(&buf[..count], &sender).unwrap(), 4);
        let (count, sender) = client.recv_from(&mut buf).unwrap();
        assert_eq!(&buf[..count], b"ping");
        assert_eq!(sender.as_abstract_name(), name("service").as_abstract_name());
    }
}

#[test]
fn a_socket_connects_to_an_address_and_its_datagrams_are_events() {
    let (mut poll, mut events) = poll_with_events();
    let mut service = UnixDatagram::bind_addr(&name("connected")).unwrap();
    poll.registry().register(&mut service, Token(1), Interest::READABLE).unwrap();
    let client = UnixDatagram::unbound().unwrap();
    client.connect_addr(&name("connected")).unwrap();
    assert_eq!(client.peer_addr().unwrap().as_abstract_name(), name("connected").as_abstract_name());
    for _ in 0..3 {
        expect_no_events(&mut poll, &mut events);
        client.send(b"hello").unwrap();
        expect_one_event(&mut poll, &mut events, Token(1));
        assert_eq!(service.recv(&mut [0; 8]).unwrap(), 5);
        assert_would_block(service.recv(&mut [0; 8]));
    }
}

#[test]
fn a_full_queue_would_block_a_sender_to_an_address_and_is_writable_again_if_connected() {
    let (mut poll, mut events) = poll_with_events();
    let service = UnixDatagram::bind_addr(&name("full")).unwrap();
    let mut client = UnixDatagram::unbound().unwrap();
    client.connect_addr(&name("full")).unwrap();
    poll.registry().register(&mut client, Token(1), Interest::WRITABLE).unwrap();
    expect_one_event(&mut poll, &mut events, Token(1));
    let error = loop {
        if let Err(error) = client.send_to_addr(b"x", &name("full")) {
            break error;
        }
    };
    assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    expect_no_events(&mut poll, &mut events);
    while service.recv(&mut [0; 8]).is_ok() {}
    expect_one_event(&mut poll, &mut events, Token(1));
    assert_eq!(client.send_to_addr(b"x", &name("full")).unwrap(), 1);
}

#[test]
fn an_address_that_nobody_has_is_an_error() {
    let socket = UnixDatagram::unbound().unwrap();
    assert_kind(socket.send_to_addr(b"x", &name("nobody")), io::ErrorKind::ConnectionRefused);
    assert_kind(socket.connect_addr(&name("nobody")), io::ErrorKind::ConnectionRefused);
    let path = SocketPath::new();
    let missing = SocketAddr::from_pathname(&path).unwrap();
    assert_kind(socket.send_to_addr(b"x", &missing), io::ErrorKind::NotFound);
    assert_kind(socket.connect_addr(&missing), io::ErrorKind::NotFound);
}

#[test]
fn a_sender_without_a_name_cannot_be_answered_and_ends_no_connection() {
    let service = UnixDatagram::bind_addr(&name("unnamed")).unwrap();
    let client = UnixDatagram::unbound().unwrap();
    client.send_to_addr(b"x", &name("unnamed")).unwrap();
    let (_, sender) = service.recv_from(&mut [0; 8]).unwrap();
    assert_kind(service.send_to_addr(b"y", &sender), io::ErrorKind::InvalidInput);
    service.connect_addr(&name("unnamed")).unwrap();
    assert_kind(service.connect_addr(&sender), io::ErrorKind::InvalidInput);
    assert_eq!(service.send(b"still connected").unwrap(), 15);
}
