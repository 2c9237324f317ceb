//! What users get wrong is an error, never a panic, a hang or a leak.

use std::io;
use std::time::Duration;

use mio::{Events, Interest, Poll, Token};

use crate::harness::system::Counter;
use crate::harness::{PATIENCE, assert_kind, expect_no_events, expect_one_event, poll_with_events};

const SOURCE: Token = Token(1);

/// A Poll that was given bad input still works.
pub(crate) fn assert_still_works(poll: &mut Poll, events: &mut Events) {
    let mut counter = Counter::new();
    poll.registry().register(&mut counter, Token(77), Interest::READABLE).unwrap();
    counter.add();
    expect_one_event(poll, events, Token(77));
    poll.registry().deregister(&mut counter).unwrap();
    expect_no_events(poll, events);
}

#[test]
fn events_without_room_are_invalid_input() {
    let (mut poll, mut events) = poll_with_events();
    let mut none = Events::with_capacity(0);
    for timeout in [Some(Duration::ZERO), Some(PATIENCE), None] {
        assert_kind(poll.poll(&mut none, timeout), io::ErrorKind::InvalidInput);
    }
    assert!(none.is_empty());
    assert_eq!(none.capacity(), 0);
    assert_still_works(&mut poll, &mut events);
}

#[test]
fn events_without_room_lose_no_event() {
    let (mut poll, mut events) = poll_with_events();
    let mut counter = Counter::new();
    poll.registry().register(&mut counter, SOURCE, Interest::READABLE).unwrap();
    counter.add();
    poll.poll(&mut Events::with_capacity(0), Some(Duration::ZERO)).unwrap_err();
    expect_one_event(&mut poll, &mut events, SOURCE);
}
