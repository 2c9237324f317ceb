//! In release a type is no larger than what it wraps. Debug builds also note
//! which Poll a source belongs to.

use std::mem::size_of;
use std::os::fd::OwnedFd;

use mio::net::{TcpListener, TcpStream, UdpSocket, UnixDatagram, UnixListener, UnixStream};
use mio::unix::pipe::{Receiver, Sender};

// mio's build for poll(2) keeps the state of a socket in the socket.
#[cfg(all(not(debug_assertions), not(mio_unsupported_force_poll_poll)))]
#[test]
fn sockets_and_pipes_are_as_large_as_a_descriptor_in_release() {
    let descriptor = size_of::<OwnedFd>();
    assert_eq!(size_of::<TcpListener>(), size_of::<std::net::TcpListener>());
    assert_eq!(size_of::<TcpStream>(), size_of::<std::net::TcpStream>());
    assert_eq!(size_of::<UdpSocket>(), size_of::<std::net::UdpSocket>());
    assert_eq!(size_of::<UnixListener>(), size_of::<std::os::unix::net::UnixListener>());
    assert_eq!(size_of::<UnixStream>(), size_of::<std::os::unix::net::UnixStream>());
    assert_eq!(size_of::<UnixDatagram>(), size_of::<std::os::unix::net::UnixDatagram>());
    assert_eq!((size_of::<Sender>(), size_of::<Receiver>()), (descriptor, descriptor));
}

#[cfg(debug_assertions)]
#[test]
fn sockets_and_pipes_stay_small_in_debug() {
    for size in [
        size_of::<TcpListener>(),
        size_of::<TcpStream>(),
        size_of::<UdpSocket>(),
        size_of::<UnixListener>(),
        size_of::<UnixStream>(),
        size_of::<UnixDatagram>(),
        size_of::<Sender>(),
        size_of::<Receiver>(),
    ] {
        assert!((size_of::<OwnedFd>()..=32).contains(&size), "{size} bytes");
    }
}
