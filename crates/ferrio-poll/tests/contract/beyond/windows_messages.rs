//! Messages of named pipes.

use std::io::{self, Read, Write};

use mio::windows::{MessagePart, NamedPipe};
use mio::{Events, Poll};

use crate::harness::{assert_kind, assert_would_block, expect_no_events, poll_with_events};
use crate::windows_harness::{
    CLIENT, SERVER, pattern, pipe_name, poll_until, read_to_end, register, until, write_one,
};

/// A server for messages and a client that reads them too, both registered.
fn message_pipes(poll: &Poll) -> (NamedPipe, NamedPipe) {
    let name = pipe_name();
    let mut server = NamedPipe::builder(&name).message_mode(true).create().unwrap();
    let mut client = NamedPipe::connect_to(&name).unwrap();
    client.set_message_mode(true).unwrap();
    register(poll, &mut server, SERVER);
    register(poll, &mut client, CLIENT);
    (server, client)
}

/// The next part of a message.
fn next(poll: &mut Poll, events: &mut Events, pipe: &NamedPipe, buf: &mut [u8]) -> Option<MessagePart> {
    poll_until(poll, events, || pipe.read_message(buf)).unwrap()
}

/// A whole message, by reads of at most `chunk`; `None` is the end.
fn message(poll: &mut Poll, events: &mut Events, pipe: &NamedPipe, chunk: usize) -> Option<Vec<u8>> {
    let (mut all, mut buf) = (Vec::new(), vec![0; chunk]);
    loop {
        let part = next(poll, events, pipe, &mut buf)?;
        all.extend_from_slice(&buf[..part.len()]);
        if part.is_last() {
            return Some(all);
        }
    }
}

#[test]
fn a_message_is_read_as_it_was_written_in_both_directions() {
    let (mut poll, mut events) = poll_with_events();
    let (server, client) = message_pipes(&poll);
    for (from, to) in [(&client, &server), (&server, &client)] {
        for len in [1, 100, 4096, 4097, 65_536, 100_000] {
            write_one(&mut poll, &mut events, from, &pattern(len));
            assert!(message(&mut poll, &mut events, to, 100_000) == Some(pattern(len)), "{len}");
        }
    }
}

#[test]
fn messages_stay_apart_also_if_several_wait() {
    let (mut poll, mut events) = poll_with_events();
    let (server, client) = message_pipes(&poll);
    for len in [3, 1, 2] {
        write_one(&mut poll, &mut events, &client, &pattern(len));
    }
    for len in [3, 1, 2] {
        assert_eq!(message(&mut poll, &mut events, &server, 64), Some(pattern(len)));
    }
    assert_would_block(server.read_message(&mut [0; 8]));
}

#[test]
fn a_message_that_is_longer_than_the_buffer_comes_in_parts_and_its_end_is_told() {
    let (mut poll, mut events) = poll_with_events();
    let (server, client) = message_pipes(&poll);
    write_one(&mut poll, &mut events, &client, &pattern(250));
    let mut buf = [0; 100];
    for (from, len, is_last) in [(0, 100, false), (100, 100, false), (200, 50, true)] {
        let part = next(&mut poll, &mut events, &server, &mut buf).unwrap();
        assert_eq!((part.len(), part.is_last()), (len, is_last));
        assert_eq!(&buf[..len], &pattern(250)[from..from + len]);
    }
    // One that fills the buffer to the last byte.
    write_one(&mut poll, &mut events, &client, &pattern(100));
    let part = next(&mut poll, &mut events, &server, &mut buf).unwrap();
    assert_eq!((part.len(), part.is_last()), (100, true));
}

#[test]
fn a_long_message_that_waits_before_it_is_read_loses_no_byte() {
    let (mut poll, mut events) = poll_with_events();
    let name = pipe_name();
    let mut server = NamedPipe::builder(&name).message_mode(true).create().unwrap();
    let mut client = NamedPipe::connect_to(&name).unwrap();
    register(&poll, &mut client, CLIENT);
    write_one(&mut poll, &mut events, &client, &pattern(50_000));
    // The first read ends within its call, with a part of the message.
    register(&poll, &mut server, SERVER);
    assert!(message(&mut poll, &mut events, &server, 3000) == Some(pattern(50_000)));
}

#[test]
fn three_hundred_kilobytes_in_messages_go_through_small_reads() {
    for by_message in [true, false] {
        let (mut poll, mut events) = poll_with_events();
        let (mut server, mut client) = message_pipes(&poll);
        let (mut sent, mut got) = (0, Vec::new());
        let mut ends = Vec::new();
        let mut buf = [0; 3000];
        while got.len() < 300_000 {
            if sent < 30 {
                match client.write(&pattern(10_000)) {
                    Ok(len) => sent += len / 10_000,
                    Err(error) => assert_eq!(error.kind(), io::ErrorKind::WouldBlock, "{error}"),
                }
            }
            let read = poll_until(&mut poll, &mut events, || {
                if by_message {
                    return server
                        .read_message(&mut buf)
                        .map(|part| part.map_or((0, true), |part| (part.len(), part.is_last())));
                }
                server.read(&mut buf).map(|len| (len, false))
            });
            let (len, is_last) = read.unwrap();
            assert_ne!(len, 0);
            got.extend_from_slice(&buf[..len]);
            if is_last {
                ends.push(got.len());
            }
        }
        assert!(got.chunks(10_000).all(|message| message == pattern(10_000)));
        let expected = if by_message { (1..=30).map(|count| count * 10_000).collect() } else { Vec::new() };
        assert_eq!(ends, expected);
    }
}

#[test]
fn an_empty_message_is_one_and_no_end() {
    let (mut poll, mut events) = poll_with_events();
    let (server, client) = message_pipes(&poll);
    write_one(&mut poll, &mut events, &client, b"");
    write_one(&mut poll, &mut events, &client, b"full");
    write_one(&mut poll, &mut events, &client, b"");
    assert_eq!(message(&mut poll, &mut events, &server, 64), Some(vec![]));
    assert_eq!(message(&mut poll, &mut events, &server, 64), Some(b"full".to_vec()));
    assert_eq!(message(&mut poll, &mut events, &server, 64), Some(vec![]));
    drop(client);
    assert_eq!(message(&mut poll, &mut events, &server, 64), None);
    assert_eq!(message(&mut poll, &mut events, &server, 64), None);
}

#[test]
fn read_passes_over_an_empty_message() {
    let (mut poll, mut events) = poll_with_events();
    let (mut server, client) = message_pipes(&poll);
    until(&mut poll, &mut events, |seen| seen.iter().any(|(token, _)| *token == SERVER));
    write_one(&mut poll, &mut events, &client, b"");
    until(&mut poll, &mut events, |seen| seen.iter().any(|(token, _)| *token == SERVER));
    assert_would_block(server.read(&mut [0; 8]));
    for text in [&b"a"[..], b"", b"", b"b", b""] {
        write_one(&mut poll, &mut events, &client, text);
    }
    drop(client);
    assert_eq!(read_to_end(&mut poll, &mut events, &server), b"ab");
}

#[test]
fn a_message_without_room_for_it_stays() {
    let (mut poll, mut events) = poll_with_events();
    let (mut server, client) = message_pipes(&poll);
    write_one(&mut poll, &mut events, &client, b"stays");
    let part = next(&mut poll, &mut events, &server, &mut []).unwrap();
    assert_eq!((part.len(), part.is_last()), (0, false));
    assert_eq!(server.read(&mut []).unwrap(), 0);
    assert_eq!(message(&mut poll, &mut events, &server, 64), Some(b"stays".to_vec()));
}

#[test]
fn a_peer_that_dies_within_a_message_leaves_the_message_whole() {
    let (mut poll, mut events) = poll_with_events();
    let (server, client) = message_pipes(&poll);
    write_one(&mut poll, &mut events, &client, &pattern(9000));
    let mut buf = [0; 1000];
    assert!(!next(&mut poll, &mut events, &server, &mut buf).unwrap().is_last());
    drop(client);
    assert!(message(&mut poll, &mut events, &server, 700) == Some(pattern(9000)[1000..].to_vec()));
    assert_eq!(message(&mut poll, &mut events, &server, 700), None);
}

#[test]
fn a_client_may_read_the_messages_of_its_server_as_bytes() {
    let (mut poll, mut events) = poll_with_events();
    let name = pipe_name();
    let mut server = NamedPipe::builder(&name).message_mode(true).create().unwrap();
    let mut client = NamedPipe::connect_to(&name).unwrap();
    register(&poll, &mut server, SERVER);
    register(&poll, &mut client, CLIENT);
    assert_kind(client.read_message(&mut [0; 8]), io::ErrorKind::InvalidInput);
    write_one(&mut poll, &mut events, &server, b"one");
    write_one(&mut poll, &mut events, &server, b"two");
    drop(server);
    assert_eq!(read_to_end(&mut poll, &mut events, &client), b"onetwo");
}

#[test]
fn a_pipe_for_bytes_has_no_messages() {
    let (mut poll, mut events) = poll_with_events();
    let name = pipe_name();
    let mut server = NamedPipe::new(&name).unwrap();
    let client = NamedPipe::connect_to(&name).unwrap();
    register(&poll, &mut server, SERVER);
    assert_kind(server.read_message(&mut [0; 8]), io::ErrorKind::InvalidInput);
    assert_kind(client.set_message_mode(true), io::ErrorKind::InvalidInput);
    client.set_message_mode(false).unwrap();
    until(&mut poll, &mut events, |seen| seen.iter().any(|(token, _)| *token == SERVER));
    expect_no_events(&mut poll, &mut events);
}
