//! Timers and timeouts.

use std::time::{Duration, Instant};

use ferrio_poll::time::{Timer, Wheel};
use ferrio_poll::{Interest, Waker};

use crate::harness::{LONG, SHORT, SOURCE, WAKE, expect_no_events, expect_one_event, poll_with_events};

#[test]
fn an_expired_timeout_is_no_error_and_never_early() {
    let (mut poll, mut events) = poll_with_events();
    for timeout in [Duration::from_nanos(1), Duration::from_micros(300), Duration::from_millis(20)] {
        let begin = Instant::now();
        poll.poll(&mut events, Some(timeout)).unwrap();
        assert!(events.is_empty() && begin.elapsed() >= timeout, "{timeout:?}");
    }
}

#[test]
fn a_zero_timeout_returns_at_once() {
    let (mut poll, mut events) = poll_with_events();
    let begin = Instant::now();
    (0..10).for_each(|_| poll.poll(&mut events, Some(Duration::ZERO)).unwrap());
    assert!(begin.elapsed() < Duration::from_secs(1));
}

#[test]
fn the_longest_timeout_ends_with_an_event() {
    let (mut poll, mut events) = poll_with_events();
    let mut timer = Timer::new();
    poll.registry().register(&mut timer, SOURCE, Interest::READABLE).unwrap();
    timer.set(SHORT).unwrap();
    poll.poll(&mut events, Some(Duration::MAX)).unwrap();
    assert_eq!(events.len(), 1);
}

#[test]
fn a_timer_ends_a_poll_without_a_timeout() {
    let (mut poll, mut events) = poll_with_events();
    let mut timer = Timer::new();
    poll.registry().register(&mut timer, SOURCE, Interest::READABLE).unwrap();
    let begin = Instant::now();
    timer.set(SHORT).unwrap();
    poll.poll(&mut events, None).unwrap();
    assert!(begin.elapsed() >= SHORT);
    assert_eq!(timer.take(), 1);
}

#[test]
fn a_timer_that_repeats_counts() {
    let (mut poll, mut events) = poll_with_events();
    let mut timer = Timer::new();
    poll.registry().register(&mut timer, SOURCE, Interest::READABLE).unwrap();
    let begin = Instant::now();
    timer.set_every(Duration::from_millis(2)).unwrap();
    let mut ticks = 0;
    while ticks < 5 {
        expect_one_event(&mut poll, &mut events, SOURCE);
        ticks += timer.take();
    }
    assert!(begin.elapsed() >= Duration::from_millis(10));
}

#[test]
fn a_cancelled_timer_is_silent() {
    let (mut poll, mut events) = poll_with_events();
    let mut timer = Timer::new();
    poll.registry().register(&mut timer, SOURCE, Interest::READABLE).unwrap();
    timer.set(Duration::from_millis(1)).unwrap();
    assert!(timer.cancel());
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn timers_come_in_the_order_of_their_deadlines() {
    let (mut poll, mut events) = poll_with_events();
    let (mut late, mut early) = (Timer::new(), Timer::new());
    poll.registry().register(&mut late, SOURCE, Interest::READABLE).unwrap();
    poll.registry().register(&mut early, WAKE, Interest::READABLE).unwrap();
    late.set(Duration::from_millis(60)).unwrap();
    early.set(Duration::from_millis(5)).unwrap();
    expect_one_event(&mut poll, &mut events, WAKE);
    expect_one_event(&mut poll, &mut events, SOURCE);
}

#[test]
fn a_wake_comes_before_a_timer_that_is_not_due() {
    let (mut poll, mut events) = poll_with_events();
    let mut timer = Timer::new();
    poll.registry().register(&mut timer, SOURCE, Interest::READABLE).unwrap();
    timer.set(LONG).unwrap();
    Waker::new(poll.registry(), WAKE).unwrap().wake().unwrap();
    let begin = Instant::now();
    poll.poll(&mut events, None).unwrap();
    assert_eq!(events.iter().next().unwrap().token(), WAKE);
    assert!(begin.elapsed() < LONG / 2);
}

#[test]
fn a_wheel_says_how_long_to_sleep() {
    let (mut poll, mut events) = poll_with_events();
    let begin = Instant::now();
    let mut wheel = Wheel::new(begin);
    wheel.insert(begin + SHORT, "due");
    poll.poll_until(&mut events, wheel.next_deadline()).unwrap();
    let (_, due) = wheel.expire(Instant::now()).unwrap();
    assert_eq!(due, "due");
    assert!(begin.elapsed() >= SHORT);
}
