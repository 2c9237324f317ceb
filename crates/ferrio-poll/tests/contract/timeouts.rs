//! How long a poll waits: never early, and within reason.

use std::time::{Duration, Instant};

use mio::{Interest, Token, Waker};

use crate::harness::system::Counter;
use crate::harness::{PATIENCE, expect_in_some_attempt, poll_during, poll_with_events, tokens};

const WAKE: Token = Token(1);

/// How long an empty poll with `timeout` takes.
fn elapsed(timeout: Duration) -> Duration {
    let (mut poll, mut events) = poll_with_events();
    let begin = Instant::now();
    poll.poll(&mut events, Some(timeout)).unwrap();
    let elapsed = begin.elapsed();
    assert!(events.is_empty());
    elapsed
}

/// Polls with `timeout`, which is longer than any test waits: only the wake of
/// another thread may end it.
fn assert_waits_for_a_wake(timeout: Option<Duration>) {
    let (mut poll, mut events) = poll_with_events();
    let waker = Waker::new(poll.registry(), WAKE).unwrap();
    let (elapsed, woken) = poll_during(&mut poll, &mut events, timeout, || waker.wake());
    woken.unwrap();
    assert_eq!(tokens(&events), [1], "the poll with {timeout:?} ended by itself");
    assert!(elapsed < PATIENCE, "{timeout:?} was not ended by the wake: {elapsed:?}");
}

#[test]
fn a_zero_timeout_returns_at_once() {
    expect_in_some_attempt("less than a millisecond", || elapsed(Duration::ZERO) < Duration::from_millis(1));
}

#[test]
fn a_zero_timeout_still_asks_the_kernel() {
    let (mut poll, mut events) = poll_with_events();
    let mut counter = Counter::new();
    poll.registry().register(&mut counter, WAKE, Interest::READABLE).unwrap();
    poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
    assert!(events.is_empty());
    counter.add();
    poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
    assert_eq!(tokens(&events), [1]);
}

#[test]
fn a_timeout_of_milliseconds_is_never_early() {
    for millis in [1, 2, 5, 20, 50] {
        let timeout = Duration::from_millis(millis);
        let elapsed = elapsed(timeout);
        assert!(elapsed >= timeout, "{timeout:?} ended after {elapsed:?}");
    }
}

#[test]
fn a_timeout_below_a_millisecond_is_never_early() {
    for nanos in [1, 999, 1_000, 100_000, 500_000, 999_999, 1_000_001, 1_999_999] {
        for _ in 0..5 {
            let timeout = Duration::from_nanos(nanos);
            let elapsed = elapsed(timeout);
            assert!(elapsed >= timeout, "{timeout:?} ended after {elapsed:?}");
        }
    }
}

#[test]
fn a_timeout_ends_within_reason() {
    expect_in_some_attempt("20 ms take less than 200 ms", || {
        elapsed(Duration::from_millis(20)) < Duration::from_millis(200)
    });
}

#[test]
fn a_timeout_of_one_nanosecond_ends_within_reason() {
    expect_in_some_attempt("a nanosecond takes less than 50 ms", || {
        elapsed(Duration::from_nanos(1)) < Duration::from_millis(50)
    });
}

#[test]
fn no_timeout_waits_until_woken() {
    assert_waits_for_a_wake(None);
}

#[test]
fn the_longest_duration_waits_until_woken() {
    assert_waits_for_a_wake(Some(Duration::MAX));
}

#[test]
fn a_timeout_of_25_days_waits_until_woken() {
    assert_waits_for_a_wake(Some(Duration::from_secs(25 * 24 * 60 * 60)));
}

#[test]
fn timeouts_around_the_largest_number_of_milliseconds_wait_until_woken() {
    for millis in [i32::MAX as u64 - 1, i32::MAX as u64, i32::MAX as u64 + 1, u64::from(u32::MAX) + 1] {
        assert_waits_for_a_wake(Some(Duration::from_millis(millis)));
    }
    assert_waits_for_a_wake(Some(Duration::from_millis(i32::MAX as u64) + Duration::from_nanos(1)));
}

#[test]
fn timeouts_around_the_largest_numbers_of_seconds_and_nanoseconds_wait_until_woken() {
    for timeout in [
        Duration::from_secs(i64::MAX as u64),
        Duration::from_secs(i64::MAX as u64 + 1),
        Duration::from_secs(u64::MAX),
        Duration::from_nanos(u64::MAX),
        Duration::from_millis(u64::MAX),
    ] {
        assert_waits_for_a_wake(Some(timeout));
    }
}

#[test]
fn a_long_timeout_ends_with_the_first_event() {
    let (mut poll, mut events) = poll_with_events();
    let mut counter = Counter::new();
    poll.registry().register(&mut counter, WAKE, Interest::READABLE).unwrap();
    let timeout = Some(Duration::from_secs(60));
    let (elapsed, ()) = poll_during(&mut poll, &mut events, timeout, || counter.add());
    assert_eq!(tokens(&events), [1]);
    assert!(elapsed < PATIENCE, "{elapsed:?}");
}

#[test]
fn what_is_ready_already_ends_a_poll_without_a_timeout_at_once() {
    let (mut poll, mut events) = poll_with_events();
    let mut counter = Counter::new();
    poll.registry().register(&mut counter, WAKE, Interest::READABLE).unwrap();
    counter.add();
    poll.poll(&mut events, None).unwrap();
    assert_eq!(tokens(&events), [1]);
}

#[test]
fn an_expired_timeout_is_no_error_and_leaves_no_events() {
    let (mut poll, mut events) = poll_with_events();
    let mut counter = Counter::new();
    poll.registry().register(&mut counter, WAKE, Interest::READABLE).unwrap();
    counter.add();
    poll.poll(&mut events, Some(PATIENCE)).unwrap();
    assert!(!events.is_empty());
    poll.poll(&mut events, Some(Duration::from_millis(5))).unwrap();
    assert!(events.is_empty());
}
