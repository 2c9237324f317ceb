//! What Windows tells of datagrams beside their bytes, and what it can be asked for one.

use std::io;
use std::net::{IpAddr, SocketAddr};

use mio::net::UdpSocket;
use mio::net::udp::{Ecn, RecvBatch, SendBatch, Transmit};
use socket2::SockRef;

use crate::beyond::udp_batches::send_all;
use crate::harness::retry;
use crate::harness::skips::{Kind, is_skipped};
use crate::harness::system;
use crate::net_harness::{any_local_v6, settle, udp_socket};

/// The facts of one datagram.
#[derive(Debug, Default, Eq, PartialEq)]
struct Facts {
    len: usize,
    is_truncated: bool,
    local: Option<IpAddr>,
    ecn: Option<Ecn>,
    ttl: Option<u8>,
}

/// Receives one datagram into a room of 10 bytes.
fn facts(socket: &UdpSocket) -> Facts {
    let mut batch = RecvBatch::with_capacity(4, 10);
    assert_eq!(retry(|| socket.recv_batch(&mut batch)).unwrap(), 1);
    let received = batch.get(0).unwrap();
    assert_ne!(received.local_address().map(|local| local.interface()), Some(None));
    Facts {
        len: received.bytes().len(),
        is_truncated: received.is_truncated(),
        local: received.local_address().map(|local| local.address()),
        ecn: received.ecn(),
        ttl: received.ttl(),
    }
}

/// A pair of sockets of each family, with the address of the second.
fn pairs() -> impl Iterator<Item = (UdpSocket, UdpSocket, SocketAddr)> {
    ["127.0.0.1:0", "[::1]:0"].into_iter().map(|address| {
        let [sender, receiver] = [(); 2].map(|()| UdpSocket::bind(address.parse().unwrap()).unwrap());
        let destination = receiver.local_addr().unwrap();
        (sender, receiver, destination)
    })
}

#[test]
fn a_datagram_tells_where_it_arrived_and_the_hops_it_had_left_as_long_as_it_is_asked() {
    for (sender, receiver, destination) in pairs() {
        receiver.set_recv_local_address(true).unwrap();
        receiver.set_recv_ttl(true).unwrap();
        assert!(receiver.recv_local_address().unwrap() && receiver.recv_ttl().unwrap());
        assert!(!receiver.recv_ecn().unwrap());
        if destination.is_ipv4() {
            sender.set_ttl(42).unwrap();
        } else {
            SockRef::from(&sender).set_unicast_hops_v6(42).unwrap();
        }
        let expected = Facts { local: Some(destination.ip()), ttl: Some(42), ..Facts::default() };
        sender.send_to(b"x", destination).unwrap();
        assert_eq!(facts(&receiver), Facts { len: 1, ..expected });
        // One that was cut tells as much as another.
        let expected = Facts { local: Some(destination.ip()), ttl: Some(42), ..Facts::default() };
        sender.send_to(&[7; 3000], destination).unwrap();
        assert_eq!(facts(&receiver), Facts { len: 10, is_truncated: true, ..expected });
        receiver.set_recv_local_address(false).unwrap();
        receiver.set_recv_ttl(false).unwrap();
        assert!(!receiver.recv_local_address().unwrap() && !receiver.recv_ttl().unwrap());
        sender.send_to(b"xy", destination).unwrap();
        assert_eq!(facts(&receiver), Facts { len: 2, ..Facts::default() });
    }
}

#[test]
fn each_datagram_of_a_batch_tells_its_own_local_address() {
    let receiver = UdpSocket::bind("0.0.0.0:0".parse().unwrap()).unwrap();
    receiver.set_recv_local_address(true).unwrap();
    let port = receiver.local_addr().unwrap().port();
    let (sender, source) = udp_socket();
    let addresses = ["127.0.0.1", "127.0.0.2", "127.0.0.3"].map(|text| text.parse::<IpAddr>().unwrap());
    for address in addresses {
        sender.send_to(b"x", (address, port).into()).unwrap();
        settle();
    }
    let mut batch = RecvBatch::with_capacity(8, 10);
    assert_eq!(retry(|| receiver.recv_batch(&mut batch)).unwrap(), 3);
    let seen: Vec<_> = batch.iter().map(|received| received.local_address().unwrap().address()).collect();
    assert_eq!(seen, addresses);
    assert!(batch.iter().all(|received| received.source() == Some(source)));
}

#[test]
fn a_mark_can_be_asked_for_and_is_none_without_one() {
    for (sender, receiver, destination) in pairs() {
        receiver.set_recv_ecn(true).unwrap();
        assert!(receiver.recv_ecn().unwrap());
        sender.send_to(b"x", destination).unwrap();
        assert_eq!(facts(&receiver), Facts { len: 1, ..Facts::default() });
        // Windows keeps the class of a socket's datagrams to itself; wine does not.
        if destination.is_ipv4() && system::is(Kind::Wine) {
            SockRef::from(&sender).set_tos_v4(Ecn::Ce.bits().into()).unwrap();
            sender.send_to(b"x", destination).unwrap();
            assert_eq!(facts(&receiver).ecn, Some(Ecn::Ce));
        }
        receiver.set_recv_ecn(false).unwrap();
        assert!(!receiver.recv_ecn().unwrap());
    }
}

#[test]
fn the_mark_of_a_transmit_arrives() {
    if is_skipped("windows_datagrams::the_mark_of_a_transmit_arrives") {
        return;
    }
    for (sender, receiver, destination) in pairs() {
        receiver.set_recv_ecn(true).unwrap();
        let mut batch = SendBatch::with_capacity(1);
        for ecn in [Ecn::Ect0, Ecn::Ect1, Ecn::Ce] {
            send_all(&sender, &mut batch, &mut [Transmit::to(destination, b"x").with_ecn(ecn)]);
            assert_eq!(facts(&receiver).ecn, Some(ecn));
        }
        sender.connect(destination).unwrap();
        send_all(&sender, &mut batch, &mut [Transmit::connected(b"x").with_ecn(Ecn::Ect0)]);
        assert_eq!(facts(&receiver).ecn, Some(Ecn::Ect0));
    }
}

#[test]
fn a_mark_of_a_transmit_without_a_destination_needs_a_peer() {
    for (sender, receiver, destination) in pairs() {
        let (mut batch, transmit) =
            (SendBatch::with_capacity(1), Transmit::connected(b"x").with_ecn(Ecn::Ce));
        let error = sender.send_batch(&mut batch, &[transmit]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotConnected, "{error}");
        sender.connect(destination).unwrap();
        send_all(&sender, &mut batch, &mut [transmit]);
        assert_eq!(facts(&receiver).len, 1);
    }
}

#[test]
fn a_transmit_comes_from_the_source_that_it_names() {
    if is_skipped("windows_datagrams::a_transmit_comes_from_the_source_that_it_names") {
        return;
    }
    let source: IpAddr = "127.0.0.7".parse().unwrap();
    let (receiver, destination) = udp_socket();
    let sender = UdpSocket::bind("0.0.0.0:0".parse().unwrap()).unwrap();
    let transmit = Transmit::to(destination, b"x").with_source(source);
    send_all(&sender, &mut SendBatch::with_capacity(1), &mut [transmit]);
    let mut batch = RecvBatch::with_capacity(1, 10);
    retry(|| receiver.recv_batch(&mut batch)).unwrap();
    assert_eq!(batch.get(0).unwrap().source().map(|address| address.ip()), Some(source));
}

#[test]
fn what_no_windows_tells_is_refused_by_its_name() {
    let socket = UdpSocket::bind(any_local_v6()).unwrap();
    for (result, name) in [
        (socket.set_recv_timestamps(true), "SO_TIMESTAMP"),
        (socket.set_recv_offload(true), "UDP_GRO"),
        (socket.set_recv_errors(true), "IP_RECVERR"),
        (socket.set_send_timestamps(true), "SO_TIMESTAMPING"),
    ] {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::Unsupported, "{name}: {error}");
        assert!(error.to_string().contains(name), "{name}: {error}");
    }
    assert_eq!(socket.send_segments_max(), 1);
}
