//! All bits of a token are the user's, also where a waker needs a mark of its own.

use std::io::Write;

use mio::{Events, Interest, Poll, Token, Waker};

use crate::harness::system::{Stream, stream_pair};
use crate::harness::{PATIENCE, expect_no_events, poll_once};
use crate::subject;

fn expect_both(poll: &mut Poll, events: &mut Events, waker: &Waker, writer: &mut Stream, token: Token) {
    waker.wake().unwrap();
    writer.write_all(b"!").unwrap();
    let mut seen = Vec::new();
    while seen.len() < 2 {
        poll_once(poll, events, PATIENCE);
        assert!(!events.is_empty(), "one of the two was lost: {seen:?}");
        seen.extend(events.iter().map(mio::event::Event::token));
    }
    seen.sort_unstable();
    let mut expected = [Token(77), token];
    expected.sort_unstable();
    assert_eq!(seen, expected);
    expect_no_events(poll, events);
}

fn check(tokens: &[usize], capacity: usize) {
    let mut poll = subject::new_poll().unwrap();
    let mut events = Events::with_capacity(capacity);
    let waker = Waker::new(poll.registry(), Token(77)).unwrap();
    for &token in tokens {
        let (mut reader, mut writer) = stream_pair();
        poll.registry().register(&mut reader, Token(token), Interest::READABLE).unwrap();
        expect_both(&mut poll, &mut events, &waker, &mut writer, Token(token));
        poll.registry().deregister(&mut reader).unwrap();
    }
}

#[test]
fn the_smallest_and_the_largest_token_work_beside_a_waker() {
    check(&[0, 1, usize::MAX, usize::MAX - 1], 16);
}

#[test]
fn the_smallest_and_the_largest_token_work_with_room_for_one() {
    check(&[0, usize::MAX], 1);
}
