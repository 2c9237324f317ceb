//! What the kernel may still use is kept, and nothing else is.
#![allow(unsafe_code, reason = "a buffer of the test's own marks when it is dropped")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ferrio_poll::Token;
use ferrio_proactor::{Config, Kind, Reason, StableBuf, StableBufMut, is_cancelled, op};

use crate::harness::system::{open_connections, pair};
use crate::harness::{Came, LARGE, PATIENCE, Rig, is_at_end, on_each, on_each_setup, on_each_with};

/// A buffer that counts its drops. What it held is overwritten then: if the kernel still sends
/// it, the peer sees that.
struct Marked {
    bytes: Vec<u8>,
    drops: Arc<AtomicUsize>,
}

impl Drop for Marked {
    fn drop(&mut self) {
        self.bytes.fill(b'!');
        self.drops.fetch_add(1, Ordering::SeqCst);
    }
}

// SAFETY: the bytes lie on the heap, and are not touched while the value is only moved.
unsafe impl StableBuf for Marked {
    fn raw(&self) -> (*const u8, usize) {
        self.bytes.raw()
    }
}

// SAFETY: as above; the vector owns its spare capacity.
unsafe impl StableBufMut for Marked {
    fn spare(&mut self) -> (*mut u8, usize) {
        self.bytes.spare()
    }

    unsafe fn advance(&mut self, count: usize) {
        // SAFETY: the caller's promise.
        unsafe { self.bytes.advance(count) };
    }
}

/// A send that does not end, and a receive: both in flight.
fn in_flight(rig: &mut Rig) -> (ferrio_proactor::Handle, TcpStream, Arc<AtomicUsize>) {
    let (handle, peer) = rig.connection();
    let drops = Arc::new(AtomicUsize::new(0));
    let send = Marked { bytes: vec![b'.'; LARGE], drops: Arc::clone(&drops) };
    let recv = Marked { bytes: Vec::with_capacity(1000), drops: Arc::clone(&drops) };
    rig.proactor.submit(Token(1), op::Send::new(handle, send)).unwrap();
    rig.proactor.submit(Token(2), op::Recv::new(handle, recv)).unwrap();
    rig.poll(Duration::from_millis(5));
    assert!(rig.completions.is_empty());
    assert_eq!(drops.load(Ordering::SeqCst), 0);
    (handle, peer, drops)
}

/// Reads what a peer was sent before the end: nothing of a buffer that was dropped.
fn see_no_dropped_bytes(mut peer: TcpStream) {
    let mut bytes = Vec::new();
    // A connection with data that was not received is reset.
    let _ = peer.read_to_end(&mut bytes);
    assert!(bytes.iter().all(|byte| *byte == b'.'), "bytes of a buffer that was dropped");
}

#[test]
fn a_buffer_lives_until_its_operation_is_over() {
    on_each(|rig| {
        for is_close in [false, true] {
            let (handle, peer, drops) = in_flight(rig);
            if is_close {
                rig.proactor.close(handle);
            } else {
                for token in [1, 2] {
                    rig.proactor.remote().unwrap().cancel_token(Token(token)).unwrap();
                }
            }
            assert_eq!(drops.load(Ordering::SeqCst), 0, "{}", rig.way);
            let mut over = 0;
            while over < 2 {
                rig.wait();
                while let Some(completion) = rig.completions.next() {
                    let before = drops.load(Ordering::SeqCst);
                    drop(completion);
                    over += 1;
                    assert_eq!((before, drops.load(Ordering::SeqCst)), (over - 1, over), "{}", rig.way);
                }
            }
            if !is_close {
                rig.proactor.close(handle);
            }
            see_no_dropped_bytes(peer);
        }
    });
}

#[test]
fn a_drop_and_a_shutdown_wait_for_the_kernel() {
    on_each(|rig| {
        for is_shutdown in [false, true] {
            let mut own = Rig::open(rig.way, Config::default()).unwrap();
            let (_, peer, drops) = in_flight(&mut own);
            let start = Instant::now();
            if is_shutdown {
                let drained = own.proactor.shutdown(Duration::ZERO);
                // What is left is leaked, and then nothing of it is dropped.
                assert!(drops.load(Ordering::SeqCst) + drained.left as usize >= 2, "{}", rig.way);
                if drained.left == 0 {
                    see_no_dropped_bytes(peer);
                }
            } else {
                drop(own);
                assert_eq!(drops.load(Ordering::SeqCst), 2, "{}", rig.way);
                see_no_dropped_bytes(peer);
            }
            assert!(start.elapsed() < PATIENCE);
        }
    });
}

#[test]
fn a_completion_that_is_not_taken_frees_its_buffer() {
    on_each(|rig| {
        let (handle, _peer) = rig.connection();
        let drops = Arc::new(AtomicUsize::new(0));
        let send = Marked { bytes: vec![b'.'; 10], drops: Arc::clone(&drops) };
        rig.proactor.submit(Token(1), op::Send::new(handle, send)).unwrap();
        rig.wait();
        assert_eq!(drops.load(Ordering::SeqCst), 0);
        rig.poll(Duration::ZERO);
        assert_eq!(drops.load(Ordering::SeqCst), 1, "{}", rig.way);
    });
}

#[test]
fn a_rejected_operation_is_given_back_with_its_buffer() {
    let config = Config { operations: 2, ..Config::default() };
    on_each_with(config, |rig| {
        let (handle, _peer) = rig.connection();
        let drops = Arc::new(AtomicUsize::new(0));
        let buf = |text: &[u8]| Marked { bytes: text.to_vec(), drops: Arc::clone(&drops) };
        for _ in 0..2 {
            rig.proactor.submit(Token(0), op::Recv::new(handle, Vec::with_capacity(1))).unwrap();
        }
        let rejected = rig.proactor.submit(Token(0), op::Send::new(handle, buf(b"full"))).err().unwrap();
        assert!(matches!(rejected.reason, Reason::Full), "{rejected}");
        assert_eq!(rejected.operation.buf.bytes, b"full");
        rig.proactor.close(handle);
        let rejected = rig.proactor.submit(Token(0), op::Send::new(handle, buf(b"stale"))).err().unwrap();
        assert!(matches!(rejected.reason, Reason::Stale), "{rejected}");
        assert_eq!(
            (rejected.operation.buf.bytes.as_slice(), drops.load(Ordering::SeqCst)),
            (&b"stale"[..], 0)
        );
        // The completions make room again.
        let mut over = 0;
        while over < 2 {
            rig.wait();
            while rig.completions.next().is_some() {
                over += 1;
            }
        }
        let (handle, _peer) = rig.connection();
        let id = rig.proactor.submit(Token(0), op::Send::new(handle, buf(b"room"))).unwrap();
        assert_eq!(rig.done::<op::Send<Marked>>(id).0.unwrap(), 4);
    });
}

#[test]
fn an_operation_is_taken_as_what_it_is_or_stays() {
    on_each(|rig| {
        let (handle, _peer) = rig.connection();
        rig.proactor.submit(Token(0), op::Send::new(handle, b"bytes".to_vec())).unwrap();
        rig.wait();
        let Kind::Done(mut done) = rig.completions.next().unwrap().kind else { panic!("not done") };
        assert!(done.is_ok());
        assert!(done.take::<op::Send<String>>().is_none(), "of the same size");
        assert!(done.take::<op::Recv<Vec<u8>>>().is_none());
        let (result, send) = done.take::<op::Send<Vec<u8>>>().unwrap();
        assert_eq!((result.unwrap(), &*send.buf), (5, &b"bytes"[..]));
        assert!(done.take::<op::Send<Vec<u8>>>().is_none(), "twice");
    });
}

#[test]
fn a_chunk_outlives_its_proactor() {
    on_each(|rig| {
        let mut own = Rig::open(rig.way, Config::default()).unwrap();
        let (handle, mut peer) = own.connection();
        own.proactor.submit(Token(0), op::RecvMany { handle }).unwrap();
        peer.write_all(b"kept").unwrap();
        own.wait();
        let Kind::Received(chunk) = own.completions.next().unwrap().kind else { panic!("no data") };
        drop(own);
        assert_eq!(&*chunk, b"kept");
        std::thread::spawn(move || drop(chunk)).join().unwrap();
    });
}

#[test]
fn connections_that_nobody_takes_are_closed() {
    on_each(|rig| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let handle = rig.proactor.attach(listener);
        rig.proactor.submit(Token(0), op::AcceptMany { handle }).unwrap();
        let peers: Vec<_> = (0..10).map(|_| TcpStream::connect(address).unwrap()).collect();
        let mut came = 0;
        while came < peers.len() {
            rig.wait();
            // Not taken: the next wait drops them.
            came += rig.completions.len();
            rig.completions.clear();
        }
        assert_eq!(open_connections(address.port()).unwrap_or(0), 0, "{}", rig.way);
        for peer in peers {
            assert!(is_at_end(&peer));
        }
    });
}

#[test]
fn a_connection_that_comes_with_the_cancel_is_taken_or_closed() {
    on_each_setup(|rig| {
        for round in 0..20 {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            let handle = rig.proactor.attach(listener);
            let id = if round % 2 == 0 {
                rig.proactor.submit(Token(0), op::Accept { handle }).unwrap()
            } else {
                rig.proactor.submit(Token(0), op::AcceptMany { handle }).unwrap()
            };
            rig.poll(Duration::from_millis(1));
            let _peer = TcpStream::connect(address).unwrap();
            rig.proactor.cancel(id);
            let mut more = true;
            while more {
                let (_, follows, came) = rig.next();
                match came {
                    Came::Accepted(_) => {}
                    Came::Ended(Err(error)) if is_cancelled(&error) => {}
                    came => panic!("{came:?}"),
                }
                more = follows;
            }
            assert_eq!(open_connections(address.port()).unwrap_or(0), 0, "{}, round {round}", rig.way);
            rig.proactor.close(handle);
        }
    });
}

#[test]
fn a_proactor_that_ends_closes_the_connections_that_were_not_delivered() {
    on_each(|rig| {
        let mut own = Rig::open(rig.way, Config::default()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let handle = own.proactor.attach(listener);
        own.proactor.submit(Token(0), op::AcceptMany { handle }).unwrap();
        own.poll(Duration::from_millis(1));
        let peers: Vec<_> = (0..5).map(|_| TcpStream::connect(address).unwrap()).collect();
        let start = Instant::now();
        assert_eq!(own.proactor.shutdown(Duration::from_secs(5)).left, 0);
        drop(own.completions);
        assert_eq!(open_connections(address.port()).unwrap_or(0), 0, "{}", rig.way);
        for mut peer in peers {
            // The end, or a reset of one that was still in the backlog.
            let _ = peer.read(&mut [0]);
        }
        assert!(start.elapsed() < Duration::from_secs(5), "{}: a file is held", rig.way);
    });
}

#[test]
fn the_end_of_a_proactor_is_seen_by_its_peers_at_once() {
    on_each(|rig| {
        // A busy machine may be late now and then.
        let is_seen = (0..20).any(|_| {
            let mut own = Rig::open(rig.way, Config::default()).unwrap();
            let (stream, mut peer) = pair();
            let handle = own.proactor.attach(stream);
            own.proactor.submit(Token(0), op::RecvMany { handle }).unwrap();
            own.poll(Duration::from_millis(1));
            drop(own);
            peer.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
            peer.read_to_end(&mut Vec::new()).is_ok_and(|count| count == 0)
        });
        assert!(is_seen, "{}", rig.way);
    });
}
