//! Named pipes, as mio has them: reading and writing.

use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::thread;
use std::time::Duration;

use mio::Token;

use crate::harness::{
    SILENCE, assert_kind, assert_would_block, poll_during, poll_once, poll_with_events, retry,
};
use crate::windows_harness::{
    CLIENT, SERVER, client, pattern, poll_until, read_len, read_to_end, register, registered_pipes, server,
    until, write_one,
};

#[test]
fn what_one_end_writes_is_an_event_at_the_other() {
    let (mut poll, mut events) = poll_with_events();
    let (mut server, mut client) = registered_pipes(&mut poll, &mut events);
    for (text, is_to_server) in [(b"ping", true), (b"pong", false)] {
        let (from, to, token) = if is_to_server {
            (&mut client, &mut server, SERVER)
        } else {
            (&mut server, &mut client, CLIENT)
        };
        assert_would_block(to.read(&mut [0; 8]));
        assert_eq!(from.write(text).unwrap(), 4);
        from.flush().unwrap();
        until(&mut poll, &mut events, |seen| {
            seen.iter().any(|(seen, says)| *seen == token && says.is_some_and(|says| says.is_readable()))
        });
        let mut buf = [0; 8];
        assert_eq!(to.read(&mut buf).unwrap(), 4);
        assert_eq!(&buf[..4], text);
        assert_would_block(to.read(&mut buf));
    }
}

#[test]
fn what_was_written_before_the_end_is_read_before_it() {
    let (mut poll, mut events) = poll_with_events();
    let (server, mut client) = registered_pipes(&mut poll, &mut events);
    assert_eq!(client.write(b"last words").unwrap(), 10);
    drop(client);
    assert_eq!(read_to_end(&mut poll, &mut events, &server), b"last words");
    // It is the end for good.
    let end = poll_until(&mut poll, &mut events, || (&server).read(&mut [0; 8]));
    assert_eq!(end.unwrap(), 0);
}

#[test]
fn a_peer_that_goes_wakes_a_poll_that_sleeps() {
    let (mut poll, mut events) = poll_with_events();
    let (mut server, client) = registered_pipes(&mut poll, &mut events);
    assert_would_block(server.read(&mut [0; 8]));
    poll_during(&mut poll, &mut events, None, || drop(client));
    assert!(events.iter().any(|event| event.token() == SERVER && event.is_readable()));
    assert_eq!(server.read(&mut [0; 8]).unwrap(), 0);
}

#[test]
fn writing_to_a_peer_that_is_gone_fails_and_does_not_hang() {
    let (mut poll, mut events) = poll_with_events();
    let (mut server, client) = registered_pipes(&mut poll, &mut events);
    drop(client);
    let written = poll_until(&mut poll, &mut events, || {
        // One may be under way when the peer goes; the next says so.
        (0..16).try_for_each(|_| server.write(b"x").map(drop))
    });
    // ERROR_NO_DATA, "the pipe is being closed".
    assert_eq!(written.unwrap_err().raw_os_error(), Some(232));
}

#[test]
fn nothing_of_one_client_reaches_the_next() {
    let (mut poll, mut events) = poll_with_events();
    let (mut server, name) = server();
    let mut first = client(&name);
    register(&poll, &mut server, SERVER);
    register(&poll, &mut first, CLIENT);
    write_one(&mut poll, &mut events, &first, &pattern(5000));
    // A part is read, a part was read by the pipe and not by its user.
    assert_eq!(read_len(&mut poll, &mut events, &server, 10, 10), pattern(10));
    server.disconnect().unwrap();
    assert_would_block(server.read(&mut [0; 8]));
    assert_would_block(server.connect());
    let mut second = client(&name);
    register(&poll, &mut second, Token(9));
    write_one(&mut poll, &mut events, &second, b"second");
    assert_eq!(read_len(&mut poll, &mut events, &server, 6, 64), b"second");
    drop(first);
}

#[test]
fn what_was_read_before_a_deregistration_is_still_given() {
    let (mut poll, mut events) = poll_with_events();
    let (mut server, mut client) = registered_pipes(&mut poll, &mut events);
    client.write_all(b"before").unwrap();
    until(&mut poll, &mut events, |seen| {
        seen.iter().any(|(token, says)| *token == SERVER && says.is_some_and(|says| says.is_readable()))
    });
    poll.registry().deregister(&mut server).unwrap();
    let mut buf = [0; 8];
    assert_eq!(server.read(&mut buf).unwrap(), 6);
    assert_kind(server.read(&mut buf), io::ErrorKind::NotFound);
    assert_kind(server.write(b"x"), io::ErrorKind::NotFound);
    // What comes meanwhile waits for the next registration.
    client.write_all(b"after").unwrap();
    register(&poll, &mut server, SERVER);
    assert_eq!(read_len(&mut poll, &mut events, &server, 5, 64), b"after");
}

#[test]
fn several_buffers_are_written_and_read_in_one_go() {
    let (mut poll, mut events) = poll_with_events();
    let (mut server, mut client) = registered_pipes(&mut poll, &mut events);
    let parts = [IoSlice::new(b"one "), IoSlice::new(b""), IoSlice::new(b"two")];
    assert_eq!(client.write_vectored(&parts).unwrap(), 7);
    let (mut first, mut second) = ([0; 3], [0; 10]);
    let len = poll_until(&mut poll, &mut events, || {
        server.read_vectored(&mut [IoSliceMut::new(&mut first), IoSliceMut::new(&mut second)])
    });
    assert_eq!(len.unwrap(), 7);
    assert_eq!((&first, &second[..4]), (b"one", &b" two"[..]));
}

#[test]
fn a_read_fills_a_buffer_of_64_kib_in_one_go() {
    let (mut poll, mut events) = poll_with_events();
    let (mut server, client) = registered_pipes(&mut poll, &mut events);
    let mut buf = vec![0; 65_536];
    // The first tells how large the reads of this user are; the one under way is smaller.
    assert_would_block(server.read(&mut buf));
    let mut largest = 0;
    for _ in 0..4 {
        write_one(&mut poll, &mut events, &client, &pattern(65_536));
        let mut left = 65_536;
        while left > 0 {
            let len = poll_until(&mut poll, &mut events, || server.read(&mut buf)).unwrap();
            left -= len;
            largest = largest.max(len);
        }
    }
    assert_eq!(largest, 65_536);
}

#[test]
fn a_million_bytes_go_through_buffers_of_any_size() {
    for (write, read) in [(8192, 4000), (10_000, 128), (100_000, 65_536), (1, 4096), (250_000, 10_007)] {
        let (mut poll, mut events) = poll_with_events();
        let (mut server, mut client) = registered_pipes(&mut poll, &mut events);
        let all = pattern(if write == 1 { 500 } else { 1_000_000 });
        let (mut sent, mut got) = (0, Vec::new());
        let mut buf = vec![0; read];
        while got.len() < all.len() {
            if sent < all.len() {
                match client.write(&all[sent..all.len().min(sent + write)]) {
                    Ok(len) => sent += len,
                    Err(error) => assert_eq!(error.kind(), io::ErrorKind::WouldBlock, "{error}"),
                }
            }
            match server.read(&mut buf) {
                Ok(len) => got.extend_from_slice(&buf[..len]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    poll_once(&mut poll, &mut events, Duration::from_secs(1));
                }
                Err(error) => panic!("{error}"),
            }
        }
        assert!(got == all, "writes of {write}, reads of {read}");
    }
}

#[test]
fn a_write_takes_all_and_the_pipe_is_writable_when_it_is_done() {
    let (mut poll, mut events) = poll_with_events();
    let (mut server, mut client) = registered_pipes(&mut poll, &mut events);
    let all = pattern(500_000);
    assert_eq!(client.write(&all).unwrap(), all.len());
    assert_would_block(client.write(b"more"));
    assert_eq!(read_len(&mut poll, &mut events, &server, all.len(), 50_000), all);
    let written = poll_until(&mut poll, &mut events, || client.write(b"more"));
    assert_eq!(written.unwrap(), 4);
    assert_eq!(read_len(&mut poll, &mut events, &server, 4, 64), b"more");
    assert_would_block(server.read(&mut [0; 8]));
}

#[test]
fn a_peer_that_dies_in_mid_read_leaves_what_it_had_written() {
    let (mut poll, mut events) = poll_with_events();
    let (mut server, mut client) = registered_pipes(&mut poll, &mut events);
    let mut buf = [0; 100];
    assert_would_block(server.read(&mut buf));
    client.write_all(&pattern(1000)).unwrap();
    assert_eq!(read_len(&mut poll, &mut events, &server, 100, 100), pattern(100));
    drop(client);
    let rest = read_to_end(&mut poll, &mut events, &server);
    assert_eq!(rest, &pattern(1000)[100..]);
    assert!(server.write(b"x").is_err());
}

#[test]
fn two_threads_read_and_write_one_pipe() {
    let (mut poll, mut events) = poll_with_events();
    let (server, client) = registered_pipes(&mut poll, &mut events);
    let all = pattern(600_000);
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for pipe in [&server, &client] {
            let all = &all;
            threads.push(scope.spawn(move || {
                let mut sent = 0;
                while sent < all.len() {
                    sent += retry(|| (&*pipe).write(&all[sent..all.len().min(sent + 30_000)])).unwrap();
                }
            }));
            threads.push(scope.spawn(move || {
                let (mut got, mut buf) = (Vec::new(), vec![0; 7000]);
                while got.len() < all.len() {
                    let len = retry(|| (&*pipe).read(&mut buf)).unwrap();
                    got.extend_from_slice(&buf[..len]);
                }
                assert!(got == *all);
            }));
        }
        while threads.iter().any(|thread| !thread.is_finished()) {
            poll_once(&mut poll, &mut events, SILENCE);
        }
    });
}
