//! Timers.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use mio::time::Timer;
use mio::{Events, Interest, Mode, Poll, Token};

use crate::harness::system::open_handles;
use crate::harness::{PATIENCE, assert_kind, expect_no_events, expect_one_event, poll_with_events};
use crate::subject;

pub(super) const TIMER: Token = Token(8);

pub(super) const SOON: Duration = Duration::from_millis(3);

/// A registered timer that is not set.
pub(super) fn timer(poll: &Poll) -> Timer {
    let mut timer = Timer::new();
    poll.registry().register(&mut timer, TIMER, Interest::READABLE).unwrap();
    timer
}

#[test]
fn a_timer_is_due_once_and_never_early() {
    let (mut poll, mut events) = poll_with_events();
    let timer = timer(&poll);
    expect_no_events(&mut poll, &mut events);
    for micros in [0, 1, 50, 999, 1000, 1001, 3333, 20_000] {
        let after = Duration::from_micros(micros);
        let begin = Instant::now();
        timer.set(after).unwrap();
        assert!(expect_one_event(&mut poll, &mut events, TIMER).is_readable());
        assert!(begin.elapsed() >= after, "{:?} instead of {after:?}", begin.elapsed());
        assert_eq!((timer.take(), timer.take()), (1, 0));
        assert_eq!(timer.deadline(), None);
    }
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn every_duration_is_valid() {
    let (mut poll, mut events) = poll_with_events();
    let timer = timer(&poll);
    for after in [Duration::ZERO, Duration::from_nanos(1)] {
        timer.set(after).unwrap();
        expect_one_event(&mut poll, &mut events, TIMER);
        assert_eq!(timer.take(), 1);
    }
    let day = Duration::from_secs(60 * 60 * 24);
    for after in [25 * day, 50 * day, 365 * 600 * day, Duration::from_secs(u64::MAX), Duration::MAX] {
        timer.set(after).unwrap();
        expect_no_events(&mut poll, &mut events);
        assert_eq!(timer.take(), 0);
    }
    timer.set_every(Duration::MAX).unwrap();
    timer.set_every_from(Instant::now(), Duration::MAX).unwrap();
    expect_one_event(&mut poll, &mut events, TIMER);
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_deadline_that_has_passed_is_due_at_once() {
    let (mut poll, mut events) = poll_with_events();
    let timer = timer(&poll);
    let now = Instant::now();
    thread::sleep(SOON);
    for _ in 0..100 {
        timer.set_at(now).unwrap();
        poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
        assert_eq!((events.len(), timer.take()), (1, 1));
        timer.set(Duration::ZERO).unwrap();
        poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
        assert_eq!((events.len(), timer.take()), (1, 1));
        let late = Instant::now().checked_sub(Duration::from_micros(1)).unwrap();
        timer.set_every_from(late, PATIENCE).unwrap();
        poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
        assert_eq!((events.len(), timer.take()), (1, 1));
        poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
        assert_eq!((events.len(), timer.take()), (0, 0));
    }
}

#[test]
fn a_timer_that_is_due_while_the_loop_is_busy_is_found_by_a_look() {
    let (mut poll, mut events) = poll_with_events();
    let timer = timer(&poll);
    poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
    timer.set(SOON).unwrap();
    thread::sleep(2 * SOON);
    poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
    assert_eq!((events.len(), timer.take()), (1, 1));
}

#[test]
fn an_interval_keeps_its_step_and_counts_what_was_missed() {
    let (mut poll, mut events) = poll_with_events();
    let timer = timer(&poll);
    let begin = Instant::now();
    timer.set_every_from(begin + SOON, SOON).unwrap();
    let mut count = 0;
    while count < 20 {
        if count == 5 {
            thread::sleep(4 * SOON);
        }
        expect_one_event(&mut poll, &mut events, TIMER);
        let times = timer.take();
        assert!(times > 0);
        count += times;
        let due = u32::try_from(count).unwrap() * SOON;
        assert!(begin.elapsed() >= due, "{count} times within {:?}", begin.elapsed());
        let next = timer.deadline().unwrap();
        assert_eq!(next, begin + due + SOON);
    }
    assert!(timer.cancel());
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn missed_times_are_one_event() {
    let (mut poll, mut events) = poll_with_events();
    let timer = timer(&poll);
    let begin = Instant::now();
    timer.set_every_from(begin, Duration::from_micros(1)).unwrap();
    thread::sleep(SOON);
    expect_one_event(&mut poll, &mut events, TIMER);
    let times = timer.take();
    assert!(times >= 3000 && u128::from(times) <= 1 + begin.elapsed().as_micros(), "{times}");
}

#[test]
fn a_cancelled_timer_is_silent_and_says_whether_it_was_set() {
    let (mut poll, mut events) = poll_with_events();
    let timer = timer(&poll);
    assert!(!timer.cancel());
    timer.set(SOON).unwrap();
    assert!(timer.cancel());
    assert!(!timer.cancel());
    expect_no_events(&mut poll, &mut events);
    // Due, and even reported, but not taken.
    timer.set(Duration::ZERO).unwrap();
    expect_one_event(&mut poll, &mut events, TIMER);
    assert!(timer.cancel());
    assert_eq!(timer.take(), 0);
}

#[test]
fn setting_a_timer_again_forgets_the_former_time() {
    let (mut poll, mut events) = poll_with_events();
    let timer = timer(&poll);
    for _ in 0..1000 {
        timer.set(Duration::ZERO).unwrap();
        timer.set(PATIENCE * 2).unwrap();
    }
    expect_no_events(&mut poll, &mut events);
    assert_eq!(timer.take(), 0);
    timer.set(Duration::ZERO).unwrap();
    expect_one_event(&mut poll, &mut events, TIMER);
    timer.set(PATIENCE * 2).unwrap();
    assert_eq!(timer.take(), 0, "the former time was counted");
}

#[test]
fn timers_come_in_the_order_of_their_deadlines() {
    let (mut poll, mut events) = poll_with_events();
    let begin = Instant::now();
    let mut timers: Vec<_> = (0..16).map(|_| Timer::new()).collect();
    for (n, timer) in timers.iter_mut().enumerate() {
        poll.registry().register(timer, Token(n), Interest::READABLE).unwrap();
        timer.set_at(begin + SOON * (16 - n as u32)).unwrap();
    }
    let mut seen = Vec::new();
    while seen.len() < timers.len() {
        poll.wait(&mut events, Some(PATIENCE)).unwrap();
        assert!(!events.is_empty(), "only {seen:?}");
        let mut batch: Vec<_> = events.iter().map(|event| event.token().0).collect();
        batch.sort_unstable_by(|a, b| b.cmp(a));
        seen.extend(batch);
    }
    assert_eq!(seen, (0..16).rev().collect::<Vec<_>>());
}

#[test]
fn a_thousand_timers_are_each_heard_once() {
    let mut poll = subject::new_poll().unwrap();
    let mut events = Events::with_capacity(7);
    let mut timers: Vec<_> = (0..1000).map(|_| Timer::new()).collect();
    let begin = Instant::now();
    for (n, timer) in timers.iter_mut().enumerate() {
        poll.registry().register(timer, Token(n), Interest::READABLE).unwrap();
        timer.set_at(begin + Duration::from_micros(n as u64 * 7919 % 20_000)).unwrap();
    }
    let mut seen = vec![0; timers.len()];
    for _ in 0..timers.len() {
        if seen.iter().sum::<u64>() == 1000 {
            break;
        }
        poll.wait(&mut events, Some(PATIENCE)).unwrap();
        for event in &events {
            seen[event.token().0] += timers[event.token().0].take();
        }
    }
    assert!(seen.iter().all(|times| *times == 1), "{seen:?}");
}

#[test]
fn a_timer_may_be_set_before_it_is_registered() {
    let (mut poll, mut events) = poll_with_events();
    let mut timer = Timer::new();
    let begin = Instant::now();
    timer.set_every_from(begin, SOON).unwrap();
    thread::sleep(2 * SOON);
    poll.registry().register(&mut timer, TIMER, Interest::READABLE).unwrap();
    expect_one_event(&mut poll, &mut events, TIMER);
    assert!(timer.take() >= 3);
}

#[test]
fn a_deregistered_timer_is_silent_and_reports_later_what_came_due() {
    let (mut poll, mut events) = poll_with_events();
    let mut timer = timer(&poll);
    timer.set(SOON).unwrap();
    poll.registry().deregister(&mut timer).unwrap();
    assert_eq!(poll.next_deadline(), None);
    expect_no_events(&mut poll, &mut events);
    poll.registry().register(&mut timer, Token(3), Interest::READABLE).unwrap();
    expect_one_event(&mut poll, &mut events, Token(3));
    assert_eq!(timer.take(), 1);
    // Due, but deregistered before a poll could tell.
    timer.set(Duration::ZERO).unwrap();
    poll.registry().deregister(&mut timer).unwrap();
    timer.set(Duration::ZERO).unwrap();
    expect_no_events(&mut poll, &mut events);
    poll.registry().register(&mut timer, Token(3), Interest::READABLE).unwrap();
    expect_one_event(&mut poll, &mut events, Token(3));
}

#[test]
fn the_modes_hold_for_timers() {
    let (mut poll, mut events) = poll_with_events();
    let mut timer = Timer::new();
    poll.registry().register_with(&mut timer, TIMER, Interest::READABLE, Mode::Level).unwrap();
    timer.set(SOON).unwrap();
    for _ in 0..3 {
        expect_one_event(&mut poll, &mut events, TIMER);
    }
    assert_eq!(timer.take(), 1);
    expect_no_events(&mut poll, &mut events);
    poll.registry().reregister_with(&mut timer, TIMER, Interest::READABLE, Mode::Oneshot).unwrap();
    timer.set_every(SOON).unwrap();
    expect_one_event(&mut poll, &mut events, TIMER);
    expect_no_events(&mut poll, &mut events);
    poll.registry().reregister_with(&mut timer, TIMER, Interest::READABLE, Mode::Oneshot).unwrap();
    expect_one_event(&mut poll, &mut events, TIMER);
    assert!(timer.take() > 1);
}

#[test]
fn an_interval_of_zero_is_refused_and_an_interest_that_never_comes_true() {
    let (poll, _) = poll_with_events();
    let mut timer = Timer::default();
    assert_kind(timer.set_every(Duration::ZERO), io::ErrorKind::InvalidInput);
    assert_kind(timer.set_every_from(Instant::now(), Duration::ZERO), io::ErrorKind::InvalidInput);
    let result = poll.registry().register(&mut timer, TIMER, Interest::WRITABLE);
    assert_kind(result, io::ErrorKind::Unsupported);
    assert_kind(poll.registry().deregister(&mut timer), io::ErrorKind::NotFound);
    poll.registry().register(&mut timer, TIMER, Interest::READABLE).unwrap();
    let result = poll.registry().register(&mut timer, TIMER, Interest::READABLE);
    assert_kind(result, io::ErrorKind::AlreadyExists);
    let other = subject::new_poll().unwrap();
    assert_kind(other.registry().deregister(&mut timer), io::ErrorKind::NotFound);
    assert!(format!("{timer:?}").contains("deadline"), "{timer:?}");
}

#[test]
fn a_dropped_timer_lets_its_poll_go() {
    crate::harness::in_own_process("beyond::timers::a_dropped_timer_lets_its_poll_go", || {
        let before = open_handles();
        for _ in 0..10 {
            let poll = subject::new_poll().unwrap();
            let timer = timer(&poll);
            timer.set(PATIENCE).unwrap();
            drop(poll);
            timer.set(SOON).unwrap();
            drop(timer);
        }
        assert_eq!(open_handles(), before);
    });
}
