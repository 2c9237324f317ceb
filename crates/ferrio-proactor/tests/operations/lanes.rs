//! Operations on one descriptor: their order, cancels among them, and one buffer to many.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::panic::{self, AssertUnwindSafe};
use std::thread;
use std::time::Duration;

use ferrio_poll::Token;
use ferrio_proactor::{Chunk, Handle, Kind, OpId, is_cancelled, op};

use crate::harness::{Rig, on_each};

/// More than the buffers of two sockets hold.
const LARGE: usize = 16 << 20;

/// A chunk with `bytes` in it, which came from a peer.
fn chunk(rig: &mut Rig, bytes: &[u8]) -> Chunk {
    let (handle, mut peer) = rig.connection();
    rig.proactor.submit(Token(0), op::RecvMany { handle }).unwrap();
    peer.write_all(bytes).unwrap();
    rig.wait();
    let chunk = match rig.completions.next().unwrap().kind {
        Kind::Received(chunk) => chunk,
        kind => panic!("{kind:?}"),
    };
    rig.proactor.close(handle);
    // The end of the receive.
    rig.wait();
    rig.completions.clear();
    assert_eq!(&*chunk, bytes);
    chunk
}

/// The result of a send, and how many bytes it had.
fn sent(rig: &mut Rig, id: OpId) -> io::Result<u32> {
    rig.done::<op::Send<Vec<u8>>>(id).0
}

fn read_all(mut peer: TcpStream) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        peer.read_to_end(&mut bytes).unwrap();
        bytes
    })
}

#[test]
fn receives_are_served_in_the_order_of_their_submission() {
    on_each(|rig| {
        let (handle, mut peer) = rig.connection();
        let ids: Vec<_> = (0..4)
            .map(|_| rig.proactor.submit(Token(0), op::Recv::new(handle, Vec::with_capacity(3))).unwrap())
            .collect();
        rig.poll(Duration::from_millis(1));
        peer.write_all(b"aaabbbcccd").unwrap();
        for (id, text) in ids.into_iter().zip(["aaa", "bbb", "ccc", "d"]) {
            let (result, recv) = rig.done::<op::Recv<Vec<u8>>>(id);
            assert_eq!((result.unwrap() as usize, &*recv.buf), (text.len(), text.as_bytes()), "{}", rig.way);
        }
    });
}

#[test]
fn a_socket_that_does_not_block_is_sent_to_as_a_whole() {
    on_each(|rig| {
        let (handle, peer) = rig.connection();
        let stream = TcpStream::from(rig.proactor.detach(handle).unwrap());
        stream.set_nonblocking(true).unwrap();
        let handle = rig.proactor.attach(stream);
        let id = rig.proactor.submit(Token(0), op::Send::new(handle, vec![1; LARGE])).unwrap();
        rig.poll(Duration::from_millis(10));
        let reader = read_all(peer);
        assert_eq!(sent(rig, id).unwrap() as usize, LARGE, "{}", rig.way);
        rig.proactor.close(handle);
        assert_eq!(reader.join().unwrap().len(), LARGE);
    });
}

#[test]
fn a_send_that_is_cancelled_in_the_queue_leaves_the_others_in_order() {
    on_each(|rig| {
        // The first is under way and goes on; one of the others is cancelled.
        for cancelled in 1..4 {
            let (handle, peer) = rig.connection();
            let ids: Vec<_> = (0..4_u8)
                .map(|n| {
                    let len = if n == 0 { LARGE } else { 1000 };
                    rig.proactor.submit(Token(0), op::Send::new(handle, vec![n; len])).unwrap()
                })
                .collect();
            rig.poll(Duration::from_millis(10));
            assert!(rig.proactor.cancel(ids[cancelled]));
            assert!(is_cancelled(&sent(rig, ids[cancelled]).unwrap_err()));
            assert!(!rig.proactor.cancel(ids[cancelled]));
            let next = rig.proactor.submit(Token(0), op::Send::new(handle, vec![9; 1000])).unwrap();
            let reader = read_all(peer);
            let kept: Vec<_> = (0..4).filter(|n| *n != cancelled).collect();
            for n in &kept {
                assert_eq!(sent(rig, ids[*n]).unwrap() as usize, if *n == 0 { LARGE } else { 1000 });
            }
            assert_eq!(sent(rig, next).unwrap(), 1000);
            rig.proactor.close(handle);
            let bytes = reader.join().unwrap();
            let small: Vec<_> = bytes[LARGE..].chunks(1000).map(|part| part[0]).collect();
            let expected: Vec<_> = kept[1..].iter().map(|n| *n as u8).chain([9]).collect();
            assert_eq!(small, expected, "{}", rig.way);
        }
    });
}

#[test]
fn a_send_that_is_cancelled_under_way_lets_the_next_begin() {
    on_each(|rig| {
        let (handle, peer) = rig.connection();
        let first = rig.proactor.submit(Token(0), op::Send::new(handle, vec![1; LARGE])).unwrap();
        let second = rig.proactor.submit(Token(0), op::Send::new(handle, vec![2; 10])).unwrap();
        rig.poll(Duration::from_millis(10));
        assert!(rig.proactor.cancel(first));
        let count = match sent(rig, first) {
            Ok(count) => count as usize,
            Err(error) if is_cancelled(&error) => 0,
            Err(error) => panic!("{error}"),
        };
        let reader = read_all(peer);
        assert_eq!(sent(rig, second).unwrap(), 10);
        rig.proactor.close(handle);
        let bytes = reader.join().unwrap();
        // What the result says is what the peer has.
        assert_eq!(bytes.len(), count + 10, "{}", rig.way);
        assert!(bytes[..count].iter().all(|byte| *byte == 1) && bytes[count..] == [2; 10]);
    });
}

#[test]
fn a_receive_that_is_cancelled_loses_nothing() {
    on_each(|rig| {
        for cancelled in 0..3 {
            let (handle, mut peer) = rig.connection();
            let ids: Vec<_> = (0..3)
                .map(|_| rig.proactor.submit(Token(0), op::Recv::new(handle, Vec::with_capacity(1))).unwrap())
                .collect();
            rig.poll(Duration::from_millis(1));
            assert!(rig.proactor.cancel(ids[cancelled]));
            peer.write_all(b"xy").unwrap();
            let mut text = Vec::new();
            let mut results = Vec::new();
            while results.len() < 3 {
                rig.wait();
                while let Some(completion) = rig.completions.next() {
                    let id = completion.id;
                    let Kind::Done(mut done) = completion.kind else { panic!("{completion:?}") };
                    results.push((id, done.take::<op::Recv<Vec<u8>>>().unwrap()));
                }
            }
            results.sort_by_key(|(id, _)| ids.iter().position(|known| known == id));
            for (n, (_, (result, recv))) in results.into_iter().enumerate() {
                match result {
                    Err(error) => assert!(n == cancelled && is_cancelled(&error), "{}: {error}", rig.way),
                    Ok(_) => text.extend(recv.buf),
                }
            }
            assert_eq!(text, b"xy", "{}, {cancelled}", rig.way);
        }
    });
}

#[test]
fn nothing_is_sent_past_a_queue() {
    on_each(|rig| {
        let (handle, peer) = rig.connection();
        let id = rig.proactor.submit(Token(0), op::Send::new(handle, vec![1; LARGE])).unwrap();
        let would_block = |result: io::Result<usize>| result.unwrap_err().kind() == io::ErrorKind::WouldBlock;
        assert!(would_block(rig.proactor.send_now(handle, b"now")));
        rig.poll(Duration::from_millis(10));
        assert!(would_block(rig.proactor.send_now(handle, b"now")));
        let reader = read_all(peer);
        assert_eq!(sent(rig, id).unwrap() as usize, LARGE);
        assert_eq!(rig.proactor.send_now(handle, b"now").unwrap(), 3);
        rig.proactor.close(handle);
        assert_eq!(reader.join().unwrap()[LARGE..], *b"now", "{}", rig.way);
    });
}

#[test]
fn one_buffer_goes_to_many_and_failures_are_listed() {
    on_each(|rig| {
        let chunk = chunk(rig, b"news");
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
        rustix::net::shutdown(rig.proactor.as_fd(broken).unwrap(), rustix::net::Shutdown::Write).unwrap();
        let id = rig.proactor.send_all(Token(4), handles.clone(), chunk).unwrap();
        let (result, all) = rig.done::<op::SendAll>(id);
        assert_eq!(result.unwrap(), 3, "{}", rig.way);
        let mut failures: Vec<_> = all.failures().collect();
        failures.sort_by_key(|(handle, _)| *handle == broken);
        let [(first, not_found), (second, pipe)] = &failures[..] else { panic!("{failures:?}") };
        assert_eq!((*first, not_found.kind()), (stale, io::ErrorKind::NotFound));
        assert_eq!((*second, pipe.kind()), (broken, io::ErrorKind::BrokenPipe), "{pipe}");
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
        let chunk = chunk(rig, &text);
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
        let chunk = chunk(rig, b"news");
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
        let chunk = chunk(rig, b"news");
        let id = rig.proactor.send_all(Token(4), [], chunk).unwrap();
        let (result, all) = rig.done::<op::SendAll>(id);
        assert_eq!((result.unwrap(), all.failures().count()), (0, 0));
        assert!(!rig.proactor.cancel(id));
    });
}

#[test]
fn a_send_to_many_is_cancelled_where_it_waits() {
    on_each(|rig| {
        let chunk = chunk(rig, b"news");
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
        assert_eq!(sent(rig, first).unwrap() as usize, LARGE);
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
        assert!(!rig.proactor.cancel(first) || sent(rig, first).is_err());
        drop(closing_peer);
    });
}

#[test]
fn a_shutdown_goes_after_the_sends_before_it() {
    on_each(|rig| {
        let (handle, peer) = rig.connection();
        let send = rig.proactor.submit(Token(0), op::Send::new(handle, vec![1; LARGE])).unwrap();
        let how = Shutdown::Write;
        let id = rig.proactor.submit(Token(1), op::Shutdown { handle, how }).unwrap();
        let reader = read_all(peer);
        assert_eq!(sent(rig, send).unwrap() as usize, LARGE);
        assert_eq!(rig.done::<op::Shutdown>(id).0.unwrap(), 0);
        assert_eq!(reader.join().unwrap().len(), LARGE, "{}", rig.way);
    });
}
