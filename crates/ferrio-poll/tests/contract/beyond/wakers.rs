//! Any number of wakers, each with its token.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use mio::net::UdpSocket;
use mio::{Events, Interest, Poll, Token, Waker};

use crate::harness::{
    PATIENCE, any_local_v4, expect_in_some_attempt, expect_no_events, expect_one_event, poll_during,
    poll_once, poll_with_events,
};

/// Polls until `count` events were seen, and returns their tokens in order.
fn tokens(poll: &mut Poll, events: &mut Events, count: usize) -> Vec<usize> {
    let mut tokens = Vec::new();
    while tokens.len() < count {
        poll_once(poll, events, PATIENCE);
        assert!(!events.is_empty(), "only {} of {count} events came: {tokens:?}", tokens.len());
        for event in events.iter() {
            assert!(event.is_readable(), "{event:?}");
            tokens.push(event.token().0);
        }
    }
    tokens
}

#[test]
fn each_of_many_wakers_reports_its_own_token() {
    let (mut poll, mut events) = poll_with_events();
    let wakers: Vec<_> = (0..10).map(|n| Waker::new(poll.registry(), Token(n)).unwrap()).collect();
    wakers[3].wake().unwrap();
    wakers[7].wake().unwrap();
    assert_eq!(tokens(&mut poll, &mut events, 2), [3, 7]);
    wakers[3].wake().unwrap();
    assert_eq!(tokens(&mut poll, &mut events, 1), [3]);
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn two_wakers_may_share_a_token() {
    let (mut poll, mut events) = poll_with_events();
    let wakers =
        [Waker::new(poll.registry(), Token(5)).unwrap(), Waker::new(poll.registry(), Token(5)).unwrap()];
    for waker in &wakers {
        waker.wake().unwrap();
    }
    assert_eq!(tokens(&mut poll, &mut events, 2), [5, 5]);
}

#[test]
fn wakes_of_one_waker_coalesce_and_those_of_another_do_not_join_them() {
    let (mut poll, mut events) = poll_with_events();
    let one = Waker::new(poll.registry(), Token(1)).unwrap();
    let other = Waker::new(poll.registry(), Token(2)).unwrap();
    for _ in 0..100 {
        one.wake().unwrap();
    }
    other.wake().unwrap();
    assert_eq!(tokens(&mut poll, &mut events, 2), [1, 2]);
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_waker_dropped_right_after_its_wake_is_reported() {
    let (mut poll, mut events) = poll_with_events();
    let waker = Waker::new(poll.registry(), Token(1)).unwrap();
    waker.wake().unwrap();
    drop(waker);
    expect_one_event(&mut poll, &mut events, Token(1));
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_waker_dropped_without_a_wake_is_silent() {
    let (mut poll, mut events) = poll_with_events();
    drop(Waker::new(poll.registry(), Token(1)).unwrap());
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn the_place_of_a_dropped_waker_serves_the_next_one() {
    let (mut poll, mut events) = poll_with_events();
    for n in 0..1000 {
        let waker = Waker::new(poll.registry(), Token(n)).unwrap();
        waker.wake().unwrap();
        drop(waker);
        let next = Waker::new(poll.registry(), Token(n + 100_000)).unwrap();
        assert_eq!(tokens(&mut poll, &mut events, 1), [n]);
        drop(next);
    }
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_thousand_wakers_are_each_reported_once_with_room_for_sixteen() {
    let (mut poll, mut events) = poll_with_events();
    let wakers: Vec<_> = (0..1000).map(|n| Waker::new(poll.registry(), Token(n)).unwrap()).collect();
    for waker in &wakers {
        waker.wake().unwrap();
    }
    let mut seen = tokens(&mut poll, &mut events, 1000);
    seen.sort_unstable();
    assert!(seen.into_iter().eq(0..1000), "some waker was reported twice");
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn the_first_waker_made_while_the_poll_sleeps_wakes_it() {
    let (mut poll, mut events) = poll_with_events();
    let registry = poll.registry().try_clone().unwrap();
    let thread = thread::spawn(move || {
        thread::sleep(Duration::from_millis(50));
        let waker = Waker::new(&registry, Token(9)).unwrap();
        waker.wake().unwrap();
    });
    assert_eq!(tokens(&mut poll, &mut events, 1), [9]);
    thread.join().unwrap();
}

#[test]
fn what_was_written_before_a_wake_is_seen_with_its_event() {
    const THREADS: usize = 4;
    const WAKES: usize = 2000;
    let (mut poll, mut events) = poll_with_events();
    let waker = Arc::new(Waker::new(poll.registry(), Token(0)).unwrap());
    let sum = Arc::new(AtomicUsize::new(0));
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let (waker, sum) = (Arc::clone(&waker), Arc::clone(&sum));
            thread::spawn(move || {
                for _ in 0..WAKES {
                    sum.fetch_add(1, Ordering::Relaxed);
                    waker.wake().unwrap();
                }
            })
        })
        .collect();
    // A lost wake would end this in a poll that nobody ends.
    while sum.load(Ordering::Relaxed) < THREADS * WAKES {
        poll_once(&mut poll, &mut events, PATIENCE);
        assert!(!events.is_empty(), "a wake was lost at {}", sum.load(Ordering::Relaxed));
    }
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn wakes_and_sockets_are_reported_together() {
    let (mut poll, mut events) = poll_with_events();
    let waker = Waker::new(poll.registry(), Token(1)).unwrap();
    let mut socket = UdpSocket::bind(any_local_v4()).unwrap();
    poll.registry().register(&mut socket, Token(2), Interest::WRITABLE).unwrap();
    waker.wake().unwrap();
    poll_once(&mut poll, &mut events, PATIENCE);
    let mut seen: Vec<_> = events.iter().map(|event| event.token().0).collect();
    seen.sort_unstable();
    assert_eq!(seen, [1, 2]);
}

#[test]
fn wakes_on_an_awake_poll_signal_nothing() {
    let (mut poll, mut events) = poll_with_events();
    let wakers: Vec<_> = (0..3).map(|n| Waker::new(poll.registry(), Token(n)).unwrap()).collect();
    expect_no_events(&mut poll, &mut events);
    let before = poll.stats();
    for waker in &wakers {
        for _ in 0..100 {
            waker.wake().unwrap();
        }
    }
    assert_eq!(poll.stats().wakes - before.wakes, 300);
    assert_eq!(poll.stats().wake_syscalls, before.wake_syscalls);
    assert_eq!(tokens(&mut poll, &mut events, 3), [0, 1, 2]);
}

#[test]
fn a_sleeping_poll_is_signalled_once_by_many_wakes() {
    expect_in_some_attempt("the poll sleeps by then, and is signalled", || {
        let (mut poll, mut events) = poll_with_events();
        let wakers: Vec<_> = (0..3).map(|n| Waker::new(poll.registry(), Token(n)).unwrap()).collect();
        expect_no_events(&mut poll, &mut events);
        let before = poll.stats();
        poll_during(&mut poll, &mut events, Some(PATIENCE), || {
            wakers.iter().for_each(|waker| waker.wake().unwrap());
        });
        let after = poll.stats();
        assert_eq!(after.wakes - before.wakes, 3);
        let signals = after.wake_syscalls - before.wake_syscalls;
        assert!(signals <= 1, "signalled {signals} times");
        signals == 1
    });
}
