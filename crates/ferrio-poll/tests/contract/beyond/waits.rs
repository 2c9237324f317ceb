//! `wait`, `poll_until` and fine timeouts.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use mio::time::Timer;
use mio::{Events, Interest, Token, Waker};

use crate::harness::skips::is_skipped;
use crate::harness::system::stream_pair;
use crate::harness::{PATIENCE, SILENCE, expect_in_some_attempt, poll_with_events};
use crate::subject;

#[test]
fn a_deadline_is_never_early() {
    let (mut poll, mut events) = poll_with_events();
    for micros in [1, 50, 333, 1000, 2500] {
        let deadline = Instant::now() + Duration::from_micros(micros);
        assert_eq!(poll.poll_until(&mut events, deadline).unwrap(), 0);
        assert!(Instant::now() >= deadline, "early for {micros} µs");
    }
}

#[test]
fn a_deadline_in_the_past_looks_once() {
    let (mut poll, mut events) = poll_with_events();
    let waker = Waker::new(poll.registry(), Token(1)).unwrap();
    waker.wake().unwrap();
    let past = Instant::now();
    assert_eq!(poll.poll_until(&mut events, past).unwrap(), 1);
    assert_eq!(poll.poll_until(&mut events, past).unwrap(), 0);
}

#[test]
fn a_timeout_of_microseconds_is_not_rounded_to_a_millisecond() {
    if is_skipped("beyond::waits::a_timeout_of_microseconds_is_not_rounded_to_a_millisecond") {
        return;
    }
    let (mut poll, mut events) = poll_with_events();
    // The best of many: the machine may be busy, but not each time.
    let best = (0..50)
        .map(|_| {
            let start = Instant::now();
            poll.wait(&mut events, Some(Duration::from_micros(20))).unwrap();
            start.elapsed()
        })
        .min()
        .unwrap();
    assert!(best >= Duration::from_micros(20), "early: {best:?}");
    assert!(best < Duration::from_micros(900), "20 µs took {best:?}");
}

#[test]
fn wait_returns_the_number_of_events() {
    let (mut poll, mut events) = poll_with_events();
    let wakers: Vec<_> = (0..3).map(|n| Waker::new(poll.registry(), Token(n)).unwrap()).collect();
    wakers.iter().for_each(|waker| waker.wake().unwrap());
    assert_eq!(poll.wait(&mut events, Some(PATIENCE)).unwrap(), 3);
    assert_eq!(events.len(), 3);
}

#[test]
fn wait_without_a_timeout_ends_with_the_first_event() {
    let (mut poll, mut events) = poll_with_events();
    let waker = Waker::new(poll.registry(), Token(1)).unwrap();
    let thread = thread::spawn(move || {
        thread::sleep(Duration::from_millis(30));
        waker.wake().unwrap();
    });
    assert_eq!(poll.wait(&mut events, None).unwrap(), 1);
    thread.join().unwrap();
}

#[test]
fn wait_and_poll_until_refuse_a_list_without_room() {
    let mut poll = subject::new_poll().unwrap();
    let mut events = Events::with_capacity(0);
    let errors = [
        poll.wait(&mut events, Some(Duration::ZERO)).unwrap_err(),
        poll.poll_until(&mut events, Instant::now()).unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert!(error.to_string().contains("capacity"), "{error}");
    }
}

#[test]
fn a_wait_that_no_clock_can_measure_is_ended_by_a_wake() {
    for timeout in [Duration::MAX, Duration::from_secs(25 * 86_400)] {
        let (mut poll, mut events) = poll_with_events();
        let waker = Waker::new(poll.registry(), Token(1)).unwrap();
        let thread = thread::spawn(move || {
            thread::sleep(Duration::from_millis(30));
            waker.wake().unwrap();
        });
        assert_eq!(poll.wait(&mut events, Some(timeout)).unwrap(), 1);
        thread.join().unwrap();
    }
}

#[test]
fn wait_keeps_its_time_though_others_come_and_go() {
    let (mut poll, mut events) = poll_with_events();
    let registry = poll.registry().try_clone().unwrap();
    let thread = thread::spawn(move || {
        // Registrations kick a poll(2) selector out of its sleep; nobody may notice.
        for n in 0..20 {
            let (mut one, _other) = stream_pair();
            registry.register(&mut one, Token(n), Interest::READABLE.add(Interest::PRIORITY)).unwrap();
            registry.deregister(&mut one).unwrap();
            thread::sleep(Duration::from_millis(2));
        }
    });
    let start = Instant::now();
    assert_eq!(poll.wait(&mut events, Some(Duration::from_millis(80))).unwrap(), 0);
    assert!(start.elapsed() >= Duration::from_millis(80), "early: {:?}", start.elapsed());
    thread.join().unwrap();
}

#[test]
fn poll_itself_keeps_its_time_though_others_come_and_go() {
    let (mut poll, mut events) = poll_with_events();
    let registry = poll.registry().try_clone().unwrap();
    let thread = thread::spawn(move || {
        for n in 0..20 {
            let (mut one, _other) = stream_pair();
            registry.register(&mut one, Token(n), Interest::READABLE).unwrap();
            registry.deregister(&mut one).unwrap();
            thread::sleep(Duration::from_millis(2));
        }
    });
    let start = Instant::now();
    crate::harness::poll_once(&mut poll, &mut events, Duration::from_millis(80));
    assert!(events.is_empty(), "{events:?}");
    assert!(start.elapsed() >= Duration::from_millis(79), "early: {:?}", start.elapsed());
    thread.join().unwrap();
}

#[test]
fn the_first_source_of_the_process_does_not_begin_a_deadline_anew() {
    expect_in_some_attempt("late by less than what was left", || {
        let (mut poll, mut events) = poll_with_events();
        let registry = poll.registry().try_clone().unwrap();
        let deadline = Instant::now() + 10 * SILENCE;
        let other = thread::spawn(move || {
            thread::sleep(8 * SILENCE);
            let mut timer = Timer::new();
            registry.register(&mut timer, Token(1), Interest::READABLE).unwrap();
            timer.set(Duration::from_secs(60)).unwrap();
            timer
        });
        poll.poll_until(&mut events, deadline).unwrap();
        let late = deadline.elapsed();
        assert!(events.is_empty() && Instant::now() >= deadline);
        drop(other.join().unwrap());
        late < 6 * SILENCE
    });
}
