//! Sockets whose options are set before they are bound or connected.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{self, SocketAddr};
use std::time::Duration;

use mio::net::{SocketBuilder, TcpStream};
use socket2::SockRef;

use crate::harness::system::{is_close_on_exec, is_non_blocking, open_handles};
use crate::harness::{PATIENCE, any_local_v4, in_own_process};
use crate::net_harness::{any_local_v6, tcp_listener};

/// A listener of std that `stream` was connected to, seen from there.
fn accepted(listener: &net::TcpListener) -> net::TcpStream {
    let (peer, _) = listener.accept().unwrap();
    peer.set_read_timeout(Some(PATIENCE)).unwrap();
    peer
}

#[test]
fn the_options_of_a_listener_are_read_back() {
    let builder = SocketBuilder::new()
        .no_delay(true)
        .linger(Duration::from_secs(3))
        .receive_buffer(100_000)
        .send_buffer(90_000)
        .backlog(7);
    let listener = builder.tcp_listener(any_local_v4()).unwrap();
    let socket = SockRef::from(&listener);
    assert!(socket.tcp_nodelay().unwrap());
    assert_eq!(socket.linger().unwrap(), Some(Duration::from_secs(3)));
    // Linux doubles them, for its own books.
    assert!((100_000..=200_000).contains(&socket.recv_buffer_size().unwrap()));
    assert!((90_000..=180_000).contains(&socket.send_buffer_size().unwrap()));
    assert!(is_non_blocking(&listener) && is_close_on_exec(&listener));
    let client = net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    drop(client);
}

#[test]
fn a_socket_that_exists_takes_options_by_socket2() {
    let (listener, address) = tcp_listener();
    let stream = TcpStream::connect(address).unwrap();
    let udp = SocketBuilder::new().udp_socket(any_local_v4()).unwrap();
    for socket in [SockRef::from(&listener), SockRef::from(&stream), SockRef::from(&udp)] {
        socket.set_recv_buffer_size(60_000).unwrap();
        // Linux doubles it, for its own books.
        assert!((60_000..=120_000).contains(&socket.recv_buffer_size().unwrap()));
    }
    for on in [true, false] {
        SockRef::from(&stream).set_tcp_nodelay(on).unwrap();
        // What the socket says of itself is the same.
        assert_eq!(stream.nodelay().unwrap(), on);
        SockRef::from(&udp).set_broadcast(on).unwrap();
        assert_eq!(udp.broadcast().unwrap(), on);
    }
}

#[test]
fn a_builder_makes_as_many_sockets_as_wanted() {
    let builder = SocketBuilder::new().receive_buffer(70_000);
    let (one, other) =
        (builder.udp_socket(any_local_v4()).unwrap(), builder.udp_socket(any_local_v4()).unwrap());
    assert_ne!(one.local_addr().unwrap(), other.local_addr().unwrap());
    for socket in [&one, &other] {
        assert!(SockRef::from(socket).recv_buffer_size().unwrap() >= 70_000);
        assert!(is_non_blocking(socket) && is_close_on_exec(socket));
    }
}

#[test]
fn the_last_value_of_an_option_counts() {
    let builder = SocketBuilder::new().no_delay(false).no_delay(true).no_delay(false).no_delay(true);
    let listener = builder.tcp_listener(any_local_v4()).unwrap();
    assert!(SockRef::from(&listener).tcp_nodelay().unwrap());
    let listener = builder.no_delay(false).tcp_listener(any_local_v4()).unwrap();
    assert!(!SockRef::from(&listener).tcp_nodelay().unwrap());
}

#[test]
fn a_time_that_the_system_would_cut_to_nothing_is_rounded_up() {
    for (asked, kept) in [(1, 1), (999, 1), (1000, 1), (1001, 2), (0, 0)] {
        let builder = SocketBuilder::new().linger(Duration::from_millis(asked));
        let listener = builder.tcp_listener(any_local_v4()).unwrap();
        let linger = SockRef::from(&listener).linger().unwrap();
        assert_eq!(linger, Some(Duration::from_secs(kept)), "{asked} ms");
    }
    // And a size that the system cannot count is as much as there is.
    let builder = SocketBuilder::new().receive_buffer(usize::MAX);
    let plain = SocketBuilder::new().udp_socket(any_local_v4()).unwrap();
    let large = builder.udp_socket(any_local_v4()).unwrap();
    let size = |socket| SockRef::from(socket).recv_buffer_size().unwrap();
    assert!(size(&large) >= size(&plain));
}

/// A stream to `peer`, and the local address that was asked for. A port that was free a moment
/// ago may have been taken since, as other tests ask for ports too: then another is tried.
fn stream_from_a_free_port(peer: SocketAddr) -> (SocketAddr, TcpStream) {
    for _ in 0..100 {
        let free = net::TcpListener::bind(any_local_v4()).unwrap();
        let local = free.local_addr().unwrap();
        drop(free);
        match SocketBuilder::new().no_delay(true).local(local).tcp_stream(peer) {
            Ok(stream) => return (local, stream),
            Err(error) => assert_eq!(error.kind(), ErrorKind::AddrInUse, "{error}"),
        }
    }
    panic!("each of 100 free ports was taken by another");
}

#[test]
fn a_stream_is_connected_from_the_local_address_that_was_asked_for() {
    let listener = net::TcpListener::bind(any_local_v4()).unwrap();
    let (local, mut stream) = stream_from_a_free_port(listener.local_addr().unwrap());
    let mut peer = accepted(&listener);
    assert_eq!(peer.peer_addr().unwrap(), local);
    assert!(SockRef::from(&stream).tcp_nodelay().unwrap());
    assert!(is_non_blocking(&stream) && is_close_on_exec(&stream));
    stream.write_all(b"hello").unwrap();
    let mut buf = [0; 5];
    peer.read_exact(&mut buf).unwrap();
    assert_eq!(&buf, b"hello");
}

#[test]
fn whether_an_ipv6_socket_takes_ipv4_is_chosen() {
    for only_v6 in [true, false] {
        let builder = SocketBuilder::new().only_v6(only_v6);
        let any = "[::]:0".parse().unwrap();
        assert_eq!(builder.udp_socket(any).unwrap().only_v6().unwrap(), only_v6);
        let listener = builder.tcp_listener(any).unwrap();
        let port = listener.local_addr().unwrap().port();
        assert_eq!(net::TcpStream::connect(("127.0.0.1", port)).is_err(), only_v6);
        // To an IPv4 socket it means nothing, and does no harm.
        builder.tcp_listener(any_local_v4()).unwrap();
    }
}

#[test]
fn an_option_of_another_kind_of_socket_is_invalid_and_named() {
    let udp = |builder: SocketBuilder| builder.udp_socket(any_local_v4()).unwrap_err();
    for (error, name) in [
        (udp(SocketBuilder::new().no_delay(true)), "TCP_NODELAY=true"),
        (udp(SocketBuilder::new().linger(Duration::ZERO)), "SO_LINGER=0ns"),
        (udp(SocketBuilder::new().keep_alive(Duration::from_secs(1), None, None)), "SO_KEEPALIVE"),
        (udp(SocketBuilder::new().fast_open(5)), "TCP_FASTOPEN=5"),
        (udp(SocketBuilder::new().quick_ack(true)), "TCP_QUICKACK=true"),
        (udp(SocketBuilder::new().user_timeout(Duration::from_secs(1))), "TCP_USER_TIMEOUT=1s"),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let text = error.to_string();
        assert!(
            text.contains(name) && text.contains("UDP socket") && text.contains("leave it out"),
            "{text}"
        );
    }
}

/// Each option that not every system has, with its name, set on a TCP listener or a stream.
fn rare_options() -> Vec<(SocketBuilder, &'static str)> {
    let new = SocketBuilder::new;
    vec![
        (new().reuse_port(true), "SO_REUSEPORT"),
        (new().type_of_service(0x10), "IP_TOS"),
        (new().keep_alive(Duration::from_secs(60), None, None), "SO_KEEPALIVE"),
        (new().keep_alive(Duration::from_secs(60), Some(Duration::from_secs(5)), Some(3)), "SO_KEEPALIVE"),
        (new().quick_ack(true), "TCP_QUICKACK"),
        (new().fast_open(16), "TCP_FASTOPEN"),
        (new().user_timeout(Duration::from_millis(2500)), "TCP_USER_TIMEOUT"),
        (new().device("ferrio-none"), "SO_BINDTODEVICE"),
        (new().free_bind(true), "IP_FREEBIND"),
        (new().transparent(true), "IP_TRANSPARENT"),
        (new().bind_address_no_port(true), "IP_BIND_ADDRESS_NO_PORT"),
        (new().mark(7), "SO_MARK"),
        (new().priority(5), "SO_PRIORITY"),
    ]
}

#[test]
fn an_option_is_set_or_an_error_that_names_it() {
    for (builder, name) in rare_options() {
        for address in [any_local_v4(), any_local_v6()] {
            let peer = net::TcpListener::bind(address).unwrap();
            let made: [io::Result<()>; 2] = [
                builder.tcp_listener(address).map(drop),
                builder.tcp_stream(peer.local_addr().unwrap()).map(drop),
            ];
            for error in made.into_iter().filter_map(Result::err) {
                assert!(error.to_string().contains(name), "{name}: {error}");
                assert_ne!(error.kind(), ErrorKind::InvalidInput, "{error}");
            }
        }
    }
}

#[test]
fn several_listeners_share_a_port_if_all_of_them_ask() {
    let builder = SocketBuilder::new().reuse_port(true);
    let first = match builder.tcp_listener(any_local_v4()) {
        Ok(listener) => listener,
        Err(error) => return assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}"),
    };
    let address = first.local_addr().unwrap();
    let second = builder.tcp_listener(address).unwrap();
    assert_eq!(second.local_addr().unwrap(), address);
    let error = SocketBuilder::new().tcp_listener(address).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
}

#[test]
fn a_builder_that_failed_leaves_nothing_behind() {
    in_own_process("beyond::socket_builder::a_builder_that_failed_leaves_nothing_behind", || {
        // A port that is in use: the socket is made, then refused.
        let taken = net::TcpListener::bind(any_local_v4()).unwrap();
        let address = taken.local_addr().unwrap();
        let before = open_handles();
        for _ in 0..100 {
            let error = SocketBuilder::new().tcp_listener(address).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::AddrInUse, "{error}");
            SocketBuilder::new().no_delay(true).udp_socket(any_local_v4()).unwrap_err();
        }
        assert_eq!(open_handles(), before);
    });
}
