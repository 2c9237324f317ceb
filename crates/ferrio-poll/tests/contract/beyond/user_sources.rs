//! Readiness that a program makes itself.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use mio::event::Source;
use mio::time::Timer;
use mio::user;
use mio::{Events, Interest, Mode, Token, Waker};

use crate::harness::{
    BOTH, PATIENCE, assert_kind, expect_no_events, expect_one_event, poll_during, poll_with_events,
    tokens_until_silence,
};
use crate::subject;

const USER: Token = Token(9);

#[test]
fn a_fire_is_an_event_and_many_are_one() {
    let (mut poll, mut events) = poll_with_events();
    let (mut receiver, trigger) = user::source();
    poll.registry().register(&mut receiver, USER, Interest::READABLE).unwrap();
    expect_no_events(&mut poll, &mut events);
    (0..100).for_each(|_| trigger.fire().unwrap());
    let event = expect_one_event(&mut poll, &mut events, USER);
    assert!(event.is_readable() && !event.is_writable(), "{event:?}");
    expect_no_events(&mut poll, &mut events);
    assert_eq!(receiver.take(), Some(Interest::READABLE));
    assert_eq!(receiver.take(), None);
}

#[test]
fn a_fire_wakes_a_sleeping_poll() {
    let (mut poll, mut events) = poll_with_events();
    let (mut receiver, trigger) = user::source();
    poll.registry().register(&mut receiver, USER, Interest::READABLE).unwrap();
    for _ in 0..3 {
        poll_during(&mut poll, &mut events, None, || trigger.fire().unwrap());
        assert_eq!(events.len(), 1);
        assert!(receiver.take().is_some());
    }
}

#[test]
fn each_fire_after_an_event_is_a_new_event_though_nobody_takes() {
    let (mut poll, mut events) = poll_with_events();
    let (mut receiver, trigger) = user::source();
    poll.registry().register(&mut receiver, USER, Interest::READABLE).unwrap();
    for _ in 0..3 {
        trigger.fire().unwrap();
        expect_one_event(&mut poll, &mut events, USER);
    }
}

#[test]
fn what_was_taken_before_its_event_is_not_reported() {
    let (mut poll, mut events) = poll_with_events();
    let (mut receiver, trigger) = user::source();
    poll.registry().register(&mut receiver, USER, Interest::READABLE).unwrap();
    trigger.fire().unwrap();
    assert!(receiver.take().is_some());
    expect_no_events(&mut poll, &mut events);
    trigger.fire().unwrap();
    expect_one_event(&mut poll, &mut events, USER);
}

#[test]
fn both_directions_are_told_apart() {
    let (mut poll, mut events) = poll_with_events();
    let (mut receiver, trigger) = user::source();
    poll.registry().register(&mut receiver, USER, BOTH).unwrap();
    trigger.fire_writable().unwrap();
    let event = expect_one_event(&mut poll, &mut events, USER);
    assert!(event.is_writable() && !event.is_readable(), "{event:?}");
    trigger.fire().unwrap();
    expect_one_event(&mut poll, &mut events, USER);
    assert_eq!(receiver.take(), Some(BOTH));
}

#[test]
fn a_direction_that_is_not_asked_for_is_silent_until_it_is() {
    let (mut poll, mut events) = poll_with_events();
    let (mut receiver, trigger) = user::source();
    poll.registry().register(&mut receiver, USER, Interest::READABLE).unwrap();
    trigger.fire_writable().unwrap();
    expect_no_events(&mut poll, &mut events);
    poll.registry().reregister(&mut receiver, USER, Interest::WRITABLE).unwrap();
    assert!(expect_one_event(&mut poll, &mut events, USER).is_writable());
}

#[test]
fn a_fire_from_before_the_registration_is_reported_by_it() {
    let (mut poll, mut events) = poll_with_events();
    let (mut receiver, trigger) = user::source();
    trigger.fire().unwrap();
    poll.registry().register(&mut receiver, USER, Interest::READABLE).unwrap();
    expect_one_event(&mut poll, &mut events, USER);
    poll.registry().deregister(&mut receiver).unwrap();
    assert!(receiver.take().is_some());
    trigger.fire().unwrap();
    expect_no_events(&mut poll, &mut events);
    poll.registry().register(&mut receiver, Token(10), Interest::READABLE).unwrap();
    expect_one_event(&mut poll, &mut events, Token(10));
}

#[test]
fn a_deregistered_source_reports_nothing_that_was_fired_before() {
    let (mut poll, mut events) = poll_with_events();
    let (mut receiver, trigger) = user::source();
    poll.registry().register(&mut receiver, USER, Interest::READABLE).unwrap();
    trigger.fire().unwrap();
    poll.registry().deregister(&mut receiver).unwrap();
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_dropped_receiver_is_silent_and_its_place_serves_the_next() {
    let (mut poll, mut events) = poll_with_events();
    for n in 0..200 {
        let (mut receiver, trigger) = user::source();
        poll.registry().register(&mut receiver, Token(n), Interest::READABLE).unwrap();
        trigger.fire().unwrap();
        drop(receiver);
        trigger.fire().unwrap();
        let (mut next, _trigger) = user::source();
        poll.registry().register(&mut next, USER, Interest::READABLE).unwrap();
        drop(trigger);
        drop(next);
    }
    assert!(tokens_until_silence(&mut poll, &mut events).is_empty());
}

#[test]
fn a_late_fire_reaches_no_other_source() {
    let (mut poll, mut events) = poll_with_events();
    let (mut first, late) = user::source();
    poll.registry().register(&mut first, Token(1), Interest::READABLE).unwrap();
    drop(first);
    let (mut second, _trigger) = user::source();
    poll.registry().register(&mut second, Token(2), Interest::READABLE).unwrap();
    late.fire().unwrap();
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn registering_twice_or_elsewhere_is_an_error_that_says_so() {
    let (poll, other) = (subject::new_poll().unwrap(), subject::new_poll().unwrap());
    let (mut receiver, _trigger) = user::source();
    assert_kind(poll.registry().deregister(&mut receiver), io::ErrorKind::NotFound);
    let result = poll.registry().reregister(&mut receiver, USER, Interest::READABLE);
    assert_kind(result, io::ErrorKind::NotFound);
    poll.registry().register(&mut receiver, USER, Interest::READABLE).unwrap();
    let result = poll.registry().register(&mut receiver, USER, Interest::READABLE);
    assert_kind(result, io::ErrorKind::AlreadyExists);
    assert_kind(other.registry().deregister(&mut receiver), io::ErrorKind::NotFound);
    poll.registry().deregister(&mut receiver).unwrap();
    let result = other.registry().register(&mut receiver, USER, Interest::READABLE);
    assert_kind(result, io::ErrorKind::InvalidInput);
    assert_kind(poll.registry().deregister(&mut receiver), io::ErrorKind::NotFound);
}

#[test]
fn both_directions_are_one_registration() {
    let (mut poll, mut events) = poll_with_events();
    let other = subject::new_poll().unwrap();
    let (mut receiver, trigger) = user::source();
    poll.registry().register(&mut receiver, USER, Interest::WRITABLE).unwrap();
    for interest in [Interest::READABLE, BOTH] {
        let result = poll.registry().register(&mut receiver, Token(10), interest);
        assert_kind(result, io::ErrorKind::AlreadyExists);
    }
    // Also while it is registered, a second Poll is told apart from a second registration.
    let result = other.registry().register(&mut receiver, Token(10), Interest::READABLE);
    assert_kind(result, io::ErrorKind::InvalidInput);
    trigger.fire().unwrap();
    expect_no_events(&mut poll, &mut events);
    poll.registry().deregister(&mut receiver).unwrap();
    let result = other.registry().register(&mut receiver, USER, Interest::READABLE);
    assert_kind(result, io::ErrorKind::InvalidInput);
}

#[test]
fn both_directions_are_one_event_and_one_shot() {
    for mode in [Mode::Edge, Mode::Level, Mode::Oneshot] {
        let (mut poll, mut events) = poll_with_events();
        let (mut source, trigger) = user::source();
        poll.registry().register_with(&mut source, USER, BOTH, mode).unwrap();
        trigger.fire().unwrap();
        trigger.fire_writable().unwrap();
        let event = expect_one_event(&mut poll, &mut events, USER);
        assert!(event.is_readable() && event.is_writable(), "{mode:?}: {event:?}");
        if mode == Mode::Level {
            // It says so until it is taken.
            expect_one_event(&mut poll, &mut events, USER);
        }
        assert_eq!(source.take(), Some(BOTH));
        expect_no_events(&mut poll, &mut events);
    }
}

#[test]
fn the_shot_of_one_direction_disarms_the_other() {
    let (mut poll, mut events) = poll_with_events();
    let (mut source, trigger) = user::source();
    poll.registry().register_with(&mut source, USER, BOTH, Mode::Oneshot).unwrap();
    trigger.fire().unwrap();
    assert!(expect_one_event(&mut poll, &mut events, USER).is_readable());
    trigger.fire_writable().unwrap();
    expect_no_events(&mut poll, &mut events);
    poll.registry().reregister_with(&mut source, USER, BOTH, Mode::Oneshot).unwrap();
    assert!(expect_one_event(&mut poll, &mut events, USER).is_writable());
}

#[test]
fn an_interest_that_never_comes_true_is_named_also_beside_one_that_does() {
    let (poll, _) = poll_with_events();
    let (mut source, _trigger) = user::source();
    let (_sender, mut receiver) = user::channel::<u8>();
    let mut timer = Timer::new();
    let sources: [&mut dyn Source; 3] = [&mut source, &mut receiver, &mut timer];
    for source in sources {
        let error = poll.registry().register(source, USER, BOTH | Interest::AIO).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::Unsupported);
        assert!(error.to_string().contains("AIO"), "{error}");
        poll.registry().register(source, USER, Interest::READABLE).unwrap();
    }
}

#[test]
fn a_wrong_interest_is_unsupported_and_changes_nothing() {
    let (mut poll, mut events) = poll_with_events();
    let (mut receiver, trigger) = user::source();
    let result = poll.registry().register(&mut receiver, USER, Interest::PRIORITY);
    assert_kind(result, io::ErrorKind::Unsupported);
    poll.registry().register(&mut receiver, USER, Interest::READABLE).unwrap();
    let error = poll.registry().reregister(&mut receiver, USER, Interest::PRIORITY).unwrap_err();
    assert!(error.to_string().contains("PRIORITY"), "{error}");
    trigger.fire().unwrap();
    expect_one_event(&mut poll, &mut events, USER);
}

#[test]
fn a_fire_that_races_with_the_registration_is_reported() {
    let (mut poll, mut events) = poll_with_events();
    for n in 0..500 {
        let (mut receiver, trigger) = user::source();
        thread::scope(|scope| {
            scope.spawn(|| trigger.fire().unwrap());
            poll.registry().register(&mut receiver, Token(n), Interest::READABLE).unwrap();
        });
        expect_one_event(&mut poll, &mut events, Token(n));
    }
}

#[test]
fn what_was_written_before_a_fire_is_seen_with_its_event() {
    const ROUNDS: usize = 20_000;
    let (mut poll, mut events) = poll_with_events();
    let (mut receiver, trigger) = user::source();
    poll.registry().register(&mut receiver, USER, Interest::READABLE).unwrap();
    let written = Arc::new(AtomicUsize::new(0));
    let writer = {
        let written = Arc::clone(&written);
        thread::spawn(move || {
            for n in 1..=ROUNDS {
                written.store(n, Ordering::Relaxed);
                trigger.fire().unwrap();
            }
        })
    };
    let deadline = Instant::now() + PATIENCE;
    let mut seen = 0;
    while seen < ROUNDS {
        poll.wait(&mut events, Some(PATIENCE)).unwrap();
        assert!(Instant::now() < deadline, "the last fire was lost after {seen}");
        if receiver.take().is_some() {
            seen = written.load(Ordering::Relaxed);
        }
    }
    writer.join().unwrap();
    assert_eq!(seen, ROUNDS);
}

#[test]
fn fires_on_an_awake_poll_signal_nothing() {
    let (mut poll, mut events) = poll_with_events();
    let (mut receiver, trigger) = user::source();
    poll.registry().register(&mut receiver, USER, Interest::READABLE).unwrap();
    poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
    let before = poll.stats();
    for _ in 0..100 {
        trigger.fire().unwrap();
        receiver.take();
    }
    assert_eq!(poll.stats(), before);
}

#[test]
fn a_poll_that_is_gone_leaves_the_source_usable_and_silent() {
    let poll = subject::new_poll().unwrap();
    let (mut receiver, trigger) = user::source();
    poll.registry().register(&mut receiver, USER, Interest::READABLE).unwrap();
    drop(poll);
    trigger.fire().unwrap();
    assert!(receiver.take().is_some());
}

#[test]
fn a_level_source_beside_a_waker_starves_neither() {
    let (mut poll, _) = poll_with_events();
    let mut events = Events::with_capacity(1);
    let waker = Waker::new(poll.registry(), Token(1)).unwrap();
    let (mut receiver, trigger) = user::source();
    poll.registry().register_with(&mut receiver, USER, Interest::READABLE, Mode::Level).unwrap();
    trigger.fire().unwrap();
    let (mut wakes, mut levels) = (0, 0);
    for _ in 0..20 {
        waker.wake().unwrap();
        poll.wait(&mut events, Some(PATIENCE)).unwrap();
        match events[0].token() {
            USER => levels += 1,
            _ => wakes += 1,
        }
    }
    assert!(wakes >= 5 && levels >= 5, "{wakes} wakes, {levels} levels");
}

#[test]
fn the_debug_texts_name_the_types() {
    let (source, trigger) = user::source();
    assert!(format!("{source:?}").contains("UserSource") && format!("{trigger:?}").contains("Trigger"));
}
