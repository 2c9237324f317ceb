//! A timer that counts suspends. None can be had in a test.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use mio::time::BootTimer;
use mio::{Events, Interest, Mode, Poll, Token};

use crate::harness::{PATIENCE, expect_no_events, expect_one_event, poll_during, poll_with_events, tokens};

const TIMER: Token = Token(6);

fn setup(mode: Mode) -> (Poll, Events, BootTimer) {
    let (poll, events) = poll_with_events();
    let mut timer = BootTimer::new().unwrap();
    poll.registry().register_with(&mut timer, TIMER, Interest::READABLE, mode).unwrap();
    (poll, events, timer)
}

fn millis(count: u64) -> Duration {
    Duration::from_millis(count)
}

#[test]
fn a_span_is_over_once_and_never_early() {
    let (mut poll, mut events, timer) = setup(Mode::Edge);
    for span in [Duration::ZERO, Duration::from_nanos(1), millis(1), millis(30)] {
        let begin = Instant::now();
        timer.set(span).unwrap();
        expect_one_event(&mut poll, &mut events, TIMER);
        assert!(begin.elapsed() >= span, "{:?} instead of {span:?}", begin.elapsed());
        assert_eq!(timer.take().unwrap(), 1);
        assert_eq!(timer.take().unwrap(), 0);
        expect_no_events(&mut poll, &mut events);
    }
}

#[test]
fn an_interval_counts_what_nobody_took() {
    let (mut poll, mut events, timer) = setup(Mode::Edge);
    let begin = Instant::now();
    timer.set_every(millis(10)).unwrap();
    expect_one_event(&mut poll, &mut events, TIMER);
    assert!(begin.elapsed() >= millis(10));
    thread::sleep(millis(35));
    let count = timer.take().unwrap();
    let most = begin.elapsed().as_millis() / 10;
    assert!(count >= 3 && u128::from(count) <= most, "{count} of {most}");
    // What comes after it is an event again.
    expect_one_event(&mut poll, &mut events, TIMER);
    assert!(timer.take().unwrap() > 0);
}

#[test]
fn a_timer_that_is_cancelled_or_set_anew_forgets_what_was_due() {
    let (mut poll, mut events, timer) = setup(Mode::Edge);
    timer.cancel().unwrap();
    timer.set(millis(5)).unwrap();
    timer.cancel().unwrap();
    expect_no_events(&mut poll, &mut events);
    timer.set(Duration::ZERO).unwrap();
    thread::sleep(millis(5));
    timer.cancel().unwrap();
    assert_eq!(timer.take().unwrap(), 0);
    expect_no_events(&mut poll, &mut events);
    timer.set_every(millis(1)).unwrap();
    thread::sleep(millis(5));
    timer.set(millis(10)).unwrap();
    expect_one_event(&mut poll, &mut events, TIMER);
    assert_eq!(timer.take().unwrap(), 1);
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn every_span_is_valid_and_an_interval_of_zero_is_none() {
    let (mut poll, mut events, timer) = setup(Mode::Edge);
    for span in [Duration::MAX, Duration::from_secs(u64::from(u32::MAX)), Duration::from_nanos(u64::MAX)] {
        timer.set(span).unwrap();
        timer.set_every(span).unwrap();
    }
    expect_no_events(&mut poll, &mut events);
    timer.set(millis(20)).unwrap();
    let error = timer.set_every(Duration::ZERO).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    assert!(error.to_string().contains("interval of 0"), "{error}");
    // It changed nothing.
    expect_one_event(&mut poll, &mut events, TIMER);
    assert_eq!(timer.take().unwrap(), 1);
}

#[test]
fn the_modes_hold_for_a_boot_timer() {
    let (mut poll, mut events, timer) = setup(Mode::Level);
    timer.set(Duration::ZERO).unwrap();
    for _ in 0..3 {
        expect_one_event(&mut poll, &mut events, TIMER);
    }
    assert_eq!(timer.take().unwrap(), 1);
    expect_no_events(&mut poll, &mut events);

    let (mut poll, mut events, mut timer) = setup(Mode::Oneshot);
    timer.set_every(millis(1)).unwrap();
    expect_one_event(&mut poll, &mut events, TIMER);
    expect_no_events(&mut poll, &mut events);
    poll.registry().reregister_with(&mut timer, TIMER, Interest::READABLE, Mode::Oneshot).unwrap();
    expect_one_event(&mut poll, &mut events, TIMER);
}

#[test]
fn a_timer_may_be_set_by_another_thread_while_the_poll_sleeps() {
    let (mut poll, mut events, timer) = setup(Mode::Edge);
    poll_during(&mut poll, &mut events, Some(PATIENCE), || timer.set(millis(1)).unwrap());
    assert_eq!(tokens(&events), [TIMER.0]);
    assert_eq!(timer.take().unwrap(), 1);
}
