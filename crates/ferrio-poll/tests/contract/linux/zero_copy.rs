//! Sends whose bytes the kernel reads where they are.
#![allow(unsafe_code, reason = "what was leaked on purpose is freed")]

use std::io::{self, Read};
use std::sync::Arc;

use mio::net::error_queue::{Cause, ErrorBuffer};
use mio::net::{TcpStream, ZeroCopySends};
use mio::{Interest, Token, TryRead};

use crate::harness::skips::is_skipped;
use crate::harness::{PATIENCE, assert_kind, expect_one_event, poll_once, poll_with_events, retry};
use crate::net_harness::tcp_pair;
use crate::subject::{self, Hint};

const STREAM: Token = Token(6);

/// The first and the last send of a notice in the error queue, which has nothing else here.
fn notice(stream: &TcpStream) -> io::Result<(u32, u32)> {
    let mut buffer = ErrorBuffer::with_capacity(0);
    let queued = stream.recv_error(&mut buffer)?;
    let Cause::ZeroCopy(done) = queued.cause() else { panic!("{queued:?}") };
    Ok((done.first(), done.last()))
}

/// Reads `count` bytes, all of them `byte`.
fn expect_bytes(mut stream: &TcpStream, byte: u8, mut count: usize) {
    let mut buf = vec![0; 1 << 16];
    while count > 0 {
        let room = buf.len().min(count);
        let read = retry(|| stream.read(&mut buf[..room])).unwrap();
        assert!(read > 0 && buf[..read].iter().all(|found| *found == byte));
        count -= read;
    }
}

#[test]
fn bytes_are_held_until_the_kernel_is_done_with_them() {
    if is_skipped("linux::zero_copy::bytes_are_held_until_the_kernel_is_done_with_them") {
        return;
    }
    let (mut stream, peer) = tcp_pair();
    let (mut poll, mut events) = poll_with_events();
    let mut sends = ZeroCopySends::new(&stream).unwrap();
    poll.registry().register(&mut stream, STREAM, Interest::READABLE).unwrap();
    let buffers: Vec<Arc<[u8]>> = (0..3_u8).map(|byte| vec![byte; 20_000].into()).collect();
    for (number, buffer) in buffers.iter().enumerate() {
        // In two parts.
        let mut start = 0;
        while start < 10_000 {
            start += sends.send(&stream, buffer, start.max(number)).unwrap();
        }
        expect_bytes(&peer, buffer[0], 20_000 - number);
    }
    assert!(sends.pending() >= 3);
    assert!(buffers.iter().all(|buffer| Arc::strong_count(buffer) >= 2));
    let event = expect_one_event(&mut poll, &mut events, STREAM);
    assert_eq!(event.is_error(), subject::gives(Hint::ErrorQueue), "{event:?}");
    while sends.pending() > 0 {
        let (first, last) = retry(|| notice(&stream)).unwrap();
        let before = sends.pending();
        sends.complete(first, last);
        assert_eq!(sends.pending(), before - (last - first + 1) as usize);
    }
    assert!(buffers.iter().all(|buffer| Arc::strong_count(buffer) == 1));
    assert_kind(notice(&stream), io::ErrorKind::WouldBlock);
    assert_eq!((&stream).try_read(&mut [0; 8]).unwrap(), None);
}

#[test]
fn what_is_not_complete_is_never_freed() {
    if is_skipped("linux::zero_copy::what_is_not_complete_is_never_freed") {
        return;
    }
    let (stream, _peer) = tcp_pair();
    let mut sends = ZeroCopySends::new(&stream).unwrap();
    let buffers: Vec<Arc<[u8]>> = (0..4_u8).map(|byte| vec![byte; 10].into()).collect();
    for buffer in &buffers {
        assert_eq!(sends.send(&stream, buffer, 0).unwrap(), 10);
    }
    let counts = || buffers.iter().map(Arc::strong_count).collect::<Vec<_>>();
    // Out of order, twice, of no send, and the wrong way round.
    for (first, last) in [(2, 2), (2, 2), (4, 4), (1000, 2000), (u32::MAX, u32::MAX), (3, 1), (0, u32::MAX)] {
        sends.complete(first, last);
        assert_eq!((counts(), sends.pending()), (vec![2, 2, 1, 2], 3));
    }
    sends.complete(0, 0);
    assert_eq!(counts(), [1, 2, 1, 2]);
    // It begins before the first that is held.
    sends.complete(u32::MAX, 1);
    assert_eq!(counts(), [1, 1, 1, 2]);
    drop(sends);
    assert_eq!(counts(), [1, 1, 1, 2]);
    // The kernel has long sent it, and what is leaked here would hide other leaks.
    // SAFETY: the count that was given up by the drop is one of this pointer's.
    unsafe { Arc::decrement_strong_count(Arc::as_ptr(&buffers[3])) };
}

#[test]
fn room_is_an_event_after_a_send_that_came_out_short() {
    let (mut stream, peer) = tcp_pair();
    let (mut poll, mut events) = poll_with_events();
    let mut sends = ZeroCopySends::new(&stream).unwrap();
    poll.registry().register(&mut stream, STREAM, Interest::WRITABLE).unwrap();
    expect_one_event(&mut poll, &mut events, STREAM);
    let (bytes, mut sent): (Arc<[u8]>, _) = (vec![7; 8 << 20].into(), 0);
    let mut is_full = false;
    while !is_full {
        match sends.send(&stream, &bytes, 0) {
            Ok(count) => (sent, is_full) = (sent + count, count < bytes.len()),
            Err(error) => panic!("{error}"),
        }
    }
    expect_bytes(&peer, 7, sent);
    let mut is_writable = false;
    while !is_writable {
        poll_once(&mut poll, &mut events, PATIENCE);
        assert!(!events.is_empty(), "the room is not told");
        is_writable = events.iter().any(|event| event.is_writable());
    }
    while sends.pending() > 0 {
        let (first, last) = retry(|| notice(&stream)).unwrap();
        sends.complete(first, last);
    }
}

#[test]
fn a_start_beyond_the_bytes_is_refused() {
    let (stream, _peer) = tcp_pair();
    let mut sends = ZeroCopySends::new(&stream).unwrap();
    let bytes: Arc<[u8]> = Arc::new([1, 2]);
    for start in [2, 3, usize::MAX] {
        assert_kind(sends.send(&stream, &bytes, start), io::ErrorKind::InvalidInput);
    }
    assert_eq!(sends.pending(), 0);
}
