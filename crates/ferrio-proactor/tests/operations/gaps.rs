//! What comes of operations behind a send that failed.

#[cfg(unix)]
mod unix;

use std::io::{self, Read};
use std::net::UdpSocket;

use ferrio_poll::Token;
use ferrio_proactor::{Handle, Kind, OpId, is_cancelled, op};

use crate::harness::system::{MESSAGE_TOO_LONG, Stream, pair};
use crate::harness::{LARGE, PATIENCE, Rig, on_each};

/// A connection within the machine: the proactor's side, and that of a peer.
fn connection(rig: &mut Rig) -> (Handle, Stream) {
    let (stream, peer) = pair();
    peer.set_read_timeout(Some(PATIENCE)).unwrap();
    (rig.proactor.attach(stream), peer)
}

fn send(rig: &mut Rig, handle: Handle, bytes: &[u8]) -> OpId {
    rig.proactor.submit(Token(0), op::Send::new(handle, bytes.to_vec())).unwrap()
}

#[test]
fn nothing_is_sent_past_a_send_that_its_peer_has_cut() {
    on_each(|rig| {
        let (handle, peer) = connection(rig);
        let first = send(rig, handle, &vec![1; LARGE]);
        let others = [(); 2].map(|()| send(rig, handle, b"behind"));
        assert!(rig.is_silent(), "{}", rig.way);
        drop(peer);
        assert!(rig.sent(first).map_or_else(|error| !is_cancelled(&error), |count| (count as usize) < LARGE));
        for other in others {
            assert!(is_cancelled(&rig.sent(other).unwrap_err()), "{}", rig.way);
        }
        let error = {
            let id = send(rig, handle, b"told");
            rig.sent(id).unwrap_err()
        };
        assert!(!is_cancelled(&error) && is_of_a_lost_peer(&error), "{}: {error}", rig.way);
    });
}

#[test]
fn a_send_without_a_copy_that_is_refused_lets_nothing_past() {
    on_each(|rig| {
        // A ring refuses it of such a socket; without a ring it is a copy.
        let (handle, mut peer) = connection(rig);
        let first = rig.proactor.submit(Token(0), op::SendZc::new(handle, b"first".to_vec())).unwrap();
        let second = send(rig, handle, b" second");
        // The second may be told before the kernel has let go of the first.
        let [mut is_refused, mut is_behind] = [None, None];
        while is_refused.is_none() || is_behind.is_none() {
            rig.wait();
            let completion = rig.completions.next().unwrap();
            let id = completion.id;
            let Kind::Done(mut done) = completion.kind else { panic!("{completion:?}") };
            if id == first {
                is_refused = Some(!done.is_ok());
            } else {
                assert_eq!(id, second);
                let (result, _) = done.take::<op::Send<Vec<u8>>>().unwrap();
                is_behind = Some(result.is_err_and(|error| is_cancelled(&error)));
            }
        }
        assert_eq!(is_refused, is_behind, "{}", rig.way);
        rig.proactor.close(handle);
        let mut text = String::new();
        peer.read_to_string(&mut text).unwrap();
        assert_eq!(text, if is_refused == Some(true) { "" } else { "first second" }, "{}", rig.way);
    });
}

/// Whether an error says that the peer is gone, in the words of one system or another.
fn is_of_a_lost_peer(error: &io::Error) -> bool {
    let kinds = [io::ErrorKind::BrokenPipe, io::ErrorKind::ConnectionAborted, io::ErrorKind::ConnectionReset];
    kinds.contains(&error.kind())
}

#[test]
fn a_datagram_is_sent_past_one_that_failed() {
    on_each(|rig| {
        let (socket, peer) = (UdpSocket::bind("127.0.0.1:0"), UdpSocket::bind("127.0.0.1:0"));
        let (socket, peer) = (socket.unwrap(), peer.unwrap());
        socket.connect(peer.local_addr().unwrap()).unwrap();
        peer.set_read_timeout(Some(PATIENCE)).unwrap();
        let handle = rig.proactor.attach(socket);
        let lost = send(rig, handle, &vec![0; LARGE]);
        let next = send(rig, handle, b"next");
        assert_eq!(rig.sent(lost).unwrap_err().raw_os_error(), Some(MESSAGE_TOO_LONG), "{}", rig.way);
        assert_eq!(rig.sent(next).unwrap(), 4, "{}", rig.way);
        let mut text = [0; 8];
        assert_eq!(peer.recv(&mut text).unwrap(), 4, "{}", rig.way);
    });
}
