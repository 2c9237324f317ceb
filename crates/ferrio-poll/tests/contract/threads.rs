//! Registries in other threads than the one that polls.

use std::io::Write;
use std::sync::Arc;
use std::thread;

use mio::net::UdpSocket;
use mio::{Interest, Token};

use crate::harness::system::stream_with_std_peer;
use crate::harness::{
    PATIENCE, SILENCE, expect_events, expect_no_events, expect_one_event, expect_tokens, poll_during,
    poll_with_events, tokens,
};
use crate::net_harness::{drain, udp_socket};

const SOURCE: Token = Token(1);
const RENAMED: Token = Token(2);

#[test]
fn a_source_registered_while_the_loop_sleeps_is_exactly_one_event() {
    let (mut poll, mut events) = poll_with_events();
    let registry = poll.registry().try_clone().unwrap();
    let (mut socket, _) = udp_socket();
    let (elapsed, result) = poll_during(&mut poll, &mut events, Some(PATIENCE), || {
        registry.register(&mut socket, SOURCE, Interest::WRITABLE)
    });
    result.unwrap();
    assert_eq!(tokens(&events), [1]);
    assert!(events.iter().all(|event| event.is_writable()));
    assert!(elapsed < PATIENCE, "heard only after {elapsed:?}");
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_source_reregistered_while_the_loop_sleeps_is_heard_under_its_new_token() {
    let (mut poll, mut events) = poll_with_events();
    let registry = poll.registry().try_clone().unwrap();
    let (mut socket, _) = udp_socket();
    registry.register(&mut socket, SOURCE, Interest::READABLE).unwrap();
    let (elapsed, result) = poll_during(&mut poll, &mut events, Some(PATIENCE), || {
        registry.reregister(&mut socket, RENAMED, Interest::WRITABLE)
    });
    result.unwrap();
    assert_eq!(tokens(&events), [2]);
    assert!(elapsed < PATIENCE, "heard only after {elapsed:?}");
}

#[test]
fn a_source_deregistered_while_the_loop_sleeps_is_silent() {
    let (mut poll, mut events) = poll_with_events();
    let registry = poll.registry().try_clone().unwrap();
    let (mut stream, mut peer) = stream_with_std_peer();
    registry.register(&mut stream, SOURCE, Interest::READABLE).unwrap();
    let timeout = Some(5 * SILENCE);
    poll_during(&mut poll, &mut events, timeout, || {
        registry.deregister(&mut stream).unwrap();
        peer.write_all(b"late").unwrap();
    });
    assert!(events.is_empty(), "{events:?}");
    assert_eq!(drain(&stream).0, b"late");
}

#[test]
fn bytes_sent_by_another_thread_end_the_sleep() {
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, mut peer) = stream_with_std_peer();
    poll.registry().register(&mut stream, SOURCE, Interest::READABLE).unwrap();
    let (elapsed, sent) = poll_during(&mut poll, &mut events, None, || peer.write_all(b"bytes"));
    sent.unwrap();
    assert_eq!(tokens(&events), [1]);
    assert!(elapsed < PATIENCE);
}

#[test]
fn a_registry_behind_an_arc_registers_from_two_threads() {
    let (mut poll, mut events) = poll_with_events();
    let registry = Arc::new(poll.registry().try_clone().unwrap());
    let threads: Vec<_> = (1..=2)
        .map(|number| {
            let registry = Arc::clone(&registry);
            thread::spawn(move || {
                let (mut socket, _) = udp_socket();
                registry.register(&mut socket, Token(number), Interest::WRITABLE).unwrap();
                socket
            })
        })
        .collect();
    expect_events(
        &mut poll,
        &mut events,
        &[(Token(1), |event| event.is_writable()), (Token(2), |event| event.is_writable())],
    );
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn one_registry_is_used_by_three_threads_at_once() {
    const ROUNDS: usize = 200;
    let (mut poll, mut events) = poll_with_events();
    let registry = poll.registry();
    let mut sockets: Vec<UdpSocket> = (0..3).map(|_| udp_socket().0).collect();
    thread::scope(|scope| {
        for (number, socket) in sockets.iter_mut().enumerate() {
            scope.spawn(move || {
                for _ in 0..ROUNDS {
                    registry.register(socket, Token(100), Interest::READABLE).unwrap();
                    registry.reregister(socket, Token(101), Interest::WRITABLE).unwrap();
                    registry.deregister(socket).unwrap();
                }
                registry.register(socket, Token(number), Interest::WRITABLE).unwrap();
            });
        }
    });
    expect_tokens(&mut poll, &mut events, &[0, 1, 2]);
}

#[test]
fn registrations_by_many_threads_are_heard_by_a_loop_that_polls_meanwhile() {
    const THREADS: usize = 4;
    const EACH: usize = 50;
    let (mut poll, mut events) = poll_with_events();
    let registry = poll.registry().try_clone().unwrap();
    let registry = &registry;
    thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                scope.spawn(move || {
                    let register = |number| {
                        let (mut socket, _) = udp_socket();
                        let token = Token(thread * EACH + number);
                        registry.register(&mut socket, token, Interest::WRITABLE).unwrap();
                        socket
                    };
                    (0..EACH).map(register).collect::<Vec<_>>()
                })
            })
            .collect();
        let mut seen = Vec::new();
        while seen.len() < THREADS * EACH {
            poll.poll(&mut events, Some(PATIENCE)).unwrap();
            assert!(!events.is_empty(), "only {} were heard", seen.len());
            seen.extend(tokens(&events));
        }
        seen.sort_unstable();
        assert_eq!(seen, (0..THREADS * EACH).collect::<Vec<_>>());
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

#[test]
fn a_poll_may_move_to_another_thread() {
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, mut peer) = stream_with_std_peer();
    poll.registry().register(&mut stream, SOURCE, Interest::READABLE).unwrap();
    peer.write_all(b"bytes").unwrap();
    thread::spawn(move || expect_one_event(&mut poll, &mut events, SOURCE)).join().unwrap();
}
