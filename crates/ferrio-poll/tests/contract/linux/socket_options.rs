//! The options of sockets that Linux has and others lack, and those of Unix sockets.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::SocketAddr;
use std::time::Duration;

use mio::net::SocketBuilder;
use socket2::SockRef;

use crate::harness::system::SocketPath;
use crate::harness::{any_local_v4, retry};
use crate::net_harness::any_local_v6;

#[test]
fn the_times_of_keep_alive_are_read_back() {
    let times =
        SocketBuilder::new().keep_alive(Duration::from_secs(61), Some(Duration::from_secs(5)), Some(3));
    let listener = times.tcp_listener(any_local_v4()).unwrap();
    let socket = SockRef::from(&listener);
    assert!(socket.keepalive().unwrap());
    assert_eq!(socket.tcp_keepalive_time().unwrap(), Duration::from_secs(61));
    assert_eq!(socket.tcp_keepalive_interval().unwrap(), Duration::from_secs(5));
    assert_eq!(socket.tcp_keepalive_retries().unwrap(), 3);
}

#[test]
fn the_options_of_linux_are_read_back() {
    let listener = SocketBuilder::new()
        .user_timeout(Duration::from_millis(2500))
        .priority(5)
        .type_of_service(0x10)
        .reuse_port(true)
        .free_bind(true)
        .fast_open(16)
        .bind_address_no_port(true)
        .tcp_listener(any_local_v4())
        .unwrap();
    let socket = SockRef::from(&listener);
    assert_eq!(socket.tcp_user_timeout().unwrap(), Some(Duration::from_millis(2500)));
    assert_eq!(socket.priority().unwrap(), 5);
    assert_eq!(socket.tos_v4().unwrap(), 0x10);
    assert!(socket.reuse_port().unwrap() && socket.freebind_v4().unwrap());
    assert!(socket.reuse_address().unwrap());
    let refusing = SocketBuilder::new().reuse_address(false).tcp_listener(any_local_v4()).unwrap();
    assert!(!SockRef::from(&refusing).reuse_address().unwrap());
}

#[test]
fn an_ipv6_socket_has_the_options_of_its_version() {
    let listener =
        SocketBuilder::new().type_of_service(0x20).free_bind(true).tcp_listener(any_local_v6()).unwrap();
    let socket = SockRef::from(&listener);
    assert_eq!(socket.tclass_v6().unwrap(), 0x20);
    assert!(socket.freebind_v6().unwrap());
}

#[test]
fn an_address_that_the_machine_lacks_is_bound_freely() {
    // Of the block for documentation.
    let address = "192.0.2.77:0".parse().unwrap();
    let error = SocketBuilder::new().udp_socket(address).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrNotAvailable);
    let socket = SocketBuilder::new().free_bind(true).udp_socket(address).unwrap();
    assert_eq!(socket.local_addr().unwrap().ip(), address.ip());
}

#[test]
fn a_device_that_is_not_there_is_named() {
    let error = SocketBuilder::new().device("ferrio-none").udp_socket(any_local_v4()).unwrap_err();
    assert!(error.to_string().contains("SO_BINDTODEVICE=\"ferrio-none\""), "{error}");
    let socket = SocketBuilder::new().device("lo").udp_socket(any_local_v4()).unwrap();
    assert_eq!(SockRef::from(&socket).device().unwrap().as_deref(), Some(&b"lo"[..]));
}

#[test]
fn streams_that_may_open_fast_carry_their_data() {
    let builder = SocketBuilder::new().fast_open(8);
    let listener = builder.tcp_listener(any_local_v4()).unwrap();
    let address = listener.local_addr().unwrap();
    // The first one may fetch the cookie with which the second is fast, if the system allows that.
    for number in 0..2 {
        let mut stream = builder.tcp_stream(address).unwrap();
        let sent = retry(|| stream.write(b"first")).unwrap();
        let (mut peer, _) = retry(|| listener.accept()).unwrap();
        let mut buf = [0; 16];
        assert_eq!(retry(|| peer.read(&mut buf)).unwrap(), sent, "{number}");
        assert_eq!(&buf[..sent], b"first");
        drop(stream);
    }
}

#[test]
fn unix_sockets_have_the_options_of_all_sockets() {
    let path = SocketPath::new();
    let address = SocketAddr::from_pathname(&path).unwrap();
    let builder = SocketBuilder::new().send_buffer(80_000).backlog(3);
    let listener = builder.unix_listener(&address).unwrap();
    assert!(SockRef::from(&listener).send_buffer_size().unwrap() >= 80_000);
    let stream = builder.unix_stream(&address).unwrap();
    assert!(SockRef::from(&stream).send_buffer_size().unwrap() >= 80_000);
    listener.accept().unwrap();
    fs::remove_file(&path).unwrap();
    let datagram = builder.unix_datagram(&address).unwrap();
    assert!(SockRef::from(&datagram).send_buffer_size().unwrap() >= 80_000);
    fs::remove_file(&path).unwrap();
    let listener = builder.unix_seqpacket_listener(&address).unwrap();
    let client = builder.unix_seqpacket(&address).unwrap();
    for size in [SockRef::from(&listener).send_buffer_size(), SockRef::from(&client).send_buffer_size()] {
        assert!(size.unwrap() >= 80_000);
    }
    let error = SocketBuilder::new().no_delay(true).unix_stream(&address).unwrap_err();
    assert!(error.to_string().contains("Unix socket"), "{error}");
    let error = SocketBuilder::new().reuse_port(true).unix_listener(&address).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}
