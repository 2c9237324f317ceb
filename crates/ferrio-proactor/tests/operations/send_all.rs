//! One buffer to many, over sockets of each kind.

use std::io::{self, Read, Write};
use std::net::{Shutdown, UdpSocket};
use std::panic::{self, AssertUnwindSafe};
use std::thread;
use std::time::{Duration, Instant};

use ferrio_poll::Token;
use ferrio_proactor::{Completions, Handle, Kind, is_cancelled, op};
use socket2::SockRef;

use crate::harness::skips::is_skipped;
use crate::harness::system::{SHUT_DOWN, socket};
use crate::harness::{LARGE, PATIENCE, Rig, on_each, read_all};

/// A socket of the proactor that is connected to another.
fn connected(rig: &mut Rig) -> (Handle, UdpSocket) {
    let (near, far) = (UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
    near.connect(far.local_addr().unwrap()).unwrap();
    far.set_read_timeout(Some(PATIENCE)).unwrap();
    (rig.proactor.attach(near), far)
}

#[test]
fn one_buffer_goes_to_many_and_failures_are_listed() {
    on_each(|rig| {
        let chunk = rig.chunk(b"news");
        let mut peers = Vec::new();
        let mut handles: Vec<Handle> = Vec::new();
        for _ in 0..5 {
            let (handle, peer) = rig.connection();
            handles.push(handle);
            peers.push(peer);
        }
        let stale = handles[1];
        drop(rig.proactor.detach(stale).unwrap());
        // A socket that sends no more.
        let broken = handles[3];
        SockRef::from(&socket(&rig.proactor, broken).unwrap()).shutdown(Shutdown::Write).unwrap();
        let id = rig.proactor.send_all(Token(4), handles.clone(), chunk).unwrap();
        let (result, all) = rig.done::<op::SendAll>(id);
        assert_eq!(result.unwrap(), 3, "{}", rig.way);
        let mut failures: Vec<_> = all.failures().collect();
        failures.sort_by_key(|(handle, _)| *handle == broken);
        let [(first, not_found), (second, pipe)] = &failures[..] else { panic!("{failures:?}") };
        assert_eq!((*first, not_found.kind()), (stale, io::ErrorKind::NotFound));
        assert_eq!((*second, pipe.raw_os_error()), (broken, Some(SHUT_DOWN)), "{pipe}");
        assert_eq!(&**all.chunk(), b"news");
        for n in [0, 2, 4] {
            let mut text = [0; 4];
            peers[n].read_exact(&mut text).unwrap();
            assert_eq!(&text, b"news");
        }
    });
}

#[test]
fn what_a_full_socket_took_of_a_buffer_is_not_sent_twice() {
    on_each(|rig| {
        // The kernel takes a part of the piece with which a socket becomes full.
        let text: Vec<u8> = (0..3001_u32).map(|n| n as u8).collect();
        let chunk = rig.chunk(&text);
        let (handle, peer) = rig.connection();
        let ids: Vec<_> =
            (0..2000).map(|_| rig.proactor.send_all(Token(4), [handle], chunk.clone()).unwrap()).collect();
        rig.poll(Duration::ZERO);
        let reader = read_all(peer);
        let mut left = ids.len();
        while left > 0 {
            while let Some(completion) = rig.completions.next() {
                let Kind::Done(mut done) = completion.kind else { panic!("{completion:?}") };
                assert_eq!(done.take::<op::SendAll>().unwrap().0.unwrap(), 1, "{}", rig.way);
                left -= 1;
            }
            if left > 0 {
                rig.wait();
            }
        }
        rig.proactor.close(handle);
        assert!(reader.join().unwrap() == text.repeat(ids.len()), "{}", rig.way);
    });
}

#[test]
fn an_iterator_that_panics_sends_nothing_and_leaves_nothing_behind() {
    on_each(|rig| {
        let chunk = rig.chunk(b"news");
        let (handle, mut peer) = rig.connection();
        let before = rig.proactor.stats();
        let panicked = panic::catch_unwind(AssertUnwindSafe(|| {
            let handles =
                (0..3).map(|number| if number < 2 { handle } else { panic!("a fault of the user's") });
            rig.proactor.send_all(Token(4), handles, chunk.clone())
        }));
        assert!(panicked.is_err());
        let after = rig.proactor.stats();
        assert_eq!((after.submitted, after.completed), (before.submitted, before.completed), "{}", rig.way);
        let id = rig.proactor.send_all(Token(4), [handle], chunk).unwrap();
        let (result, all) = rig.done::<op::SendAll>(id);
        assert_eq!((result.unwrap(), all.failures().count()), (1, 0), "{}", rig.way);
        rig.proactor.close(handle);
        let mut text = Vec::new();
        peer.read_to_end(&mut text).unwrap();
        assert_eq!(text, b"news", "{}", rig.way);
    });
}

#[test]
fn a_buffer_to_nobody_is_done_at_once() {
    on_each(|rig| {
        let chunk = rig.chunk(b"news");
        let id = rig.proactor.send_all(Token(4), [], chunk).unwrap();
        let (result, all) = rig.done::<op::SendAll>(id);
        assert_eq!((result.unwrap(), all.failures().count()), (0, 0));
        assert!(!rig.proactor.cancel(id));
    });
}

#[test]
fn a_send_to_many_is_cancelled_where_it_waits() {
    on_each(|rig| {
        let chunk = rig.chunk(b"news");
        let (blocked, blocked_peer) = rig.connection();
        let (free, mut free_peer) = rig.connection();
        let first = rig.proactor.submit(Token(0), op::Send::new(blocked, vec![1; LARGE])).unwrap();
        let id = rig.proactor.send_all(Token(4), [blocked, free], chunk.clone()).unwrap();
        let mut text = [0; 4];
        while rig.proactor.send_now(free, b"").is_err() {
            rig.poll(Duration::from_millis(1));
        }
        free_peer.read_exact(&mut text).unwrap();
        assert!(rig.proactor.cancel(id));
        let (result, all) = rig.done::<op::SendAll>(id);
        assert_eq!(result.unwrap(), 1, "{}", rig.way);
        let failures: Vec<_> = all.failures().collect();
        assert!(matches!(&failures[..], [(handle, error)] if *handle == blocked && is_cancelled(error)));
        // The one before it goes on, and nothing of the cancelled one comes after it.
        let reader = read_all(blocked_peer);
        assert_eq!(rig.sent(first).unwrap() as usize, LARGE);
        rig.proactor.close(blocked);
        assert_eq!(reader.join().unwrap().len(), LARGE);
        // A closed descriptor fails its part alone.
        let (closing, closing_peer) = rig.connection();
        let first = rig.proactor.submit(Token(0), op::Send::new(closing, vec![1; LARGE])).unwrap();
        let id = rig.proactor.send_all(Token(4), [closing, free], chunk).unwrap();
        rig.poll(Duration::from_millis(10));
        rig.proactor.close(closing);
        let (result, all) = rig.done::<op::SendAll>(id);
        assert_eq!((result.unwrap(), all.failures().count()), (1, 1));
        assert!(!rig.proactor.cancel(first) || rig.sent(first).is_err());
        drop(closing_peer);
    });
}

#[test]
fn an_error_that_the_kernel_tells_once_is_listed() {
    if is_skipped("send_all::an_error_that_the_kernel_tells_once_is_listed") {
        return;
    }
    on_each(|rig| {
        let chunk = rig.chunk(b"news");
        let (handle, far) = connected(rig);
        drop(far);
        // The answer to it is an error of the socket, for the next call.
        assert_eq!(rig.proactor.send_now(handle, b"anybody?").unwrap(), 8);
        let id = rig.proactor.send_all(Token(1), [handle], chunk).unwrap();
        let (result, all) = rig.done::<op::SendAll>(id);
        assert_eq!(result.unwrap(), 0, "{}", rig.way);
        let failures: Vec<_> = all.failures().map(|(handle, error)| (handle, error.kind())).collect();
        assert_eq!(failures, [(handle, io::ErrorKind::ConnectionRefused)], "{}", rig.way);
    });
}

#[test]
fn a_buffer_without_bytes_is_one_empty_datagram() {
    on_each(|rig| {
        let empty = rig.chunk(b"news").slice(0..0);
        let (handle, far) = connected(rig);
        let id = rig.proactor.send_all(Token(1), [handle], empty).unwrap();
        assert_eq!(rig.done::<op::SendAll>(id).0.unwrap(), 1, "{}", rig.way);
        rig.proactor.send_now(handle, b"end").unwrap();
        let mut bytes = [0; 8];
        assert_eq!(far.recv(&mut bytes).unwrap(), 0, "{}", rig.way);
        assert_eq!(far.recv(&mut bytes).unwrap(), 3, "{}", rig.way);
    });
}

#[test]
fn sends_that_follow_one_another_without_end_hide_no_receiver() {
    // As many sends as there is room for completions, each followed by the next.
    for room in [1, 4] {
        on_each(|rig| {
            rig.completions = Completions::with_capacity(room);
            let mut streams = Vec::new();
            for n in 0..room {
                let (handle, mut peer) = rig.connection();
                let reader = thread::spawn(move || io::copy(&mut peer, &mut io::sink()));
                rig.proactor.submit(Token(n), op::Send::new(handle, vec![0; 100])).unwrap();
                streams.push((handle, reader));
            }
            let (receiver, mut writer) = rig.connection();
            rig.proactor.submit(Token(room), op::RecvMany { handle: receiver }).unwrap();
            writer.write_all(b"data").unwrap();
            let start = Instant::now();
            let mut has_received = false;
            while !has_received {
                assert!(start.elapsed() < PATIENCE, "{}: nothing is received", rig.way);
                rig.wait();
                while let Some(completion) = rig.completions.next() {
                    match completion.kind {
                        Kind::Done(mut done) => {
                            let (_, send) = done.take::<op::Send<Vec<u8>>>().unwrap();
                            rig.proactor.submit(completion.token, send).unwrap();
                        }
                        Kind::Received(_) => has_received = true,
                        kind => panic!("{kind:?}"),
                    }
                }
            }
            for (handle, reader) in streams {
                rig.proactor.close(handle);
                while !reader.is_finished() {
                    rig.poll(Duration::from_millis(1));
                }
            }
        });
    }
}
