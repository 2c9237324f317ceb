//! Bytes that go from stream to stream, and from a file to a stream, inside the kernel.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::fd::AsFd;

use mio::event::Event;
use mio::net::UnixStream;
use mio::net::splice::{Next, Splice, SpliceEnd};
use mio::unix::pipe;
use mio::{Interest, Token, TryRead, TryWrite};

use crate::harness::unix::{SocketPath, open_handles};
use crate::harness::{
    BOTH, PATIENCE, assert_kind, assert_would_block, expect_events, expect_no_events, expect_one_event,
    in_own_process, poll_once, poll_with_events, retry,
};
use crate::net_harness::tcp_pair;

const FROM: Token = Token(1);
const TO: Token = Token(2);

/// More than any budget that is not to matter.
const ANY: usize = usize::MAX;

/// What has arrived, until it would block.
fn take(mut source: impl Read) -> Vec<u8> {
    let (mut all, mut buf) = (Vec::new(), vec![0; 1 << 16]);
    while let Some(count) = source.try_read(&mut buf).unwrap() {
        if count == 0 {
            break;
        }
        all.extend_from_slice(&buf[..count]);
    }
    all
}

#[test]
fn bytes_pass_and_the_source_reports_the_next_ones() {
    let (client, mut from) = tcp_pair();
    let (to, server) = UnixStream::pair().unwrap();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut from, FROM, Interest::READABLE).unwrap();
    let mut splice = Splice::new().unwrap();
    assert_eq!(splice.capacity(), 1 << 16);
    for _ in 0..3 {
        let progress = splice.relay(&from, &to, ANY).unwrap();
        assert_eq!((progress.bytes, progress.next), (0, Next::Readable));
        (&client).write_all(b"bytes").unwrap();
        expect_one_event(&mut poll, &mut events, FROM);
        let progress = splice.relay(&from, &to, ANY).unwrap();
        assert_eq!((progress.bytes, progress.next, splice.held()), (5, Next::Readable, 0));
        assert_eq!(take(&server), b"bytes");
    }
    (&client).write_all(b"last").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    expect_events(&mut poll, &mut events, &[(FROM, Event::is_read_closed)]);
    let progress = splice.relay(&from, &to, ANY).unwrap();
    assert_eq!((progress.bytes, progress.next), (4, Next::End));
    assert_eq!(splice.relay(&from, &to, ANY).unwrap().next, Next::End);
    assert_eq!(take(&server), b"last");
}

#[test]
fn a_relay_that_waits_for_one_direction_arms_no_other() {
    let ((client, mut from), (mut to, server)) = (tcp_pair(), UnixStream::pair().unwrap());
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut from, FROM, BOTH).unwrap();
    poll.registry().register(&mut to, TO, BOTH).unwrap();
    let mut splice = Splice::new().unwrap();
    expect_events(&mut poll, &mut events, &[(FROM, Event::is_writable), (TO, Event::is_writable)]);
    for _ in 0..3 {
        assert_eq!(splice.relay(&from, &to, ANY).unwrap().next, Next::Readable);
        expect_no_events(&mut poll, &mut events);
        (&client).write_all(b"bytes").unwrap();
        expect_events(&mut poll, &mut events, &[(FROM, Event::is_readable)]);
    }
    assert_eq!(splice.relay(&from, &to, ANY).unwrap().next, Next::Readable);
    assert_eq!(take(&server), b"bytesbytesbytes");
}

#[test]
fn a_target_without_room_is_waited_for_and_nothing_is_lost() {
    let (client, mut from) = UnixStream::pair().unwrap();
    let (mut to, server) = tcp_pair();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut from, FROM, Interest::READABLE).unwrap();
    poll.registry().register(&mut to, TO, Interest::WRITABLE).unwrap();
    expect_one_event(&mut poll, &mut events, TO);
    let mut splice = Splice::with_capacity(1 << 12).unwrap();
    assert!(splice.capacity() < 1 << 16);
    let byte_at = |at: usize| (at % 251) as u8;
    let (mut sent, mut passed, mut received, mut stops) = (0, 0, Vec::new(), 0);
    let mut rounds = 0;
    while received.len() < 8 << 20 {
        rounds += 1;
        assert!(rounds < 10_000, "{sent} bytes sent, {} received", received.len());
        // As much as there is room for.
        let chunk: Vec<u8> = (sent..sent + (1 << 16)).map(byte_at).collect();
        sent += (&client).try_write(&chunk).unwrap().unwrap_or_default();
        let progress = splice.relay(&from, &to, ANY).unwrap();
        passed += progress.bytes;
        if progress.next == Next::Writable {
            stops += 1;
            assert!(splice.held() > 0);
            received.extend(take(&server));
            // The source may report meanwhile, or has before.
            while !events.iter().any(|event| event.token() == TO) {
                poll_once(&mut poll, &mut events, PATIENCE);
                assert!(!events.is_empty(), "the target is not reported");
            }
            events.clear();
        } else {
            assert_eq!(progress.next, Next::Readable);
        }
    }
    assert!(stops > 0 && passed >= received.len(), "{stops} stops, {passed} passed");
    assert!(received.iter().enumerate().all(|(at, byte)| *byte == byte_at(at)));
}

#[test]
fn a_budget_ends_a_relay_though_there_is_more() {
    let (client, from) = UnixStream::pair().unwrap();
    let (to, server) = UnixStream::pair().unwrap();
    let mut splice = Splice::with_capacity(1 << 12).unwrap();
    (&client).write_all(&[1; 1 << 14]).unwrap();
    let progress = splice.relay(&from, &to, 1).unwrap();
    assert_eq!((progress.bytes, progress.next), (1 << 12, Next::Budget));
    assert_eq!(splice.relay(&from, &to, 0).unwrap().next, Next::Budget);
    let progress = splice.relay(&from, &to, ANY).unwrap();
    assert_eq!((progress.bytes, progress.next), (3 << 12, Next::Readable));
    assert_eq!(take(&server).len(), 1 << 14);
}

#[test]
fn a_target_that_is_gone_is_an_error_and_no_descriptor_is_left() {
    in_own_process("linux::splice::a_target_that_is_gone_is_an_error_and_no_descriptor_is_left", || {
        let before = open_handles();
        let (client, from) = UnixStream::pair().unwrap();
        let (to, server) = UnixStream::pair().unwrap();
        let mut splice = Splice::new().unwrap();
        assert_eq!(open_handles(), before + 6);
        (&client).write_all(b"bytes").unwrap();
        drop(server);
        assert_kind(splice.relay(&from, &to, ANY), io::ErrorKind::BrokenPipe);
        drop((splice, client, from, to));
        assert_eq!(open_handles(), before);
    });
}

#[test]
fn pipes_can_be_spliced_too() {
    let (mut sender, from) = pipe::new().unwrap();
    let (to, receiver) = pipe::new().unwrap();
    sender.write_all(b"through three pipes").unwrap();
    drop(sender);
    let progress = Splice::new().unwrap().relay(&from, &to, ANY).unwrap();
    assert_eq!((progress.bytes, progress.next), (19, Next::End));
    assert_eq!(take(receiver), b"through three pipes");
}

#[test]
fn a_file_is_sent_from_any_offset_until_its_end() {
    let path = SocketPath::new();
    let content: Vec<u8> = (0..5_000_000_u32).map(|at| (at % 253) as u8).collect();
    std::fs::write(&path, &content).unwrap();
    let file = File::open(&path).unwrap();
    let (mut stream, peer) = tcp_pair();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, TO, Interest::WRITABLE).unwrap();
    expect_one_event(&mut poll, &mut events, TO);
    let (mut offset, mut received, mut stops) = (1000, Vec::new(), 0);
    loop {
        match stream.send_file(&file, &mut offset, 1 << 20) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                stops += 1;
                received.extend(take(&peer));
                expect_one_event(&mut poll, &mut events, TO);
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(offset, 5_000_000);
    assert!(stops > 0);
    while received.len() < content.len() - 1000 {
        received.extend(retry(|| Ok::<_, io::Error>(take(&peer))).unwrap());
    }
    assert!(received == content[1000..]);
}

#[test]
fn what_is_no_file_cannot_be_sent_and_a_full_socket_would_block() {
    let (stream, _peer) = UnixStream::pair().unwrap();
    let (_sender, receiver) = pipe::new().unwrap();
    assert!(stream.send_file(&receiver.as_fd(), &mut 0, 10).is_err());
    while (&stream).try_write(&[0; 4096]).unwrap().is_some() {}
    let path = SocketPath::new();
    std::fs::write(&path, "late").unwrap();
    assert_would_block(stream.send_file(&File::open(&path).unwrap(), &mut 0, 4));
}
