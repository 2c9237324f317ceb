//! The small vocabulary that the tests share.

use std::io;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use mio::event::Event;
use mio::{Events, Interest, Poll, Token};

use crate::subject;

/// How long an expected event may take before the test fails. Generous: a
/// loaded machine must not fail a test, and a passing test never waits this long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// How long silence is watched before a test believes it.
pub(crate) const SILENCE: Duration = Duration::from_millis(40);

/// A Poll of the subject and room for 16 events.
pub(crate) fn poll_with_events() -> (Poll, Events) {
    (subject::new_poll().expect("a new Poll"), Events::with_capacity(16))
}

/// An address that lets the kernel choose a free port.
pub(crate) fn any_local_v4() -> SocketAddr {
    "127.0.0.1:0".parse().expect("an address")
}

/// Polls once, again if a signal interrupts the wait.
pub(crate) fn poll_once(poll: &mut Poll, events: &mut Events, timeout: Duration) {
    let deadline = Instant::now() + timeout;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match poll.poll(events, Some(left)) {
            Ok(()) => return,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => panic!("poll failed: {error}"),
        }
    }
}

/// What must hold of an expected event.
pub(crate) type Holds = fn(&Event) -> bool;

/// Polls until every pair of `expected` was seen: an event with that token for
/// which the predicate holds. Events may arrive over several polls and carry
/// more than asked; an event with a token that was not expected fails the test.
pub(crate) fn expect_events(poll: &mut Poll, events: &mut Events, expected: &[(Token, Holds)]) {
    let mut missing: Vec<_> = expected.to_vec();
    let deadline = Instant::now() + PATIENCE;
    let mut seen = Vec::new();
    while !missing.is_empty() {
        assert!(Instant::now() < deadline, "{} expected events missing, saw {seen:?}", missing.len());
        poll_once(poll, events, Duration::from_millis(500));
        for event in events.iter() {
            seen.push(format!("{event:?}"));
            assert!(
                expected.iter().any(|(token, _)| *token == event.token()),
                "an event nobody expected: {event:?}"
            );
            missing.retain(|(token, holds)| *token != event.token() || !holds(event));
        }
    }
}

/// Polls until one event with `token` arrives and returns it; fails if any
/// other event comes with it.
pub(crate) fn expect_one_event(poll: &mut Poll, events: &mut Events, token: Token) -> Event {
    let deadline = Instant::now() + PATIENCE;
    loop {
        assert!(Instant::now() < deadline, "no event for {token:?}");
        poll_once(poll, events, Duration::from_millis(500));
        let all: Vec<_> = events.iter().cloned().collect();
        match all.as_slice() {
            [] => {}
            [event] if event.token() == token => return event.clone(),
            others => panic!("expected exactly one event for {token:?}, saw {others:?}"),
        }
    }
}

/// Watches for [`SILENCE`] and fails if anything is reported.
pub(crate) fn expect_no_events(poll: &mut Poll, events: &mut Events) {
    poll_once(poll, events, SILENCE);
    assert!(events.is_empty(), "expected silence, saw {events:?}");
}

/// Fails unless `result` is `WouldBlock`.
pub(crate) fn assert_would_block<T>(result: io::Result<T>) {
    match result {
        Ok(_) => panic!("expected WouldBlock, got a value"),
        Err(error) => assert_eq!(error.kind(), io::ErrorKind::WouldBlock, "{error}"),
    }
}

/// Repeats `operation` while it would block; fails after [`PATIENCE`].
pub(crate) fn retry<T>(mut operation: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match operation() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                assert!(Instant::now() < deadline, "would block for longer than {PATIENCE:?}");
                thread::sleep(Duration::from_millis(1));
            }
            result => return result,
        }
    }
}

/// Both directions.
pub(crate) const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);
