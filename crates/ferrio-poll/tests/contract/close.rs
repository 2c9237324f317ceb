//! Sources that are dropped or deregistered: no event comes late.

use std::io::{Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use mio::net::UdpSocket;
use mio::{Events, Interest, Token, Waker};

use crate::harness::system::{Stream, duplicate, every_source, number, stream_pair, stream_with_std_peer};
use crate::harness::{
    BOTH, PATIENCE, SILENCE, expect_no_events, expect_one_event, poll_once, poll_with_events, tokens,
};
use crate::net_harness::{drain, udp_socket};
use crate::subject;

const SOURCE: Token = Token(1);
const NEXT: Token = Token(2);

#[test]
fn dropping_a_registered_stream_ends_its_peer() {
    let (poll, _events) = poll_with_events();
    let (mut stream, mut peer) = stream_with_std_peer();
    poll.registry().register(&mut stream, SOURCE, BOTH).unwrap();
    drop(stream);
    assert_eq!(peer.read(&mut [0; 8]).unwrap(), 0);
}

#[test]
fn dropping_a_registered_stream_ends_its_peer_while_another_thread_sleeps_in_poll() {
    let (mut poll, mut events) = poll_with_events();
    let waker = Waker::new(poll.registry(), NEXT).unwrap();
    let (mut stream, mut peer) = stream_with_std_peer();
    poll.registry().register(&mut stream, SOURCE, Interest::READABLE).unwrap();
    let polling = thread::spawn(move || {
        poll_once(&mut poll, &mut events, PATIENCE);
        tokens(&events)
    });
    thread::sleep(SILENCE);
    let begin = Instant::now();
    drop(stream);
    let read = peer.read(&mut [0; 8]);
    let elapsed = begin.elapsed();
    waker.wake().unwrap();
    assert_eq!(polling.join().unwrap(), [2]);
    assert_eq!(read.unwrap(), 0);
    assert!(elapsed < PATIENCE / 2, "the end took {elapsed:?}");
}

#[test]
fn a_dropped_source_leaves_no_event_that_was_pending() {
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, mut peer) = stream_with_std_peer();
    let mut others = every_source();
    peer.write_all(b"bytes").unwrap();
    poll.registry().register(&mut stream, SOURCE, BOTH).unwrap();
    for source in &mut others.0 {
        poll.registry().register(source, SOURCE, BOTH).unwrap();
    }
    drop((stream, others));
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_source_dropped_after_its_event_is_silent() {
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, mut peer) = stream_with_std_peer();
    poll.registry().register(&mut stream, SOURCE, Interest::READABLE).unwrap();
    peer.write_all(b"bytes").unwrap();
    expect_one_event(&mut poll, &mut events, SOURCE);
    drop(stream);
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_pending_event_is_gone_after_deregister() {
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, mut peer) = stream_with_std_peer();
    poll.registry().register(&mut stream, SOURCE, BOTH).unwrap();
    peer.write_all(b"bytes").unwrap();
    poll.registry().deregister(&mut stream).unwrap();
    expect_no_events(&mut poll, &mut events);
    assert_eq!(drain(&stream).0, b"bytes");
}

#[test]
fn events_that_exceeded_the_capacity_are_gone_after_deregister() {
    let mut poll = subject::new_poll().unwrap();
    let mut events = Events::with_capacity(2);
    let mut sockets: Vec<UdpSocket> = (0..10).map(|_| udp_socket().0).collect();
    for (number, socket) in sockets.iter_mut().enumerate() {
        poll.registry().register(socket, Token(number), Interest::WRITABLE).unwrap();
    }
    poll_once(&mut poll, &mut events, PATIENCE);
    assert!(!events.is_empty());
    for socket in &mut sockets {
        poll.registry().deregister(socket).unwrap();
    }
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_duplicate_does_not_keep_a_deregistered_source_alive() {
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, mut peer) = stream_with_std_peer();
    let duplicate: Stream = duplicate(&stream);
    poll.registry().register(&mut stream, SOURCE, BOTH).unwrap();
    peer.write_all(b"bytes").unwrap();
    poll.registry().deregister(&mut stream).unwrap();
    drop(stream);
    peer.write_all(b"more").unwrap();
    expect_no_events(&mut poll, &mut events);
    assert_eq!(drain(&duplicate).0, b"bytesmore");
}

#[test]
fn a_token_is_not_seen_after_deregister_in_another_thread() {
    let (mut poll, mut events) = poll_with_events();
    let waker = Waker::new(poll.registry(), NEXT).unwrap();
    let registry = poll.registry().try_clone().unwrap();
    let (registry, waker) = (&registry, &waker);
    for _ in 0..200 {
        let gone = AtomicBool::new(false);
        let (mut socket, _) = udp_socket();
        thread::scope(|scope| {
            scope.spawn(|| {
                registry.register(&mut socket, SOURCE, Interest::WRITABLE).unwrap();
                registry.reregister(&mut socket, SOURCE, BOTH).unwrap();
                registry.deregister(&mut socket).unwrap();
                gone.store(true, Ordering::Release);
                waker.wake().unwrap();
            });
            loop {
                let was_gone = gone.load(Ordering::Acquire);
                poll_once(&mut poll, &mut events, PATIENCE);
                let seen = tokens(&events);
                assert!(!(was_gone && seen.contains(&1)), "a token after its deregister");
                assert!(!seen.is_empty(), "the wake is missing");
                if seen.contains(&2) {
                    break;
                }
            }
        });
    }
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_reused_descriptor_number_is_heard_by_its_new_token_only() {
    let (mut poll, mut events) = poll_with_events();
    let mut reused = 0;
    for _ in 0..200 {
        let (mut old, old_peer) = stream_pair();
        let old_number = number(&old);
        poll.registry().register(&mut old, SOURCE, BOTH).unwrap();
        (&old_peer).write_all(b"old").unwrap();
        drop(old);
        let (mut socket, _) = udp_socket();
        // Another test may have taken the number.
        reused += usize::from(number(&socket) == old_number);
        poll.registry().register(&mut socket, NEXT, Interest::WRITABLE).unwrap();
        expect_one_event(&mut poll, &mut events, NEXT);
        poll.registry().deregister(&mut socket).unwrap();
        if reused == 5 {
            return;
        }
    }
    assert!(reused > 0, "no number was ever used again");
}

#[test]
fn a_reused_descriptor_number_that_is_not_registered_is_silent() {
    let (mut poll, mut events) = poll_with_events();
    let (mut old, _) = udp_socket();
    poll.registry().register(&mut old, SOURCE, Interest::READABLE).unwrap();
    drop(old);
    // Readable sockets, one of which has the number of the old one.
    let sockets: Vec<UdpSocket> = (0..20).map(|_| udp_socket().0).collect();
    for socket in &sockets {
        socket.send_to(b"to itself", socket.local_addr().unwrap()).unwrap();
    }
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn the_drop_of_one_source_leaves_the_others() {
    let (mut poll, mut events) = poll_with_events();
    let mut sockets: Vec<UdpSocket> = (0..6).map(|_| udp_socket().0).collect();
    for (number, socket) in sockets.iter_mut().enumerate() {
        poll.registry().register(socket, Token(number), Interest::WRITABLE).unwrap();
    }
    drop(sockets.remove(2));
    poll_once(&mut poll, &mut events, PATIENCE);
    assert_eq!(tokens(&events), [0, 1, 3, 4, 5]);
}
