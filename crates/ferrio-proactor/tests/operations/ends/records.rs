//! The end of a connection of Unix sockets that keep the boundaries of records.

use std::os::fd::OwnedFd;

use ferrio_poll::Token;
use ferrio_proactor::op;
use socket2::{Domain, Socket, Type};

use crate::harness::{on_each, on_each_setup};

/// A pair of sockets that keep the boundaries of records and have an end.
fn records() -> (OwnedFd, OwnedFd) {
    let (ours, peer) = Socket::pair(Domain::UNIX, Type::SEQPACKET, None).unwrap();
    (ours.into(), peer.into())
}

#[test]
fn a_receiver_of_messages_ends_with_its_connection() {
    on_each(|rig| {
        let (ours, peer) = records();
        let handle = rig.proactor.attach(ours);
        rig.proactor.submit(Token(0), op::RecvMsgMany::new(handle)).unwrap();
        rustix::io::write(&peer, b"record").unwrap();
        assert_eq!(rig.next_datagram().expect("a record").data(), b"record");
        drop(peer);
        assert!(rig.next_datagram().is_none());
        assert!(rig.is_silent());
    });
}

#[test]
fn a_receiver_of_messages_hears_an_end_behind_the_last_data() {
    on_each_setup(|rig| {
        // A stream has more than a turn receives.
        for (kind, len) in [(Type::SEQPACKET, 3000), (Type::STREAM, 3), (Type::STREAM, 150_000)] {
            for is_first in [false, true] {
                let (ours, peer) = Socket::pair(Domain::UNIX, kind, None).unwrap();
                let handle = rig.proactor.attach(ours);
                if is_first {
                    rig.proactor.submit(Token(0), op::RecvMsgMany::new(handle)).unwrap();
                    assert!(rig.is_silent());
                }
                assert_eq!(rustix::io::write(&peer, &vec![7; len]).unwrap(), len);
                drop(peer);
                if !is_first {
                    rig.proactor.submit(Token(0), op::RecvMsgMany::new(handle)).unwrap();
                }
                let mut received = 0;
                while let Some(datagram) = rig.next_datagram() {
                    received += datagram.data().len();
                }
                assert_eq!(received, len, "{}: {kind:?}", rig.way);
            }
        }
    });
}
