//! Named pipes, as mio has them: what ends while something is under way.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::thread;
use std::time::Duration;

use mio::{Events, Poll, Token};

use crate::harness::{
    BOTH, assert_would_block, expect_events, expect_no_events, poll_once, poll_with_events,
    tokens_until_silence,
};
use crate::windows_harness::{
    CLIENT, SERVER, client, pattern, pipes, read_len, read_to_end, register, registered_pipes, server,
    write_one,
};

#[test]
fn a_deregistered_pipe_reports_nothing_that_was_under_way() {
    let (mut poll, mut events) = poll_with_events();
    for _ in 0..50 {
        let (mut server, mut client) = registered_pipes(&mut poll, &mut events);
        // The ends of the reads and the writes are in the port before the registrations end.
        client.write_all(b"for the server").unwrap();
        server.write_all(b"for the client").unwrap();
        poll.registry().deregister(&mut server).unwrap();
        poll.registry().deregister(&mut client).unwrap();
        assert_eq!(tokens_until_silence(&mut poll, &mut events), [0; 0]);
    }
}

#[test]
fn a_pipe_that_is_dropped_while_it_writes_has_all_of_it_written() {
    let (mut poll, mut events) = poll_with_events();
    let (server, mut client) = registered_pipes(&mut poll, &mut events);
    let all = pattern(500_000);
    assert_eq!(client.write(&all).unwrap(), all.len());
    drop(client);
    assert!(read_to_end(&mut poll, &mut events, &server) == all);
}

#[test]
fn pipes_that_are_dropped_while_another_thread_polls_are_silent() {
    let (mut poll, mut events) = poll_with_events();
    for round in 0..60 {
        let (mut server, name) = server();
        register(&poll, &mut server, SERVER);
        let registry = poll.registry().try_clone().unwrap();
        let timeout = Some(Duration::from_millis(30));
        thread::scope(|scope| {
            scope.spawn(move || {
                let mut client = (round % 3 != 0).then(|| client(&name));
                if let Some(client) = &mut client {
                    registry.register(client, CLIENT, BOTH).unwrap();
                    let _ = client.write(&pattern(200_000));
                }
                let _ = server.connect();
                let _ = server.read(&mut [0; 8]);
                if round % 2 == 0 {
                    drop(server);
                    drop(client);
                } else {
                    drop(client);
                    drop(server);
                }
            });
            poll.poll(&mut events, timeout).unwrap();
        });
        tokens_until_silence(&mut poll, &mut events);
    }
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_poll_may_be_dropped_before_its_pipes_and_after_them() {
    for round in 0..50 {
        let (mut poll, mut events) = poll_with_events();
        let (mut server, mut client) = registered_pipes(&mut poll, &mut events);
        let (mut waiting, _name) = self::server();
        register(&poll, &mut waiting, Token(9));
        assert_would_block(waiting.connect());
        client.write_all(&pattern(200_000)).unwrap();
        if round % 2 == 0 {
            drop(poll);
            // Nothing ends any more that had not ended by then, and nothing breaks.
            let _ = server.read(&mut [0; 8]);
            let _ = client.write(b"x");
            assert_would_block(waiting.connect());
            drop((server, client, waiting));
        } else {
            drop((server, client, waiting));
            drop(poll);
        }
    }
}

#[test]
fn the_pipes_of_two_polls_do_not_hear_of_each_other() {
    let (mut first, mut events) = poll_with_events();
    let (mut second, _) = poll_with_events();
    let (mut server, mut client) = pipes();
    register(&first, &mut server, SERVER);
    register(&second, &mut client, CLIENT);
    expect_events(&mut first, &mut events, &[(SERVER, |event| event.is_writable())]);
    expect_events(&mut second, &mut events, &[(CLIENT, |event| event.is_writable())]);
    client.write_all(b"across").unwrap();
    assert_eq!(read_len(&mut first, &mut events, &server, 6, 64), b"across");
    server.write_all(b"back").unwrap();
    assert_eq!(read_len(&mut second, &mut events, &client, 4, 64), b"back");
}

#[test]
fn a_pipe_used_by_a_thread_that_has_ended_goes_on() {
    let (mut poll, mut events) = poll_with_events();
    let (mut server, name) = server();
    let registry = poll.registry().try_clone().unwrap();
    let starter = thread::spawn(move || {
        registry.register(&mut server, SERVER, BOTH).unwrap();
        assert_would_block(server.connect());
        server
    });
    let server = starter.join().unwrap();
    let mut client = client(&name);
    register(&poll, &mut client, CLIENT);
    write_one(&mut poll, &mut events, &client, b"still there");
    assert_eq!(read_len(&mut poll, &mut events, &server, 11, 64), b"still there");
}

#[test]
fn no_order_of_connects_disconnects_and_operations_panics_or_loses_the_next_client() {
    let (mut poll, mut events) = poll_with_events();
    let (mut server, name) = server();
    register(&poll, &mut server, SERVER);
    for seed in 0..200_u32 {
        let mut other = (seed % 3 == 0).then(|| OpenOptions::new().read(true).write(true).open(&name));
        let mut step = seed.wrapping_mul(2_654_435_761);
        for _ in 0..6 {
            match step % 6 {
                0 => drop(server.connect()),
                1 => drop(server.disconnect()),
                2 => drop(server.read(&mut [0; 100])),
                3 => drop(server.write(&pattern(100))),
                4 => drop(other.take()),
                _ => poll_once(&mut poll, &mut events, Duration::ZERO),
            }
            step /= 6;
        }
        drop(other);
        let _ = server.disconnect();
    }
    assert_would_block(server.connect());
    let mut client = client(&name);
    register(&poll, &mut client, CLIENT);
    write_one(&mut poll, &mut events, &client, b"the last");
    assert_eq!(read_len(&mut poll, &mut events, &server, 8, 64), b"the last");
}

#[test]
fn operations_that_end_within_their_call_keep_their_memory_until_they_are_told() {
    let (mut poll, mut events) = poll_with_events();
    for round in 0..200 {
        let (mut server, mut client) = pipes();
        register(&poll, &mut client, CLIENT);
        client.write_all(&pattern(3000)).unwrap();
        // The read finds all of it within its call.
        register(&poll, &mut server, SERVER);
        if round % 2 == 0 {
            drop((server, client));
        } else {
            assert_eq!(read_len(&mut poll, &mut events, &server, 3000, 3000), pattern(3000));
        }
        tokens_until_none(&mut poll, &mut events);
    }
}

/// Takes what is there, without a pause for what may still come.
fn tokens_until_none(poll: &mut Poll, events: &mut Events) {
    loop {
        poll_once(poll, events, Duration::ZERO);
        if events.is_empty() {
            return;
        }
    }
}
