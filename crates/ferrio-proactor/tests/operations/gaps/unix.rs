//! Messages that fail and leave their Unix socket as it is.

use std::io::{self, Read};
use std::net::Shutdown;
use std::thread;
use std::time::Duration;

use ferrio_poll::Token;
use ferrio_proactor::{Handle, is_cancelled, op};
use socket2::{Domain, SockAddr, Socket, Type};

use crate::gaps::{connection, send};
use crate::harness::system::MESSAGE_TOO_LONG;
use crate::harness::{LARGE, on_each};

/// A message that fails and leaves its connection as it is: one that is connected takes no address.
fn failing(handle: Handle) -> op::SendMsg<Vec<u8>> {
    let address = SockAddr::unix("nowhere").unwrap();
    op::SendMsg::new(handle, vec![b"lost".to_vec()]).to(address)
}

#[test]
fn nothing_is_sent_past_a_send_that_failed_on_a_stream() {
    on_each(|rig| {
        // The one that fails is under way at once, or waits behind another.
        for before in [1, LARGE] {
            let (handle, mut peer) = connection(rig);
            let first = send(rig, handle, &vec![1; before]);
            let lost = rig.proactor.submit(Token(1), failing(handle)).unwrap();
            let behind = send(rig, handle, b"behind");
            let how = Shutdown::Write;
            let shutdown = rig.proactor.submit(Token(3), op::Shutdown { handle, how }).unwrap();
            let now = rig.proactor.send_now(handle, b"now").unwrap_err();
            assert_eq!(now.kind(), io::ErrorKind::WouldBlock, "{}", rig.way);
            let mut bytes = vec![0; before];
            rig.poll(Duration::ZERO);
            let reader = thread::spawn(move || {
                peer.read_exact(&mut bytes).unwrap();
                peer
            });
            assert_eq!(rig.sent(first).unwrap() as usize, before);
            let (result, lost) = rig.done::<op::SendMsg<Vec<u8>>>(lost);
            let error = result.unwrap_err();
            assert!(!is_cancelled(&error), "{}: {error}", rig.way);
            let (result, behind) = rig.done::<op::Send<Vec<u8>>>(behind);
            assert!(is_cancelled(&result.unwrap_err()), "{}", rig.way);
            assert!(is_cancelled(&rig.done::<op::Shutdown>(shutdown).0.unwrap_err()), "{}", rig.way);
            // The program knows now, and may send it all again.
            let again = op::SendMsg::new(handle, lost.into_buffers());
            rig.proactor.submit(Token(1), again).unwrap();
            let last = rig.proactor.submit(Token(2), behind).unwrap();
            assert_eq!(rig.sent(last).unwrap(), 6, "{}", rig.way);
            rig.proactor.close(handle);
            let mut text = String::new();
            reader.join().unwrap().read_to_string(&mut text).unwrap();
            assert_eq!(text, "lostbehind", "{}", rig.way);
        }
    });
}

#[test]
fn a_send_to_many_heeds_and_leaves_gaps() {
    on_each(|rig| {
        let chunk = rig.chunk(b"news");
        let ((torn, _peer), (whole, mut other)) = (connection(rig), connection(rig));
        let lost = rig.proactor.submit(Token(0), failing(torn)).unwrap();
        let all = rig.proactor.send_all(Token(1), [torn, whole], chunk.clone()).unwrap();
        assert!(rig.done::<op::SendMsg<Vec<u8>>>(lost).0.is_err());
        let (sent, all) = rig.done::<op::SendAll>(all);
        assert_eq!(sent.unwrap(), 1, "{}", rig.way);
        let failures: Vec<_> = all.failures().collect();
        assert!(matches!(&failures[..], [(handle, error)] if *handle == torn && is_cancelled(error)));
        let mut text = [0; 4];
        other.read_exact(&mut text).unwrap();
        assert_eq!(&text, b"news", "{}", rig.way);

        drop(other);
        let all = rig.proactor.send_all(Token(1), [whole], chunk).unwrap();
        let behind = send(rig, whole, b"behind");
        assert!(is_cancelled(&rig.sent(behind).unwrap_err()), "{}", rig.way);
        rig.proactor.cancel(all);
        let told = send(rig, whole, b"told");
        assert_eq!(rig.sent(told).unwrap_err().kind(), io::ErrorKind::BrokenPipe, "{}", rig.way);
    });
}

#[test]
fn a_record_is_sent_past_one_that_failed() {
    on_each(|rig| {
        let (ours, peer) = Socket::pair(Domain::UNIX, Type::SEQPACKET, None).unwrap();
        let handle = rig.proactor.attach(ours);
        // Longer than any of them may be.
        let lost = send(rig, handle, &vec![0; LARGE]);
        let next = send(rig, handle, b"next");
        assert_eq!(rig.sent(lost).unwrap_err().raw_os_error(), Some(MESSAGE_TOO_LONG), "{}", rig.way);
        assert_eq!(rig.sent(next).unwrap(), 4, "{}", rig.way);
        let mut text = [0; 8];
        assert_eq!(rustix::io::read(&peer, &mut text).unwrap(), 4);
    });
}
