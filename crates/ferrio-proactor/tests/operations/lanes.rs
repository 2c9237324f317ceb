//! Operations on one descriptor: their order, and cancels among them.

use std::io::{self, Write};
use std::net::Shutdown;
use std::time::Duration;

use ferrio_poll::Token;
use ferrio_proactor::{Kind, is_cancelled, op};

use crate::harness::system::tcp_of;
use crate::harness::{LARGE, on_each, read_all};

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
        let stream = tcp_of(rig.proactor.detach(handle).unwrap());
        stream.set_nonblocking(true).unwrap();
        let handle = rig.proactor.attach(stream);
        let id = rig.proactor.submit(Token(0), op::Send::new(handle, vec![1; LARGE])).unwrap();
        rig.poll(Duration::from_millis(10));
        let reader = read_all(peer);
        assert_eq!(rig.sent(id).unwrap() as usize, LARGE, "{}", rig.way);
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
            assert!(is_cancelled(&rig.sent(ids[cancelled]).unwrap_err()));
            assert!(!rig.proactor.cancel(ids[cancelled]));
            let next = rig.proactor.submit(Token(0), op::Send::new(handle, vec![9; 1000])).unwrap();
            let reader = read_all(peer);
            let kept: Vec<_> = (0..4).filter(|n| *n != cancelled).collect();
            for n in &kept {
                assert_eq!(rig.sent(ids[*n]).unwrap() as usize, if *n == 0 { LARGE } else { 1000 });
            }
            assert_eq!(rig.sent(next).unwrap(), 1000);
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
        let count = match rig.sent(first) {
            Ok(count) => count as usize,
            Err(error) if is_cancelled(&error) => 0,
            Err(error) => panic!("{error}"),
        };
        let reader = read_all(peer);
        assert_eq!(rig.sent(second).unwrap(), 10);
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
        assert_eq!(rig.sent(id).unwrap() as usize, LARGE);
        assert_eq!(rig.proactor.send_now(handle, b"now").unwrap(), 3);
        rig.proactor.close(handle);
        assert_eq!(reader.join().unwrap()[LARGE..], *b"now", "{}", rig.way);
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
        assert_eq!(rig.sent(send).unwrap() as usize, LARGE);
        assert_eq!(rig.done::<op::Shutdown>(id).0.unwrap(), 0);
        assert_eq!(reader.join().unwrap().len(), LARGE, "{}", rig.way);
    });
}
