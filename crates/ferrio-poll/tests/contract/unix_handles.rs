//! The descriptors behind the Unix sockets: their flags, conversions and sizes.

use std::fmt::Debug;
#[cfg(not(debug_assertions))]
use std::net;
use std::os::fd::AsRawFd;
use std::os::unix::net as unix;

#[cfg(not(debug_assertions))]
use mio::net::{TcpListener, TcpStream, UdpSocket};
use mio::net::{UnixDatagram, UnixListener, UnixStream};

use crate::harness::system::{is_non_blocking, round_trip};
use crate::harness::unix::SocketPath;
use crate::net_harness::assert_socket_flags;

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

#[test]
fn the_debug_text_of_a_unix_socket_shows_its_descriptor() {
    fn assert_shows_fd(socket: impl Debug + AsRawFd) {
        let text = format!("{socket:?}");
        assert!(text.contains(&socket.as_raw_fd().to_string()), "{text}");
    }
    let path = SocketPath::new();
    assert_shows_fd(UnixListener::bind(&path).unwrap());
    assert_shows_fd(UnixStream::pair().unwrap().0);
    assert_shows_fd(UnixDatagram::unbound().unwrap());
}

#[test]
fn unix_sockets_may_be_sent_to_and_shared_with_other_threads() {
    fn assert_send_sync<T: Send + Sync + 'static>() {}
    assert_send_sync::<UnixDatagram>();
    assert_send_sync::<UnixListener>();
    assert_send_sync::<UnixStream>();
}

#[test]
fn a_healthy_unix_socket_has_no_error_to_take() {
    let path = SocketPath::new();
    assert!(UnixListener::bind(&path).unwrap().take_error().unwrap().is_none());
    assert!(UnixStream::pair().unwrap().0.take_error().unwrap().is_none());
    assert!(UnixDatagram::unbound().unwrap().take_error().unwrap().is_none());
}
