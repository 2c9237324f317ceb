//! Sources of this process: wakers, channels and user sources.

use std::io::ErrorKind;

use ferrio_poll::user::{self, TryRecvError};
use ferrio_poll::{Events, Interest, Mode, Token, Waker};

use crate::harness::{SOURCE, WAKE, assert_error, expect_no_events, expect_one_event, poll_with_events};

#[test]
fn a_wake_before_the_poll_ends_it() {
    let (mut poll, mut events) = poll_with_events();
    let waker = Waker::new(poll.registry(), WAKE).unwrap();
    waker.wake().unwrap();
    poll.poll(&mut events, None).unwrap();
    let event = events.iter().next().unwrap();
    assert_eq!(event.token(), WAKE);
    assert!(event.is_readable() && !event.is_writable() && !event.is_error());
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn wakes_between_two_polls_are_one_event() {
    let (mut poll, mut events) = poll_with_events();
    let waker = Waker::new(poll.registry(), WAKE).unwrap();
    (0..100).for_each(|_| waker.wake().unwrap());
    expect_one_event(&mut poll, &mut events, WAKE);
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn many_wakers_have_their_own_tokens() {
    let (mut poll, mut events) = poll_with_events();
    let wakers: Vec<_> = (0..4).map(|at| Waker::new(poll.registry(), Token(at)).unwrap()).collect();
    wakers[1].wake().unwrap();
    wakers[3].clone().wake().unwrap();
    poll.poll(&mut events, None).unwrap();
    let mut tokens: Vec<_> = events.iter().map(|event| event.token().0).collect();
    tokens.sort_unstable();
    assert_eq!(tokens, [1, 3]);
}

#[test]
fn a_waker_may_outlive_its_poll() {
    let (poll, _) = poll_with_events();
    let waker = Waker::new(poll.registry(), WAKE).unwrap();
    drop(poll);
    waker.wake().unwrap();
}

#[test]
fn no_wake_between_two_polls_has_anybody_to_signal() {
    let (mut poll, mut events) = poll_with_events();
    let waker = Waker::new(poll.registry(), WAKE).unwrap();
    expect_no_events(&mut poll, &mut events);
    for _ in 0..3 {
        waker.wake().unwrap();
        expect_one_event(&mut poll, &mut events, WAKE);
    }
    let stats = poll.stats();
    assert_eq!((stats.wakes, stats.wake_syscalls), (3, 0));
}

#[test]
fn messages_of_a_channel_are_an_event() {
    let (mut poll, mut events) = poll_with_events();
    let (sender, mut receiver) = user::channel();
    poll.registry().register(&mut receiver, SOURCE, Interest::READABLE).unwrap();
    expect_no_events(&mut poll, &mut events);
    sender.send(1).unwrap();
    sender.send(2).unwrap();
    assert!(expect_one_event(&mut poll, &mut events, SOURCE).is_readable());
    assert_eq!(receiver.try_iter().collect::<Vec<_>>(), [1, 2]);
    drop(sender);
    expect_one_event(&mut poll, &mut events, SOURCE);
    assert!(matches!(receiver.try_recv(), Err(TryRecvError::Disconnected)));
}

#[test]
fn a_bounded_channel_that_is_full_says_so() {
    let (sender, receiver) = user::sync_channel(1);
    sender.try_send(1).unwrap();
    assert!(sender.try_send(2).is_err());
    assert_eq!(receiver.try_recv().unwrap(), 1);
    sender.try_send(3).unwrap();
}

#[test]
fn a_user_source_is_ready_in_the_direction_that_was_fired() {
    let (mut poll, mut events) = poll_with_events();
    let (mut source, trigger) = user::source();
    let both = Interest::READABLE | Interest::WRITABLE;
    poll.registry().register(&mut source, SOURCE, both).unwrap();
    trigger.fire_writable().unwrap();
    let event = expect_one_event(&mut poll, &mut events, SOURCE);
    assert!(event.is_writable() && !event.is_readable());
    assert_eq!(source.take(), Some(Interest::WRITABLE));
    trigger.fire().unwrap();
    assert!(expect_one_event(&mut poll, &mut events, SOURCE).is_readable());
}

#[test]
fn a_user_source_in_level_mode_is_reported_until_it_is_taken() {
    let (mut poll, mut events) = poll_with_events();
    let (mut source, trigger) = user::source();
    poll.registry().register_with(&mut source, SOURCE, Interest::READABLE, Mode::Level).unwrap();
    trigger.fire().unwrap();
    for _ in 0..3 {
        expect_one_event(&mut poll, &mut events, SOURCE);
    }
    assert_eq!(source.take(), Some(Interest::READABLE));
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_deregistered_user_source_is_silent() {
    let (mut poll, mut events) = poll_with_events();
    let (mut source, trigger) = user::source();
    poll.registry().register(&mut source, SOURCE, Interest::READABLE).unwrap();
    trigger.fire().unwrap();
    poll.registry().deregister(&mut source).unwrap();
    expect_no_events(&mut poll, &mut events);
    assert_error(poll.registry().deregister(&mut source), ErrorKind::NotFound, "not registered");
}

#[test]
fn what_exceeds_the_capacity_comes_with_the_next_polls() {
    let (mut poll, _) = poll_with_events();
    let mut events = Events::with_capacity(2);
    let wakers: Vec<_> = (0..5).map(|at| Waker::new(poll.registry(), Token(at)).unwrap()).collect();
    wakers.iter().for_each(|waker| waker.wake().unwrap());
    let mut tokens = Vec::new();
    for _ in 0..3 {
        poll.poll(&mut events, None).unwrap();
        tokens.extend(events.iter().map(|event| event.token().0));
    }
    tokens.sort_unstable();
    assert_eq!(tokens, [0, 1, 2, 3, 4]);
}
