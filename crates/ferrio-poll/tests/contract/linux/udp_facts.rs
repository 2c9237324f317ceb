//! What a Unix tells of datagrams beside their bytes, and what Linux does with many in one.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, SystemTime};

use mio::net::UdpSocket;
use mio::net::udp::{Ecn, RecvBatch, SendBatch, Transmit};
use socket2::SockRef;

use crate::beyond::udp_batches::{receive, send_all};
use crate::harness::retry;
use crate::harness::unix::set_option;
use crate::net_harness::{any_local_v6, settle, udp_socket};

/// Sends datagrams without a checksum. The bindings for Android lack it.
const SO_NO_CHECK: i32 = 11;

/// The facts of one datagram.
#[derive(Debug)]
struct Facts {
    local: Option<IpAddr>,
    interface: Option<u32>,
    ecn: Option<Ecn>,
    ttl: Option<u8>,
    timestamp: Option<SystemTime>,
}

/// Receives one datagram.
fn facts(socket: &UdpSocket) -> Facts {
    let mut batch = RecvBatch::with_capacity(4, 100);
    assert_eq!(retry(|| socket.recv_batch(&mut batch)).unwrap(), 1);
    let received = batch.get(0).unwrap();
    assert!(!received.is_truncated());
    Facts {
        local: received.local_address().map(|local| local.address()),
        interface: received.local_address().and_then(|local| local.interface()),
        ecn: received.ecn(),
        ttl: received.ttl(),
        timestamp: received.timestamp(),
    }
}

#[test]
fn a_datagram_tells_what_the_socket_was_asked_for() {
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let address: SocketAddr = address.parse().unwrap();
        let receiver = UdpSocket::bind(address).unwrap();
        let sender = UdpSocket::bind(address).unwrap();
        receiver.set_recv_local_address(true).unwrap();
        receiver.set_recv_ecn(true).unwrap();
        receiver.set_recv_ttl(true).unwrap();
        receiver.set_recv_timestamps(true).unwrap();
        for answer in [receiver.recv_local_address(), receiver.recv_ecn(), receiver.recv_ttl()] {
            assert!(answer.unwrap());
        }
        if address.is_ipv4() {
            sender.set_ttl(42).unwrap();
        } else {
            SockRef::from(&sender).set_unicast_hops_v6(42).unwrap();
        }
        settle();
        let destination = receiver.local_addr().unwrap();
        for ecn in [Some(Ecn::Ect0), Some(Ecn::Ect1), Some(Ecn::Ce), None] {
            let transmit = Transmit::to(destination, b"x");
            let transmit = ecn.map_or(transmit, |ecn| transmit.with_ecn(ecn));
            send_all(&sender, &mut SendBatch::with_capacity(1), &mut [transmit]);
            let facts = facts(&receiver);
            assert_eq!(facts.local, Some(destination.ip()));
            assert_ne!(facts.interface, Some(0));
            assert!(facts.interface.is_some());
            assert_eq!(facts.ecn, ecn);
            assert_eq!(facts.ttl, Some(42));
            let age = facts.timestamp.map(|time| SystemTime::now().duration_since(time).unwrap_or_default());
            assert_eq!(age.map(|age| age < Duration::from_secs(5)), Some(true));
        }
        for end in [
            UdpSocket::set_recv_local_address,
            UdpSocket::set_recv_ecn,
            UdpSocket::set_recv_ttl,
            UdpSocket::set_recv_timestamps,
        ] {
            let _ = end(&receiver, false);
        }
        sender.send_to(b"x", destination).unwrap();
        let facts = facts(&receiver);
        assert!(facts.local.is_none() && facts.ecn.is_none(), "{facts:?}");
        assert!(facts.ttl.is_none() && facts.timestamp.is_none(), "{facts:?}");
    }
}

#[test]
fn an_ipv6_socket_tells_of_ipv4_traffic_too() {
    let socket = socket2::Socket::new(socket2::Domain::IPV6, socket2::Type::DGRAM, None).unwrap();
    socket.set_only_v6(false).unwrap();
    socket.set_nonblocking(true).unwrap();
    socket.bind(&"[::]:0".parse::<SocketAddr>().unwrap().into()).unwrap();
    let receiver = UdpSocket::from_std(socket.into());
    receiver.set_recv_ecn(true).unwrap();
    receiver.set_recv_local_address(true).unwrap();
    let (sender, source) = udp_socket();
    let destination = (Ipv4Addr::LOCALHOST, receiver.local_addr().unwrap().port()).into();
    let transmit = Transmit::to(destination, b"x").with_ecn(Ecn::Ce);
    send_all(&sender, &mut SendBatch::with_capacity(1), &mut [transmit]);
    let mut batch = RecvBatch::with_capacity(1, 10);
    retry(|| receiver.recv_batch(&mut batch)).unwrap();
    let received = batch.get(0).unwrap();
    let far = received.source().unwrap();
    assert_eq!(far.ip().to_canonical(), source.ip());
    assert_eq!(received.ecn(), Some(Ecn::Ce));
    let local = received.local_address().unwrap().address();
    assert_eq!(local, IpAddr::from(Ipv4Addr::LOCALHOST.to_ipv6_mapped()));
    // An answer goes out by the address that was asked.
    let answer = Transmit::to(far, b"y").with_source(local).with_ecn(Ecn::Ect1);
    send_all(&receiver, &mut SendBatch::with_capacity(1), &mut [answer]);
    let mut buf = [0; 8];
    assert_eq!(retry(|| sender.recv_from(&mut buf)).unwrap(), (1, destination));
}

#[test]
fn a_connected_socket_marks_its_datagrams_and_a_source_is_kept() {
    let address: SocketAddr = "127.0.0.7:0".parse().unwrap();
    let (receiver, destination) = udp_socket();
    receiver.set_recv_ecn(true).unwrap();
    let sender = UdpSocket::bind("0.0.0.0:0".parse().unwrap()).unwrap();
    let transmit = Transmit::to(destination, b"x").with_source(address.ip());
    send_all(&sender, &mut SendBatch::with_capacity(1), &mut [transmit]);
    let received = receive(&receiver, &mut RecvBatch::with_capacity(1, 10), 1);
    assert_eq!(received[0].1.ip(), address.ip());
    sender.connect(destination).unwrap();
    let transmit = Transmit::connected(b"x").with_ecn(Ecn::Ect0);
    send_all(&sender, &mut SendBatch::with_capacity(1), &mut [transmit]);
    assert_eq!(facts(&receiver).ecn, Some(Ecn::Ect0));
    let sender = UdpSocket::bind(any_local_v6()).unwrap();
    let receiver = UdpSocket::bind(any_local_v6()).unwrap();
    receiver.set_recv_ecn(true).unwrap();
    sender.connect(receiver.local_addr().unwrap()).unwrap();
    send_all(&sender, &mut SendBatch::with_capacity(1), &mut [transmit]);
    assert_eq!(facts(&receiver).ecn, Some(Ecn::Ect0));
}

#[test]
fn joined_datagrams_are_told_apart() {
    let ((sender, source), (receiver, destination)) = (udp_socket(), udp_socket());
    receiver.set_recv_offload(true).unwrap();
    assert!(receiver.recv_offload().unwrap());
    let contents: Vec<u8> = (0..30_500_u32).map(|n| (n / 100) as u8).collect();
    let transmits = &mut [
        Transmit::to(destination, &contents).with_segment_size(1000),
        Transmit::to(destination, b""),
        Transmit::to(destination, b"one"),
    ];
    let (mut out, mut batch) = (SendBatch::with_capacity(8), RecvBatch::with_capacity(8, 65_535));
    send_all(&sender, &mut out, transmits);
    settle();
    let messages = retry(|| receiver.recv_batch(&mut batch)).unwrap();
    // By the loopback device nothing is divided at all.
    assert_eq!(messages, 3);
    assert_eq!(batch.get(0).unwrap().segments().len(), 31);
    let received: Vec<_> = batch.iter().flat_map(|received| received.segments()).collect();
    let expected: Vec<_> = contents.chunks(1000).chain([&b""[..], b"one"]).collect();
    assert_eq!(received, expected);
    assert!(batch.iter().all(|received| received.source() == Some(source) && !received.is_truncated()));
    assert_eq!(out.segments_max(), Some(64));
    // Joined ones that find no room are cut, and say so.
    let mut batch = RecvBatch::with_capacity(1, 2500);
    send_all(&sender, &mut out, &mut [Transmit::to(destination, &contents).with_segment_size(1000)]);
    retry(|| receiver.recv_batch(&mut batch)).unwrap();
    let received = batch.get(0).unwrap();
    assert!(received.is_truncated());
    assert_eq!(received.segments().map(<[u8]>::len).collect::<Vec<_>>(), [1000, 1000, 500]);
}

/// Has the kernel refuse to divide messages of `socket`, by leaving out their checksums.
fn refuse_division(socket: &UdpSocket, on: bool) {
    set_option(socket, libc::SOL_SOCKET, SO_NO_CHECK, i32::from(on));
}

#[test]
fn a_division_that_is_refused_in_midstream_loses_and_doubles_nothing() {
    let ((sender, _), (receiver, destination)) = (udp_socket(), udp_socket());
    let (mut out, mut batch) = (SendBatch::with_capacity(4), RecvBatch::with_capacity(64, 200));
    let mut expected: Vec<Vec<u8>> = Vec::new();
    let mut seen = Vec::new();
    for round in 0..6_u8 {
        if round == 2 {
            refuse_division(&sender, true);
        }
        let contents: Vec<u8> = (0..1950_u32).map(|n| (n / 100) as u8 ^ round).collect();
        let single = [round; 150];
        // The refused one is not the first of its call.
        let mut transmits = [
            Transmit::to(destination, &single),
            Transmit::to(destination, &contents).with_segment_size(100),
            Transmit::to(destination, &single),
        ];
        expected.push(single.to_vec());
        expected.extend(contents.chunks(100).map(<[u8]>::to_vec));
        expected.push(single.to_vec());
        send_all(&sender, &mut out, &mut transmits);
        seen.extend(receive(&receiver, &mut batch, 22).into_iter().map(|(bytes, _)| bytes));
        // The kernel says so of each message, and not that there is no use in asking.
        assert_eq!(out.segments_max(), Some(sender.send_segments_max()));
    }
    assert_eq!(seen, expected);
}

#[test]
fn a_transmit_that_cannot_be_divided_ends_the_division_of_no_other() {
    let bind = || UdpSocket::bind(any_local_v6()).unwrap();
    let (sender, receiver) = (bind(), bind());
    let destination = receiver.local_addr().unwrap();
    receiver.set_recv_offload(true).unwrap();
    // No packet is longer; a single datagram may be of several packets.
    set_option(&sender, libc::IPPROTO_IPV6, libc::IPV6_MTU, 1300);
    let (long, short) = ([1; 4500], [2; 3000]);
    let transmits = [
        Transmit::to(destination, &short).with_segment_size(1000),
        Transmit::to(destination, &long).with_segment_size(1500),
        Transmit::to(destination, &short).with_segment_size(1000),
    ];
    let (mut out, mut batch) = (SendBatch::with_capacity(8), RecvBatch::with_capacity(8, 65_535));
    for _ in 0..3 {
        send_all(&sender, &mut out, &mut { transmits });
        settle();
        let mut seen = Vec::new();
        while seen.iter().map(|(_, segments)| segments).sum::<usize>() < 9 {
            retry(|| receiver.recv_batch(&mut batch)).unwrap();
            seen.extend(batch.iter().map(|received| (received.bytes().len(), received.segments().len())));
        }
        // What could not be divided came singly, and the others in one piece.
        assert_eq!(seen, [(3000, 3), (1500, 1), (1500, 1), (1500, 1), (3000, 3)]);
        assert_eq!(out.segments_max(), Some(sender.send_segments_max()));
    }
}

#[test]
fn an_error_that_is_no_refusal_to_divide_is_the_callers() {
    let ((sender, _), (_receiver, destination)) = (udp_socket(), udp_socket());
    let contents = vec![0; 140_000];
    let mut out = SendBatch::with_capacity(4);
    // No datagram is so long, in one piece or singly.
    let transmit = Transmit::to(destination, &contents).with_segment_size(70_000);
    assert!(sender.send_batch(&mut out, &[transmit]).is_err());
    assert_eq!(out.segments_max(), Some(sender.send_segments_max()));
}
