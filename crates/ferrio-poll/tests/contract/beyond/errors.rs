//! Errors say what was wrong and what to do.

use std::io;

use mio::time::Timer;
use mio::{Events, Interest, Token};

use crate::subject;

/// Fails unless the error is of this kind and its text holds the advice.
pub(super) fn assert_advice(result: io::Result<()>, kind: io::ErrorKind, advice: &str) {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(advice), "no {advice:?} in: {error}");
}

#[test]
fn events_without_room_are_pointed_to_their_capacity() {
    let mut poll = subject::new_poll().unwrap();
    let result = poll.poll(&mut Events::with_capacity(0), None);
    assert_advice(result, io::ErrorKind::InvalidInput, "a capacity of at least 1");
}

#[test]
fn a_timer_of_another_poll_is_not_pointed_to_reregister() {
    let (one, other) = (subject::new_poll().unwrap(), subject::new_poll().unwrap());
    let mut timer = Timer::new();
    one.registry().register(&mut timer, Token(0), Interest::READABLE).unwrap();
    for _ in 0..2 {
        let refused = other.registry().register(&mut timer, Token(0), Interest::READABLE);
        assert_advice(refused, io::ErrorKind::InvalidInput, "make a new one for this Poll");
        let _ = one.registry().deregister(&mut timer);
    }
    let refused = other.registry().reregister(&mut timer, Token(0), Interest::READABLE);
    assert_advice(refused, io::ErrorKind::NotFound, "make a new source for this Poll");
    // The advice works.
    other.registry().register(&mut Timer::new(), Token(0), Interest::READABLE).unwrap();
}
