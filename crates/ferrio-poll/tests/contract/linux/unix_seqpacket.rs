//! Unix sockets that keep the boundaries of records: names, records, and their readiness.

use std::io;
use std::net::Shutdown;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::SocketAddr;

use mio::event::Event;
use mio::net::{UnixListener, UnixSeqpacket, UnixSeqpacketListener};
use mio::{Interest, Token};
use rustix::net::SendFlags;

use crate::harness::unix::kernel::SocketAddrExt;
use crate::harness::unix::{SocketPath, is_close_on_exec, is_non_blocking};
use crate::harness::{
    BOTH, Holds, assert_kind, assert_would_block, expect_events, expect_no_events, expect_one_event,
    poll_with_events, retry,
};

use crate::linux::abstract_names::new_name;

const SOCKET: Token = Token(1);
const LISTENER: Token = Token(2);

/// Fails unless the next record is `expected`, whole.
fn expect_record(socket: &UnixSeqpacket, expected: &[u8]) {
    let mut buf = [0; 64];
    let record = retry(|| socket.recv(&mut buf)).unwrap();
    assert_eq!(&buf[..record.len()], expected);
    assert!(record.is_end() && !record.is_truncated(), "{record:?}");
}

#[test]
fn records_arrive_in_order_and_one_by_one() {
    let (one, other) = UnixSeqpacket::pair().unwrap();
    assert_would_block(other.recv(&mut [0; 8]));
    for record in [&b"first"[..], b"x", b"the third"] {
        assert_eq!(one.send(record).unwrap(), record.len());
    }
    for record in [&b"first"[..], b"x", b"the third"] {
        expect_record(&other, record);
    }
    assert_would_block(other.recv(&mut [0; 8]));
}

#[test]
fn a_record_that_does_not_fit_says_so_and_the_next_one_is_whole() {
    let (one, other) = UnixSeqpacket::pair().unwrap();
    one.send(b"long record").unwrap();
    one.send(b"next").unwrap();
    let mut buf = [0; 4];
    let record = other.recv(&mut buf).unwrap();
    assert_eq!(&buf, b"long");
    assert!(record.len() == 4 && record.is_truncated() && record.is_end(), "{record:?}");
    expect_record(&other, b"next");
}

#[test]
fn an_empty_record_is_not_sent_and_one_that_comes_is_told_from_the_end_by_what_follows() {
    let (one, other) = UnixSeqpacket::pair().unwrap();
    assert_kind(one.send(b""), io::ErrorKind::InvalidInput);
    // A peer on another library may send one.
    rustix::net::send(&one, b"", SendFlags::empty()).unwrap();
    one.send(b"after it").unwrap();
    assert!(other.recv(&mut [0; 8]).unwrap().is_empty());
    expect_record(&other, b"after it");
    assert_would_block(other.recv(&mut [0; 8]));
    drop(one);
    for _ in 0..3 {
        assert!(other.recv(&mut [0; 8]).unwrap().is_empty());
    }
}

#[test]
fn a_listener_accepts_by_path_and_by_abstract_name() {
    let (path, mut events_seen) = (SocketPath::new(), 0);
    let abstract_name = SocketAddr::from_abstract_name(new_name()).unwrap();
    let by_path = SocketAddr::from_pathname(&path).unwrap();
    for address in [by_path, abstract_name] {
        let (mut poll, mut events) = poll_with_events();
        let mut listener = UnixSeqpacketListener::bind_addr(&address).unwrap();
        poll.registry().register(&mut listener, LISTENER, Interest::READABLE).unwrap();
        assert_would_block(listener.accept());
        let mut client = UnixSeqpacket::connect_addr(&address).unwrap();
        poll.registry().register(&mut client, SOCKET, Interest::WRITABLE).unwrap();
        let both: [(Token, Holds); 2] = [(LISTENER, Event::is_readable), (SOCKET, Event::is_writable)];
        expect_events(&mut poll, &mut events, &both);
        let (server, peer) = listener.accept().unwrap();
        assert!(peer.is_unnamed() && client.local_addr().unwrap().is_unnamed());
        assert!(is_non_blocking(&server) && is_close_on_exec(&server));
        let names =
            [client.peer_addr().unwrap(), server.local_addr().unwrap(), listener.local_addr().unwrap()];
        for name in names {
            assert_eq!(name.as_pathname(), address.as_pathname());
            assert_eq!(name.as_abstract_name(), address.as_abstract_name());
        }
        client.send(b"ping").unwrap();
        expect_record(&server, b"ping");
        server.send(b"pong").unwrap();
        expect_record(&client, b"pong");
        assert!(client.take_error().unwrap().is_none() && listener.take_error().unwrap().is_none());
        events_seen += 1;
    }
    assert_eq!(events_seen, 2);
}

#[test]
fn what_cannot_be_bound_or_reached_is_an_error() {
    let path = SocketPath::new();
    assert_kind(UnixSeqpacket::connect(&path), io::ErrorKind::NotFound);
    let listener = UnixSeqpacketListener::bind_with_backlog(&path, 1).unwrap();
    assert_kind(UnixSeqpacketListener::bind(&path), io::ErrorKind::AddrInUse);
    // One backlog, so that the second connection fills the queue.
    let clients: Vec<_> = (0..2).map(|_| UnixSeqpacket::connect(&path).unwrap()).collect();
    assert_would_block(UnixSeqpacket::connect(&path));
    drop((listener, clients));
    assert_kind(UnixSeqpacket::connect(&path), io::ErrorKind::ConnectionRefused);
    let other = SocketPath::new();
    let _stream = UnixListener::bind(&other).unwrap();
    let error = UnixSeqpacket::connect(&other).unwrap_err();
    assert_eq!(error.raw_os_error(), Some(libc::EPROTOTYPE));
}

#[test]
fn each_record_after_a_drained_recv_is_a_new_event() {
    let (one, mut other) = UnixSeqpacket::pair().unwrap();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut other, SOCKET, Interest::READABLE).unwrap();
    for _ in 0..20 {
        one.send(b"record").unwrap();
        expect_one_event(&mut poll, &mut events, SOCKET);
        expect_record(&other, b"record");
        assert_would_block(other.recv(&mut [0; 8]));
    }
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_full_socket_becomes_writable_when_the_peer_receives() {
    let (mut one, other) = UnixSeqpacket::pair().unwrap();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut one, SOCKET, Interest::WRITABLE).unwrap();
    expect_one_event(&mut poll, &mut events, SOCKET);
    let sent = (0..100_000).take_while(|_| one.send(&[7; 512]).is_ok()).count();
    assert!(sent > 0);
    assert_would_block(one.send(&[7; 512]));
    expect_no_events(&mut poll, &mut events);
    for _ in 0..sent {
        assert_eq!(other.recv(&mut [0; 1024]).unwrap().len(), 512);
    }
    expect_events(&mut poll, &mut events, &[(SOCKET, Event::is_writable)]);
    assert_eq!(one.send(b"more").unwrap(), 4);
}

#[test]
fn the_end_is_told_to_both_sides() {
    let (one, mut other) = UnixSeqpacket::pair().unwrap();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut other, SOCKET, BOTH).unwrap();
    one.send(b"last").unwrap();
    one.shutdown(Shutdown::Write).unwrap();
    expect_events(&mut poll, &mut events, &[(SOCKET, Event::is_read_closed)]);
    expect_record(&other, b"last");
    assert!(other.recv(&mut [0; 8]).unwrap().is_empty());
    assert_kind(one.send(b"late"), io::ErrorKind::BrokenPipe);
    drop(one);
    assert_kind(other.send(b"late"), io::ErrorKind::BrokenPipe);
    expect_events(&mut poll, &mut events, &[(SOCKET, Event::is_write_closed)]);
}

#[test]
fn sockets_of_records_are_non_blocking_and_keep_their_descriptor() {
    fn shared<T: Send + Sync>(_: &T) {}
    let path = SocketPath::new();
    let (one, _other) = UnixSeqpacket::pair().unwrap();
    let listener = UnixSeqpacketListener::bind(&path).unwrap();
    shared(&(&one, &listener));
    for socket in [is_non_blocking(&one), is_close_on_exec(&one), is_non_blocking(&listener)] {
        assert!(socket);
    }
    assert!(is_close_on_exec(&listener));
    let fds = (one.as_raw_fd(), listener.as_raw_fd());
    let one = UnixSeqpacket::from(OwnedFd::from(one));
    let listener = UnixSeqpacketListener::from(OwnedFd::from(listener));
    assert_eq!((one.as_raw_fd(), listener.as_raw_fd()), fds);
    let _client = UnixSeqpacket::connect(&path).unwrap();
    assert!(listener.accept().is_ok());
    #[cfg(not(debug_assertions))]
    assert_eq!([size_of::<UnixSeqpacket>(), size_of::<UnixSeqpacketListener>()], [size_of::<OwnedFd>(); 2]);
}

#[test]
fn try_io_on_a_socket_of_records_arms_the_next_event() {
    let (one, mut other) = UnixSeqpacket::pair().unwrap();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut other, SOCKET, Interest::READABLE).unwrap();
    let recv = |socket: &UnixSeqpacket| {
        let mut buf = [0; 8];
        socket.try_io(|| Ok(rustix::net::recv(socket, &mut buf, rustix::net::RecvFlags::empty())?.0))
    };
    for _ in 0..3 {
        one.send(b"record").unwrap();
        expect_one_event(&mut poll, &mut events, SOCKET);
        assert_eq!(recv(&other).unwrap(), 6);
        assert_would_block(recv(&other));
    }
}
