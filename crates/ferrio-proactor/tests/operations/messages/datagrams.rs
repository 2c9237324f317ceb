//! Datagrams into buffers of the pool.

use std::net::{IpAddr, Ipv4Addr, UdpSocket};

use ferrio_poll::{Token, net};
use ferrio_proactor::{Config, Rejected, is_cancelled, op};

use crate::harness::skips::is_skipped;
use crate::harness::system::MESSAGE_TOO_LONG;
use crate::harness::{Rig, on_each, on_each_with};

/// What is looked at of a datagram.
#[derive(Debug, Eq, PartialEq)]
struct Seen {
    data: Vec<u8>,
    source: u16,
    is_truncated: bool,
    local: Option<IpAddr>,
    is_control_truncated: bool,
}

/// The next datagram of an operation that goes on.
fn next(rig: &mut Rig) -> Seen {
    let datagram = rig.next_datagram().expect("a datagram");
    Seen {
        source: datagram.source().expect("a sender").port(),
        is_truncated: datagram.is_truncated(),
        local: datagram.control().local_address().map(|local| local.address()),
        is_control_truncated: datagram.is_control_truncated(),
        data: datagram.into_data().to_vec(),
    }
}

fn socket() -> (UdpSocket, u16) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    (socket, port)
}

#[test]
fn each_has_its_sender_and_an_empty_one_is_no_end() {
    on_each(|rig| {
        let (ours, port) = socket();
        let ((first, first_port), (second, second_port)) = (socket(), socket());
        let handle = rig.proactor.attach(ours);
        let id = rig.proactor.submit(Token(0), op::RecvMsgMany::new(handle)).unwrap();
        assert!(rig.is_silent());
        let sent = [(&first, &b"one"[..]), (&second, b""), (&second, b"two"), (&first, b""), (&first, b"3")];
        for (socket, data) in sent {
            socket.send_to(data, ("127.0.0.1", port)).unwrap();
            let seen = next(rig);
            let source = if std::ptr::eq(socket, &raw const first) { first_port } else { second_port };
            assert_eq!((&*seen.data, seen.source, seen.is_truncated), (data, source, false), "{}", rig.way);
        }
        // Many that wait, of which every third is empty.
        for number in 0..90_u8 {
            let data = [number; 1];
            let data = if number % 3 == 0 { &[][..] } else { &data };
            first.send_to(data, ("127.0.0.1", port)).unwrap();
        }
        for number in 0..90_u8 {
            let seen = next(rig);
            assert_eq!(seen.data, if number % 3 == 0 { vec![] } else { vec![number] }, "{}", rig.way);
        }
        assert!(rig.proactor.cancel(id));
        let (_, more, came) = rig.next();
        assert!(!more, "{came:?}");
        assert!(matches!(came, crate::harness::Came::Ended(Err(error)) if is_cancelled(&error)));
    });
}

#[test]
fn what_is_longer_than_a_buffer_is_cut_and_says_so() {
    on_each_with(Config { buffer_len: 256, ..Config::default() }, |rig| {
        let ((ours, port), (peer, _)) = (socket(), socket());
        let handle = rig.proactor.attach(ours);
        rig.proactor.submit(Token(0), op::RecvMsgMany::new(handle)).unwrap();
        // A buffer of 256 bytes less 144.
        for (len, room) in [(112, 112), (113, 112), (1000, 112), (5, 5)] {
            peer.send_to(&vec![9; len], ("127.0.0.1", port)).unwrap();
            let seen = next(rig);
            assert_eq!((seen.data.len(), seen.is_truncated), (room, room < len), "{}: {len}", rig.way);
        }
    });
}

#[test]
fn control_data_comes_along_as_far_as_there_is_room() {
    if is_skipped("messages::datagrams::control_data_comes_along_as_far_as_there_is_room") {
        return;
    }
    on_each(|rig| {
        for (room, is_cut) in [(64, false), (8, true)] {
            let ours = net::UdpSocket::bind("127.0.0.1:0".parse().unwrap()).unwrap();
            ours.set_recv_local_address(true).unwrap();
            let (port, (peer, _)) = (ours.local_addr().unwrap().port(), socket());
            let handle = rig.proactor.attach(ours);
            let id = rig.proactor.submit(Token(0), op::RecvMsgMany::new(handle).control_room(room)).unwrap();
            peer.send_to(b"data", ("127.0.0.1", port)).unwrap();
            let seen = next(rig);
            assert_eq!((&*seen.data, seen.is_control_truncated), (&b"data"[..], is_cut), "{}", rig.way);
            let expected = (!is_cut).then_some(Ipv4Addr::LOCALHOST.into());
            assert_eq!(seen.local, expected, "{}", rig.way);
            rig.proactor.cancel(id);
            assert!(!rig.next().1);
            rig.proactor.close(handle);
        }
    });
}

#[test]
fn buffers_that_are_too_short_are_refused_with_what_is_needed() {
    on_each_with(Config { buffer_len: 256, ..Config::default() }, |rig| {
        let handle = rig.proactor.attach(socket().0);
        let many = || op::RecvMsgMany::new(handle).control_room(112);
        let rejected: Rejected<_> = rig.proactor.submit(Token(0), many()).unwrap_err();
        assert!(rejected.to_string().contains("257"), "{rejected}");
        assert!(rejected.to_string().contains("Config::buffer_len"), "{rejected}");
        assert_eq!(std::io::Error::from(rejected).kind(), std::io::ErrorKind::InvalidInput);

        rig.proactor.remote().unwrap().submit(Token(8), many()).unwrap();
        let (token, more, came) = rig.next();
        let crate::harness::Came::Ended(Err(error)) = came else { panic!("{came:?}") };
        assert_eq!((token, more, error.raw_os_error()), (Token(8), false, Some(MESSAGE_TOO_LONG)));
        // One byte is room.
        assert!(rig.proactor.submit(Token(0), op::RecvMsgMany::new(handle).control_room(111)).is_ok());
    });
}
