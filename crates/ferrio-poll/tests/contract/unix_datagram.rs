//! `UnixDatagram`: names, datagrams, and their readiness.

use std::io;
use std::net::Shutdown;
use std::os::unix::net::{self, SocketAddr};

use mio::event::Event;
use mio::net::{UnixDatagram, UnixListener};
use mio::{Interest, Token};
use rustix::net::RecvFlags;

use crate::harness::unix::SocketPath;
use crate::harness::{
    BOTH, assert_would_block, expect_events, expect_no_events, expect_one_event, poll_with_events,
};

const SOCKET: Token = Token(1);
const OTHER: Token = Token(2);

#[test]
fn unconnected_sockets_echo_by_their_paths() {
    let (left_path, right_path) = (SocketPath::new(), SocketPath::new());
    let left = UnixDatagram::bind(&left_path).unwrap();
    let right = UnixDatagram::bind(&right_path).unwrap();
    let mut buf = [0; 8];
    assert_eq!(left.send_to(b"ping", &right_path).unwrap(), 4);
    let (n, sender) = right.recv_from(&mut buf).unwrap();
    assert_eq!((n, sender.as_pathname()), (4, Some(left_path.as_ref())));
    assert_eq!(right.send_to(&buf[..n], sender.as_pathname().unwrap()).unwrap(), 4);
    assert_eq!(left.recv(&mut buf).unwrap(), 4);
    assert_eq!(&buf[..4], b"ping");
}

#[test]
fn connected_sockets_echo() {
    let (left_path, right_path) = (SocketPath::new(), SocketPath::new());
    let left = UnixDatagram::bind(&left_path).unwrap();
    let right = UnixDatagram::bind(&right_path).unwrap();
    left.connect(&right_path).unwrap();
    right.connect(&left_path).unwrap();
    assert_eq!(left.peer_addr().unwrap().as_pathname(), Some(right_path.as_ref()));
    let mut buf = [0; 8];
    assert_eq!(left.send(b"ping").unwrap(), 4);
    assert_eq!(right.recv(&mut buf).unwrap(), 4);
    assert_eq!(right.send(&buf[..4]).unwrap(), 4);
    assert_eq!(left.recv(&mut buf).unwrap(), 4);
}

#[test]
fn a_socket_made_from_std_reports_and_receives() {
    let (socket, peer) = net::UnixDatagram::pair().unwrap();
    socket.set_nonblocking(true).unwrap();
    let mut socket = UnixDatagram::from_std(socket);
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut socket, SOCKET, Interest::READABLE).unwrap();
    peer.send(b"std").unwrap();
    expect_one_event(&mut poll, &mut events, SOCKET);
    assert_eq!(socket.recv(&mut [0; 8]).unwrap(), 3);
}

#[test]
fn the_two_of_a_pair_are_connected_and_unnamed() {
    let (left, right) = UnixDatagram::pair().unwrap();
    assert!(left.local_addr().unwrap().is_unnamed());
    assert!(left.peer_addr().unwrap().is_unnamed());
    left.send(b"ping").unwrap();
    let mut buf = [0; 8];
    let (n, sender) = right.recv_from(&mut buf).unwrap();
    assert_eq!(&buf[..n], b"ping");
    assert!(sender.is_unnamed());
}

#[test]
fn an_unbound_sender_is_received_from_as_unnamed() {
    let path = SocketPath::new();
    let receiver = UnixDatagram::bind(&path).unwrap();
    let sender = UnixDatagram::unbound().unwrap();
    assert!(sender.local_addr().unwrap().is_unnamed());
    sender.send_to(b"anonymous", &path).unwrap();
    let (n, address) = receiver.recv_from(&mut [0; 16]).unwrap();
    assert_eq!(n, 9);
    assert!(address.is_unnamed());
}

#[test]
fn bind_addr_binds_a_path() {
    let path = SocketPath::new();
    let socket = UnixDatagram::bind_addr(&SocketAddr::from_pathname(&path).unwrap()).unwrap();
    assert_eq!(socket.local_addr().unwrap().as_pathname(), Some(path.as_ref()));
    let error = UnixDatagram::bind(&path).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
}

#[test]
fn an_unconnected_socket_has_no_peer_and_cannot_send() {
    let socket = UnixDatagram::unbound().unwrap();
    assert_eq!(socket.peer_addr().unwrap_err().kind(), io::ErrorKind::NotConnected);
    assert_eq!(socket.send(b"where to?").unwrap_err().kind(), io::ErrorKind::NotConnected);
}

#[test]
fn a_missing_path_is_not_found() {
    let path = SocketPath::new();
    let socket = UnixDatagram::unbound().unwrap();
    assert_eq!(socket.connect(&path).unwrap_err().kind(), io::ErrorKind::NotFound);
    assert_eq!(socket.send_to(b"?", &path).unwrap_err().kind(), io::ErrorKind::NotFound);
}

#[test]
fn connecting_to_a_stream_listener_is_an_error() {
    let path = SocketPath::new();
    let _listener = UnixListener::bind(&path).unwrap();
    let error = UnixDatagram::unbound().unwrap().connect(&path).unwrap_err();
    assert_eq!(error.raw_os_error(), Some(libc::EPROTOTYPE));
}

#[test]
fn receiving_when_nothing_came_would_block() {
    let (socket, _peer) = UnixDatagram::pair().unwrap();
    assert_would_block(socket.recv(&mut [0; 8]));
    assert_would_block(socket.recv_from(&mut [0; 8]));
}

#[test]
fn an_empty_datagram_is_delivered_and_reported() {
    let (left, mut right) = UnixDatagram::pair().unwrap();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut right, SOCKET, Interest::READABLE).unwrap();
    assert_eq!(left.send(b"").unwrap(), 0);
    expect_one_event(&mut poll, &mut events, SOCKET);
    assert_eq!(right.recv(&mut [0; 8]).unwrap(), 0);
    assert_would_block(right.recv(&mut [0; 8]));
}

#[test]
fn what_does_not_fit_the_buffer_is_lost() {
    let (left, right) = UnixDatagram::pair().unwrap();
    left.send(b"long datagram").unwrap();
    left.send(b"next").unwrap();
    let mut buf = [0; 4];
    assert_eq!(right.recv(&mut buf).unwrap(), 4);
    assert_eq!(&buf, b"long");
    assert_eq!(right.recv(&mut buf).unwrap(), 4);
    assert_eq!(&buf, b"next");
}

#[test]
fn each_datagram_after_a_drained_recv_is_a_new_event() {
    let (left, mut right) = UnixDatagram::pair().unwrap();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut right, SOCKET, Interest::READABLE).unwrap();
    for _ in 0..20 {
        left.send(b"datagram").unwrap();
        expect_one_event(&mut poll, &mut events, SOCKET);
        assert_eq!(right.recv(&mut [0; 16]).unwrap(), 8);
        assert_would_block(right.recv(&mut [0; 16]));
    }
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_recv_from_that_would_block_arms_the_next_event() {
    let (left, mut right) = UnixDatagram::pair().unwrap();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut right, SOCKET, Interest::READABLE).unwrap();
    for _ in 0..3 {
        left.send(b"datagram").unwrap();
        expect_one_event(&mut poll, &mut events, SOCKET);
        assert_eq!(right.recv_from(&mut [0; 16]).unwrap().0, 8);
        assert_would_block(right.recv_from(&mut [0; 16]));
    }
}

#[test]
fn a_full_socket_becomes_writable_when_the_peer_receives() {
    let (mut left, right) = UnixDatagram::pair().unwrap();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut left, SOCKET, Interest::WRITABLE).unwrap();
    expect_one_event(&mut poll, &mut events, SOCKET);
    let sent = (0..100_000).take_while(|_| left.send(&[7; 512]).is_ok()).count();
    assert!(sent > 0);
    assert_would_block(left.send(&[7; 512]));
    expect_no_events(&mut poll, &mut events);
    for _ in 0..sent {
        assert_eq!(right.recv(&mut [0; 1024]).unwrap(), 512);
    }
    expect_events(&mut poll, &mut events, &[(SOCKET, Event::is_writable)]);
    assert_eq!(left.send(b"more").unwrap(), 4);
}

#[test]
fn an_idle_socket_is_silent_for_a_reader_and_one_event_for_a_writer() {
    let (mut left, mut right) = UnixDatagram::pair().unwrap();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut left, SOCKET, Interest::READABLE).unwrap();
    expect_no_events(&mut poll, &mut events);
    poll.registry().register(&mut right, OTHER, Interest::WRITABLE).unwrap();
    assert!(expect_one_event(&mut poll, &mut events, OTHER).is_writable());
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn reregister_replaces_the_token_and_the_interest() {
    let (left, mut right) = UnixDatagram::pair().unwrap();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut right, SOCKET, Interest::READABLE).unwrap();
    left.send(b"datagram").unwrap();
    poll.registry().reregister(&mut right, OTHER, Interest::WRITABLE).unwrap();
    let event = expect_one_event(&mut poll, &mut events, OTHER);
    assert!(event.is_writable() && !event.is_readable());
    poll.registry().reregister(&mut right, SOCKET, Interest::READABLE).unwrap();
    assert!(expect_one_event(&mut poll, &mut events, SOCKET).is_readable());
}

#[test]
fn a_deregistered_socket_is_silent() {
    let (left, mut right) = UnixDatagram::pair().unwrap();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut right, SOCKET, BOTH).unwrap();
    expect_events(&mut poll, &mut events, &[(SOCKET, Event::is_writable)]);
    poll.registry().deregister(&mut right).unwrap();
    left.send(b"datagram").unwrap();
    expect_no_events(&mut poll, &mut events);
    assert_eq!(right.recv(&mut [0; 16]).unwrap(), 8);
}

#[test]
fn shutting_down_reads_reports_read_closed() {
    let (mut left, _right) = UnixDatagram::pair().unwrap();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut left, SOCKET, Interest::READABLE).unwrap();
    left.shutdown(Shutdown::Read).unwrap();
    expect_events(&mut poll, &mut events, &[(SOCKET, Event::is_read_closed)]);
}

#[test]
fn shutting_down_writes_as_well_reports_write_closed() {
    let (mut left, _right) = UnixDatagram::pair().unwrap();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut left, SOCKET, BOTH).unwrap();
    expect_events(&mut poll, &mut events, &[(SOCKET, Event::is_writable)]);
    left.shutdown(Shutdown::Read).unwrap();
    expect_events(&mut poll, &mut events, &[(SOCKET, Event::is_read_closed)]);
    left.shutdown(Shutdown::Write).unwrap();
    expect_events(&mut poll, &mut events, &[(SOCKET, Event::is_write_closed)]);
}

#[test]
fn sending_after_a_shutdown_of_writes_is_a_broken_pipe() {
    let (left, _right) = UnixDatagram::pair().unwrap();
    left.shutdown(Shutdown::Write).unwrap();
    assert_eq!(left.send(b"late").unwrap_err().kind(), io::ErrorKind::BrokenPipe);
}

#[test]
fn sending_to_a_dropped_peer_is_refused() {
    let (left, right) = UnixDatagram::pair().unwrap();
    drop(right);
    assert_eq!(left.send(b"late").unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
}

#[test]
fn try_io_passes_results_and_arms_the_next_event() {
    let (left, mut right) = UnixDatagram::pair().unwrap();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut right, SOCKET, Interest::READABLE).unwrap();
    let recv = |socket: &UnixDatagram| {
        let mut buf = [0; 8];
        socket.try_io(|| Ok(rustix::net::recv(socket, &mut buf, RecvFlags::empty())?.0))
    };
    for _ in 0..3 {
        left.send(b"datagram").unwrap();
        expect_one_event(&mut poll, &mut events, SOCKET);
        assert_eq!(recv(&right).unwrap(), 8);
        assert_would_block(recv(&right));
    }
    let error = left.try_io(|| Err::<(), _>(io::Error::other("mine"))).unwrap_err();
    assert_eq!(error.to_string(), "mine");
}
