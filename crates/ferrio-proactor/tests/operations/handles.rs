//! Descriptors: their numbers, stale handles, detaching and closing.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use ferrio_poll::Token;
use ferrio_proactor::{Busy, Reason, is_cancelled, op};

use crate::harness::system::{pair, socket, tcp_of};
use crate::harness::{Came, PATIENCE, Rig, is_at_end, on_each, on_each_setup};

/// How soon a peer sees the end of a connection that is closed.
const SOON: Duration = Duration::from_millis(50);

#[test]
fn a_number_that_is_used_again_gets_no_operation_of_the_one_before() {
    on_each(|rig| {
        let (one, one_peer) = pair();
        one_peer.set_read_timeout(Some(PATIENCE)).unwrap();
        let handle = rig.proactor.attach(one);
        let id = rig.proactor.submit(Token(1), op::Recv::new(handle, Vec::with_capacity(64))).unwrap();
        // The driver was not told of the operation yet. The number stays taken until it was.
        rig.proactor.close(handle);
        let mut others = Vec::new();
        for _ in 0..8 {
            let (mut writer, reader) = pair();
            writer.write_all(b"secret").unwrap();
            others.push((writer, reader));
        }
        let (result, recv) = rig.done::<op::Recv<Vec<u8>>>(id);
        assert!(is_cancelled(&result.unwrap_err()) && recv.buf.is_empty(), "{}: {:?}", rig.way, recv.buf);
        for (_, reader) in &mut others {
            let mut text = [0; 6];
            reader.read_exact(&mut text).unwrap();
            assert_eq!(&text, b"secret");
        }
        // By now it is closed.
        assert!(is_at_end(&one_peer), "{}", rig.way);
    });
}

#[test]
fn a_stale_handle_does_no_harm() {
    on_each(|rig| {
        let (handle, _peer) = rig.connection();
        let fd = rig.proactor.detach(handle).unwrap();
        let (other, mut other_peer) = rig.connection();
        assert_ne!(handle, other);
        assert!(socket(&rig.proactor, handle).is_none() && socket(&rig.proactor, other).is_some());
        let rejected = rig.proactor.submit(Token(0), op::RecvMany { handle }).unwrap_err();
        assert!(matches!(rejected.reason, Reason::Stale), "{rejected}");
        // It says what to do.
        assert!(rejected.to_string().contains("attach a descriptor again"), "{rejected}");
        let error = rig.proactor.send_now(handle, b"stale").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert_eq!(rig.proactor.detach(handle).unwrap_err(), Busy::Stale);
        rig.proactor.close(handle);
        assert_eq!(rig.proactor.send_now(other, b"live").unwrap(), 4);
        let mut text = [0; 4];
        other_peer.read_exact(&mut text).unwrap();
        assert_eq!(&text, b"live");
        assert_eq!(rig.proactor.handles().collect::<Vec<_>>(), [other]);
        drop(fd);
    });
}

#[test]
fn a_descriptor_with_operations_is_not_given_back() {
    on_each(|rig| {
        let (handle, mut peer) = rig.connection();
        let id = rig.proactor.submit(Token(0), op::RecvMany { handle }).unwrap();
        let _second = rig.proactor.submit(Token(0), op::Recv::new(handle, Vec::with_capacity(8))).unwrap();
        assert_eq!(rig.proactor.detach(handle).unwrap_err(), Busy::Operations(2));
        rig.poll(Duration::from_millis(1));
        assert_eq!(rig.proactor.detach(handle).unwrap_err(), Busy::Operations(2));
        rig.proactor.cancel(id);
        rig.proactor.cancel(_second);
        let mut over = 0;
        while over < 2 {
            rig.wait();
            while let Some(completion) = rig.completions.next() {
                over += 1;
                assert!(!completion.more);
            }
        }
        let mut stream = tcp_of(rig.proactor.detach(handle).unwrap());
        // Nothing of it is left in the kernel: what comes now is not taken away.
        assert!(rig.is_silent(), "{}", rig.way);
        stream.set_nonblocking(false).unwrap();
        peer.write_all(b"after").unwrap();
        let mut text = [0; 5];
        stream.read_exact(&mut text).unwrap();
        assert_eq!(&text, b"after");
    });
}

#[test]
fn a_peer_sees_the_end_soon_after_a_close() {
    on_each_setup(|rig| {
        for with_operations in [false, true] {
            // A busy machine may be late now and then.
            let is_soon = (0..20).any(|_| end_after_close(rig, with_operations) < SOON);
            assert!(is_soon, "{}, with operations: {with_operations}", rig.way);
        }
        assert_eq!(rig.proactor.stats().handles, 0);
    });
}

/// How long it takes from a close until the peer sees the end.
fn end_after_close(rig: &mut Rig, with_operations: bool) -> Duration {
    let (handle, peer) = rig.connection();
    if with_operations {
        rig.proactor.submit(Token(0), op::RecvMany { handle }).unwrap();
        rig.poll(Duration::from_millis(1));
    }
    let start = Instant::now();
    rig.proactor.close(handle);
    if with_operations {
        let (_, more, came) = rig.next();
        assert!(matches!(&came, Came::Ended(Err(error)) if is_cancelled(error)), "{came:?}");
        assert!(!more);
    }
    assert!(is_at_end(&peer));
    start.elapsed()
}

#[test]
fn a_close_ends_the_sends_that_wait() {
    on_each(|rig| {
        let (handle, peer) = rig.connection();
        let ids: Vec<_> = (0..4)
            .map(|_| rig.proactor.submit(Token(0), op::Send::new(handle, vec![1; 8 << 20])).unwrap())
            .collect();
        rig.poll(Duration::from_millis(10));
        rig.proactor.close(handle);
        // The first may have sent some; the others were not begun.
        let mut cancelled = 0;
        let mut over = 0;
        while over < ids.len() {
            rig.wait();
            while let Some(completion) = rig.completions.next() {
                over += 1;
                let ferrio_proactor::Kind::Done(mut done) = completion.kind else { panic!("{completion:?}") };
                let (result, send) = done.take::<op::Send<Vec<u8>>>().unwrap();
                assert_eq!(send.buf.len(), 8 << 20);
                match result {
                    Err(error) if is_cancelled(&error) => cancelled += 1,
                    Ok(count) => assert!(count < 8 << 20 && completion.id == ids[0]),
                    Err(error) => panic!("{error}"),
                }
            }
        }
        assert!(cancelled >= 3, "{}: {cancelled}", rig.way);
        assert_eq!(rig.proactor.stats().handles, 0, "{}", rig.way);
        drop(peer);
    });
}

#[test]
fn a_close_in_the_turn_of_a_completion_ends_the_operation_once() {
    on_each_setup(|rig| {
        let (handle, mut peer) = rig.connection();
        let id = rig.proactor.submit(Token(0), op::RecvMany { handle }).unwrap();
        let send = rig.proactor.submit(Token(1), op::Send::new(handle, "out")).unwrap();
        peer.write_all(&[1; 5000]).unwrap();
        rig.wait();
        rig.proactor.close(handle);
        let mut ends = Vec::new();
        while ends.len() < 2 {
            while let Some(completion) = rig.completions.next() {
                if !completion.more {
                    ends.push(completion.id);
                }
            }
            rig.poll(Duration::from_millis(100));
        }
        assert!(ends.contains(&id) && ends.contains(&send), "{}: {ends:?}", rig.way);
        assert!(rig.completions.is_empty() && rig.is_silent(), "{}", rig.way);
        assert!(!rig.proactor.cancel(id));
        assert_eq!(rig.proactor.stats().handles, 0);
    });
}

#[test]
fn a_listener_that_is_closed_accepts_no_more() {
    on_each(|rig| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let handle = rig.proactor.attach(listener);
        rig.proactor.submit(Token(0), op::AcceptMany { handle }).unwrap();
        rig.poll(Duration::from_millis(1));
        rig.proactor.close(handle);
        let (_, more, came) = rig.next();
        assert!(matches!(&came, Came::Ended(Err(error)) if is_cancelled(error)), "{came:?}");
        assert!(!more);
        assert_eq!(TcpStream::connect(address).unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
    });
}
