//! The handles behind the sockets: their flags and conversions.

use std::fmt::Debug;
use std::io::Write;
use std::net;

use mio::net::{TcpListener, TcpStream, UdpSocket};
use mio::{Interest, Token};

use crate::harness::skips::is_skipped;
use crate::harness::system::{AsHandle, duplicate, is_close_on_exec, is_non_blocking, number, round_trip};
use crate::harness::{any_local_v4, expect_no_events, poll_with_events, retry};
use crate::net_harness::{
    any_local_v6, assert_socket_flags, tcp_listener, tcp_pair, tcp_with_std_peer, udp_socket,
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
fn from_std_leaves_the_blocking_mode_as_it_was() {
    if is_skipped("socket_handles::from_std_leaves_the_blocking_mode_as_it_was") {
        return;
    }
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
fn a_deregistered_socket_is_silent_even_if_a_duplicate_of_it_lives() {
    let (mut stream, mut peer) = tcp_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, Token(1), Interest::READABLE).unwrap();
    let _duplicate: net::TcpStream = duplicate(&stream);
    poll.registry().deregister(&mut stream).unwrap();
    drop(stream);
    peer.write_all(b"bytes").unwrap();
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn the_debug_text_of_a_socket_shows_its_descriptor() {
    fn assert_shows_number(socket: impl Debug + AsHandle) {
        let text = format!("{socket:?}");
        assert!(text.contains(&number(&socket).to_string()), "{text}");
    }
    assert_shows_number(tcp_listener().0);
    assert_shows_number(tcp_pair().0);
    assert_shows_number(udp_socket().0);
}

#[test]
fn sockets_may_be_sent_to_and_shared_with_other_threads() {
    fn assert_send_sync<T: Send + Sync + 'static>() {}
    assert_send_sync::<TcpListener>();
    assert_send_sync::<TcpStream>();
    assert_send_sync::<UdpSocket>();
}
