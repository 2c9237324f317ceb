//! What the operations of pipes cost, which no user can see.

use std::io::{Read, Write};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::event::Events;
use crate::interest::Interest;
use crate::poll::Poll;
use crate::sys::overlapped;
use crate::token::Token;
use crate::windows::named_pipe::NamedPipe;

const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);

fn name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!(r"\\.\pipe\ferrio-unit-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// A server and its client, both registered with `poll`.
fn pair(poll: &Poll) -> (NamedPipe, NamedPipe) {
    let name = name();
    let mut server = NamedPipe::new(&name).unwrap();
    let mut client = NamedPipe::connect_to(&name).unwrap();
    poll.registry().register(&mut server, Token(0), BOTH).unwrap();
    poll.registry().register(&mut client, Token(1), BOTH).unwrap();
    (server, client)
}

fn places(poll: &Poll) -> (usize, usize) {
    poll.registry().shared().selector.flights()
}

/// Polls until no operation is under way.
fn settle(poll: &mut Poll, events: &mut Events) {
    for _ in 0..200 {
        poll.poll(events, Some(Duration::from_millis(5))).unwrap();
        let (all, free) = places(poll);
        if all == free {
            return;
        }
    }
    panic!("operations stay under way: {:?}", places(poll));
}

#[test]
fn a_thousand_pipes_that_come_and_go_need_no_more_places_than_one() {
    let mut poll = Poll::new().unwrap();
    let mut events = Events::with_capacity(16);
    for _ in 0..1000 {
        let (mut server, mut client) = pair(&poll);
        client.write_all(b"x").unwrap();
        let _ = server.read(&mut [0; 8]);
        drop((server, client));
        settle(&mut poll, &mut events);
    }
    let (all, free) = places(&poll);
    assert!(all <= 4, "{all} places");
    assert_eq!(all, free);
}

#[test]
fn pipes_that_come_and_go_without_a_poll_give_their_places_back() {
    let mut poll = Poll::new().unwrap();
    let mut events = Events::with_capacity(16);
    for _ in 0..1000 {
        drop(pair(&poll));
    }
    assert!(places(&poll).0 <= 200, "{:?}", places(&poll));
    settle(&mut poll, &mut events);
}

#[test]
fn packets_that_are_put_back_for_the_poller_keep_how_their_operations_ended() {
    let mut poll = Poll::new().unwrap();
    let mut events = Events::with_capacity(16);
    let (mut server, client) = pair(&poll);
    // The end of the client is in the port while others are looked for.
    drop(client);
    for _ in 0..200 {
        drop(pair(&poll));
    }
    let mut end = None;
    for _ in 0..200 {
        match server.read(&mut [0; 8]) {
            Ok(len) => {
                end = Some(len);
                break;
            }
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock),
        }
        poll.poll(&mut events, Some(Duration::from_millis(20))).unwrap();
    }
    assert_eq!(end, Some(0));
}

#[test]
fn the_end_of_a_poll_gives_back_what_was_under_way() {
    let poll = Poll::new().unwrap();
    let (server, client) = pair(&poll);
    let selector = std::sync::Arc::downgrade(poll.registry().shared());
    drop(poll);
    assert!(selector.upgrade().is_some(), "pipes keep their selector");
    let leaked = overlapped::leaked();
    drop((server, client));
    assert!(selector.upgrade().is_none(), "a circle of owners");
    assert_eq!(overlapped::leaked(), leaked, "memory was given up");
}
