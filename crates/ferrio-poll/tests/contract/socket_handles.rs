//! The descriptors behind the sockets: their flags, conversions and sizes.

use std::fmt::Debug;
use std::io::Write;
use std::net;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::net as unix;

use mio::net::{TcpListener, TcpStream, UdpSocket, UnixDatagram, UnixListener, UnixStream};
use mio::{Interest, Token};

use crate::harness::{any_local_v4, expect_no_events, expect_one_event, poll_with_events, retry};
use crate::net_harness::{
    SocketPath, any_local_v6, assert_socket_flags, drain, is_close_on_exec, is_non_blocking, round_trip,
    tcp_listener, tcp_pair, tcp_with_std_peer, udp_socket,
};

#[test]
fn a_bound_tcp_listener_is_non_blocking_and_close_on_exec() {
    assert_socket_flags(TcpListener::bind(any_local_v4()).unwrap());
    assert_socket_flags(TcpListener::bind(any_local_v6()).unwrap());
}

#[test]
fn a_connecting_tcp_stream_is_non_blocking_and_close_on_exec() {
    let (_listener, address) = tcp_listener();
    assert_socket_flags(TcpStream::connect(address).unwrap());
}

#[test]
fn an_accepted_tcp_stream_is_non_blocking_and_close_on_exec() {
    let (listener, address) = tcp_listener();
    let _client = net::TcpStream::connect(address).unwrap();
    assert_socket_flags(retry(|| listener.accept()).unwrap().0);
}

#[test]
fn a_bound_udp_socket_is_non_blocking_and_close_on_exec() {
    assert_socket_flags(UdpSocket::bind(any_local_v4()).unwrap());
    assert_socket_flags(UdpSocket::bind(any_local_v6()).unwrap());
}

#[test]
fn a_bound_unix_listener_is_non_blocking_and_close_on_exec() {
    let (path, other) = (SocketPath::new(), SocketPath::new());
    assert_socket_flags(UnixListener::bind(&path).unwrap());
    let address = unix::SocketAddr::from_pathname(&other).unwrap();
    assert_socket_flags(UnixListener::bind_addr(&address).unwrap());
}

#[test]
fn connected_and_accepted_unix_streams_are_non_blocking_and_close_on_exec() {
    let path = SocketPath::new();
    let listener = UnixListener::bind(&path).unwrap();
    assert_socket_flags(UnixStream::connect(&path).unwrap());
    assert_socket_flags(listener.accept().unwrap().0);
    let address = unix::SocketAddr::from_pathname(&path).unwrap();
    assert_socket_flags(UnixStream::connect_addr(&address).unwrap());
}

#[test]
fn unix_datagrams_are_non_blocking_and_close_on_exec() {
    let (path, other) = (SocketPath::new(), SocketPath::new());
    assert_socket_flags(UnixDatagram::bind(&path).unwrap());
    let address = unix::SocketAddr::from_pathname(&other).unwrap();
    assert_socket_flags(UnixDatagram::bind_addr(&address).unwrap());
    assert_socket_flags(UnixDatagram::unbound().unwrap());
}

#[test]
fn unix_pairs_are_non_blocking_and_close_on_exec() {
    let (left, right) = UnixStream::pair().unwrap();
    assert_socket_flags(left);
    assert_socket_flags(right);
    let (left, right) = UnixDatagram::pair().unwrap();
    assert_socket_flags(left);
    assert_socket_flags(right);
}

#[test]
fn from_std_leaves_the_blocking_mode_as_it_was() {
    for flag in [false, true] {
        let listener = net::TcpListener::bind(any_local_v4()).unwrap();
        let stream = net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let socket = net::UdpSocket::bind(any_local_v4()).unwrap();
        listener.set_nonblocking(flag).unwrap();
        stream.set_nonblocking(flag).unwrap();
        socket.set_nonblocking(flag).unwrap();
        assert_eq!(is_non_blocking(TcpListener::from_std(listener)), flag);
        assert_eq!(is_non_blocking(TcpStream::from_std(stream)), flag);
        assert_eq!(is_non_blocking(UdpSocket::from_std(socket)), flag);
    }
}

#[test]
fn from_std_leaves_the_blocking_mode_of_unix_sockets_as_it_was() {
    for flag in [false, true] {
        let path = SocketPath::new();
        let listener = unix::UnixListener::bind(&path).unwrap();
        let (stream, _peer) = unix::UnixStream::pair().unwrap();
        let datagram = unix::UnixDatagram::unbound().unwrap();
        listener.set_nonblocking(flag).unwrap();
        stream.set_nonblocking(flag).unwrap();
        datagram.set_nonblocking(flag).unwrap();
        assert_eq!(is_non_blocking(UnixListener::from_std(listener)), flag);
        assert_eq!(is_non_blocking(UnixStream::from_std(stream)), flag);
        assert_eq!(is_non_blocking(UnixDatagram::from_std(datagram)), flag);
    }
}

#[test]
fn a_socket_turned_into_std_stays_non_blocking() {
    let (stream, _peer) = tcp_pair();
    let stream = net::TcpStream::from(stream);
    assert!(is_non_blocking(&stream) && is_close_on_exec(&stream));
}

#[test]
fn a_tcp_listener_survives_every_conversion() {
    let (listener, address) = tcp_listener();
    let listener = round_trip::<_, net::TcpListener>(listener);
    assert_eq!(listener.local_addr().unwrap(), address);
    let _client = net::TcpStream::connect(address).unwrap();
    retry(|| listener.accept()).unwrap();
}

#[test]
fn a_tcp_stream_survives_every_conversion() {
    let (stream, peer) = tcp_pair();
    let stream = round_trip::<_, net::TcpStream>(stream);
    assert_eq!(stream.peer_addr().unwrap(), peer.local_addr().unwrap());
    assert_socket_flags(stream);
}

#[test]
fn a_udp_socket_survives_every_conversion() {
    let (socket, address) = udp_socket();
    let socket = round_trip::<_, net::UdpSocket>(socket);
    assert_eq!(socket.local_addr().unwrap(), address);
    assert_socket_flags(socket);
}

#[test]
fn a_unix_listener_survives_every_conversion() {
    let path = SocketPath::new();
    let listener = round_trip::<_, unix::UnixListener>(UnixListener::bind(&path).unwrap());
    let _client = unix::UnixStream::connect(&path).unwrap();
    listener.accept().unwrap();
}

#[test]
fn a_unix_stream_survives_every_conversion() {
    let (stream, _peer) = UnixStream::pair().unwrap();
    let stream = round_trip::<_, unix::UnixStream>(stream);
    assert!(stream.peer_addr().unwrap().is_unnamed());
    assert_socket_flags(stream);
}

#[test]
fn a_unix_datagram_survives_every_conversion() {
    let path = SocketPath::new();
    let datagram = round_trip::<_, unix::UnixDatagram>(UnixDatagram::bind(&path).unwrap());
    assert_eq!(datagram.local_addr().unwrap().as_pathname(), Some(path.as_ref()));
    assert_socket_flags(datagram);
}

#[test]
fn a_deregistered_socket_is_silent_even_if_a_duplicate_of_it_lives() {
    let (mut stream, mut peer) = tcp_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, Token(1), Interest::READABLE).unwrap();
    let _duplicate = stream.as_fd().try_clone_to_owned().unwrap();
    poll.registry().deregister(&mut stream).unwrap();
    drop(stream);
    peer.write_all(b"bytes").unwrap();
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_socket_on_a_reused_descriptor_is_heard_by_its_own_token() {
    let ((mut first, _first_peer), (second, mut second_peer)) = (tcp_with_std_peer(), tcp_with_std_peer());
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut first, Token(1), Interest::READABLE).unwrap();
    // Puts the second socket in the place of the first, which thereby closes.
    let mut place = OwnedFd::from(first);
    rustix::io::dup2(&second, &mut place).unwrap();
    drop(second);
    let mut second = TcpStream::from(place);
    poll.registry().register(&mut second, Token(2), Interest::READABLE).unwrap();
    second_peer.write_all(b"bytes").unwrap();
    assert!(expect_one_event(&mut poll, &mut events, Token(2)).is_readable());
    assert_eq!(drain(&second), (b"bytes".to_vec(), false));
}

#[test]
fn the_debug_text_of_a_socket_shows_its_descriptor() {
    fn assert_shows_fd(socket: impl Debug + AsRawFd) {
        let text = format!("{socket:?}");
        assert!(text.contains(&socket.as_raw_fd().to_string()), "{text}");
    }
    let path = SocketPath::new();
    assert_shows_fd(tcp_listener().0);
    assert_shows_fd(tcp_pair().0);
    assert_shows_fd(udp_socket().0);
    assert_shows_fd(UnixListener::bind(&path).unwrap());
    assert_shows_fd(UnixStream::pair().unwrap().0);
    assert_shows_fd(UnixDatagram::unbound().unwrap());
}

#[test]
fn sockets_may_be_sent_to_and_shared_with_other_threads() {
    fn assert_send_sync<T: Send + Sync + 'static>() {}
    assert_send_sync::<TcpListener>();
    assert_send_sync::<TcpStream>();
    assert_send_sync::<UdpSocket>();
    assert_send_sync::<UnixDatagram>();
    assert_send_sync::<UnixListener>();
    assert_send_sync::<UnixStream>();
}

#[cfg(not(debug_assertions))]
#[test]
fn sockets_are_no_larger_than_those_of_std_in_release() {
    // The published mio keeps the state of its poll(2) build in each socket.
    let excused = !crate::subject::IS_FERRIO && crate::subject::rearms_on_demand();
    let sizes = [
        (size_of::<TcpListener>(), size_of::<net::TcpListener>()),
        (size_of::<TcpStream>(), size_of::<net::TcpStream>()),
        (size_of::<UdpSocket>(), size_of::<net::UdpSocket>()),
        (size_of::<UnixDatagram>(), size_of::<unix::UnixDatagram>()),
        (size_of::<UnixListener>(), size_of::<unix::UnixListener>()),
        (size_of::<UnixStream>(), size_of::<unix::UnixStream>()),
    ];
    for (ours, of_std) in sizes {
        assert_eq!(ours > of_std, excused, "{ours} bytes, std has {of_std}");
    }
}
