//! What is an end, and what only looks like one.

#[cfg(unix)]
mod records;

use std::net::{Shutdown, UdpSocket};

use ferrio_poll::Token;
use ferrio_proactor::{Kind, op};

use crate::harness::system::pair;
use crate::harness::{Came, on_each};

#[test]
fn an_empty_datagram_ends_no_receiver() {
    on_each(|rig| {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
        peer.connect(socket.local_addr().unwrap()).unwrap();
        let handle = rig.proactor.attach(socket);
        let id = rig.proactor.submit(Token(0), op::RecvMany { handle }).unwrap();
        for text in [&b""[..], b"a", b"", b"b"] {
            peer.send(text).unwrap();
        }
        for expected in [b"a", b"b"] {
            let (_, more, came) = rig.next();
            assert!(more && matches!(&came, Came::Received(data) if data == expected), "{came:?}");
        }
        assert!(rig.proactor.cancel(id));
        let (_, more, came) = rig.next();
        assert!(!more && matches!(came, Came::Ended(Err(_))), "{came:?}");
    });
}

// Others have no bit for it.
#[cfg(all(target_os = "linux", not(ferrio_fake_kqueue)))]
#[test]
fn a_poll_for_urgent_data_ends_when_the_other_side_ends_its_sending() {
    on_each(|rig| {
        let (handle, peer) = rig.connection();
        let operation = op::PollFd { handle, interest: ferrio_poll::Interest::PRIORITY };
        let id = rig.proactor.submit(Token(0), operation).unwrap();
        assert!(rig.is_silent());
        peer.shutdown(Shutdown::Write).unwrap();
        let (result, _) = rig.done::<op::PollFd>(id);
        assert_ne!(result.unwrap() & libc::POLLRDHUP as u32, 0);
    });
}

#[test]
fn a_stream_that_was_shut_down_for_reading_ends() {
    on_each(|rig| {
        let (ours, _peer) = pair();
        let handle = rig.proactor.attach(ours);
        rig.proactor.submit(Token(0), op::RecvMany { handle }).unwrap();
        assert!(rig.is_silent());
        rig.proactor.submit(Token(1), op::Shutdown { handle, how: Shutdown::Read }).unwrap();
        let mut ended = false;
        while !ended {
            rig.wait();
            let completion = rig.completions.next().unwrap();
            ended = completion.token == Token(0) && matches!(completion.kind, Kind::Ended(Ok(())));
        }
    });
}
