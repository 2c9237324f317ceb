//! How the queue and the kernel share the room for events.

use std::collections::BTreeSet;
use std::io::{ErrorKind, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use mio::{Events, Interest, Poll, Token, Waker};

use crate::harness::system::{Stream, stream_pair};
use crate::harness::{PATIENCE, SILENCE, assert_kind, expect_no_events, poll_once, poll_with_events};
use crate::subject;

const FIRST_SOCKET: usize = 1000;

/// A Poll with `wakers` wakers, all woken, and `sockets` sockets, all readable.
struct Crowd {
    poll: Poll,
    wakers: Vec<Waker>,
    pairs: Vec<(Stream, Stream)>,
}

impl Crowd {
    fn new(wakers: usize, sockets: usize) -> Crowd {
        let poll = subject::new_poll().unwrap();
        let wakers: Vec<_> = (0..wakers).map(|n| Waker::new(poll.registry(), Token(n)).unwrap()).collect();
        let mut pairs: Vec<_> = (0..sockets).map(|_| stream_pair()).collect();
        for (n, (reader, _)) in pairs.iter_mut().enumerate() {
            poll.registry().register(reader, Token(FIRST_SOCKET + n), Interest::READABLE).unwrap();
        }
        let mut crowd = Crowd { poll, wakers, pairs };
        crowd.excite();
        crowd
    }

    fn excite(&mut self) {
        for waker in &self.wakers {
            waker.wake().unwrap();
        }
        for (_, writer) in &mut self.pairs {
            writer.write_all(b"!").unwrap();
        }
    }
}

fn take(crowd: &mut Crowd, events: &mut Events) -> Vec<usize> {
    poll_once(&mut crowd.poll, events, PATIENCE);
    assert!(events.len() <= events.capacity());
    events.iter().map(|event| event.token().0).collect()
}

#[test]
fn with_room_for_one_the_queue_and_the_kernel_take_turns() {
    let mut crowd = Crowd::new(3, 3);
    let mut events = Events::with_capacity(1);
    let mut seen = Vec::new();
    for _ in 0..6 {
        let batch = take(&mut crowd, &mut events);
        assert_eq!(batch.len(), 1);
        seen.extend(batch);
    }
    let queue_first = usize::from(seen[0] >= FIRST_SOCKET);
    for (turn, token) in seen.iter().enumerate() {
        assert_eq!(*token >= FIRST_SOCKET, (turn + queue_first) % 2 == 1, "not in turns: {seen:?}");
    }
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 6, "{seen:?}");
    expect_no_events(&mut crowd.poll, &mut events);
}

#[test]
fn with_room_for_two_each_side_has_a_place() {
    let mut crowd = Crowd::new(3, 3);
    let mut events = Events::with_capacity(2);
    for _ in 0..3 {
        let batch = take(&mut crowd, &mut events);
        let sockets = batch.iter().filter(|token| **token >= FIRST_SOCKET).count();
        assert_eq!((batch.len(), sockets), (2, 1), "{batch:?}");
    }
    expect_no_events(&mut crowd.poll, &mut events);
}

#[test]
fn a_waker_that_never_rests_does_not_starve_another() {
    let mut crowd = Crowd::new(2, 0);
    let mut events = Events::with_capacity(1);
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.extend(take(&mut crowd, &mut events));
        crowd.wakers[0].wake().unwrap();
    }
    assert!(seen.contains(&1), "waker 1 was never served: {seen:?}");
}

#[test]
fn a_waker_that_never_rests_does_not_starve_a_socket() {
    let mut crowd = Crowd::new(1, 1);
    let mut events = Events::with_capacity(1);
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.extend(take(&mut crowd, &mut events));
        crowd.wakers[0].wake().unwrap();
    }
    assert!(seen.contains(&FIRST_SOCKET), "the socket was never served: {seen:?}");
}

#[test]
fn a_socket_that_never_rests_does_not_starve_a_waker() {
    let mut crowd = Crowd::new(1, 4);
    let mut events = Events::with_capacity(1);
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.extend(take(&mut crowd, &mut events));
    }
    assert!(seen.contains(&0), "the waker was never served: {seen:?}");
}

#[test]
fn what_found_no_room_comes_next_and_in_its_order() {
    let mut crowd = Crowd::new(5, 0);
    let mut events = Events::with_capacity(2);
    assert_eq!(take(&mut crowd, &mut events), [0, 1]);
    // A wake in between does not overtake those that wait.
    crowd.wakers[0].wake().unwrap();
    assert_eq!(take(&mut crowd, &mut events), [2, 3]);
    assert_eq!(take(&mut crowd, &mut events), [4, 0]);
    expect_no_events(&mut crowd.poll, &mut events);
}

#[test]
fn a_poll_with_leftovers_does_not_sleep() {
    let mut crowd = Crowd::new(2, 0);
    let mut events = Events::with_capacity(1);
    take(&mut crowd, &mut events);
    let start = Instant::now();
    take(&mut crowd, &mut events);
    assert!(start.elapsed() < PATIENCE / 2, "the poll slept for {:?}", start.elapsed());
}

#[test]
fn a_zero_timeout_gives_what_is_queued() {
    let mut crowd = Crowd::new(1, 0);
    let mut events = Events::with_capacity(4);
    poll_once(&mut crowd.poll, &mut events, Duration::ZERO);
    assert_eq!(events.len(), 1);
}

#[test]
fn a_full_batch_of_the_kernel_leaves_the_wake_for_the_next_poll() {
    let mut crowd = Crowd::new(0, 4);
    let waker = Waker::new(crowd.poll.registry(), Token(0)).unwrap();
    let mut events = Events::with_capacity(4);
    waker.wake().unwrap();
    let mut seen = take(&mut crowd, &mut events);
    seen.extend(take(&mut crowd, &mut events));
    seen.sort_unstable();
    assert_eq!(seen, [0, FIRST_SOCKET, FIRST_SOCKET + 1, FIRST_SOCKET + 2, FIRST_SOCKET + 3]);
}

#[test]
fn a_list_without_room_takes_no_wake_away() {
    let (mut poll, mut events) = poll_with_events();
    let mut none = Events::with_capacity(0);
    let waker = Waker::new(poll.registry(), Token(1)).unwrap();
    for timeout in [Duration::ZERO, Duration::from_millis(1)] {
        for is_woken_before in [false, true] {
            if is_woken_before {
                waker.wake().unwrap();
            }
            assert_kind(poll.poll(&mut none, Some(timeout)), ErrorKind::InvalidInput);
            if !is_woken_before {
                waker.wake().unwrap();
                assert_kind(poll.poll(&mut none, Some(timeout)), ErrorKind::InvalidInput);
            }
            poll_once(&mut poll, &mut events, PATIENCE);
            assert_eq!(events.len(), 1, "{timeout:?}, woken before: {is_woken_before}");
        }
    }
    // Another thread wakes while calls are under way.
    const ROUNDS: usize = 200;
    let (begun, woken) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            for round in 1..=ROUNDS {
                wait_for(&begun, round, || {});
                waker.wake().unwrap();
                woken.store(round, Ordering::Release);
            }
        });
        for round in 1..=ROUNDS {
            begun.store(round, Ordering::Release);
            wait_for(&woken, round, || {
                assert_kind(poll.poll(&mut none, Some(Duration::from_millis(1))), ErrorKind::InvalidInput);
            });
            poll_once(&mut poll, &mut events, SILENCE);
            if events.is_empty() {
                begun.store(ROUNDS, Ordering::Release);
                panic!("the wake of round {round} was lost");
            }
        }
    });
}

/// Does `meanwhile` until `count` has come to `round`, and lets other threads run in between:
/// on a loaded machine a round may take a while, and all of them together much longer.
fn wait_for(count: &AtomicUsize, round: usize, mut meanwhile: impl FnMut()) {
    let deadline = Instant::now() + PATIENCE;
    while count.load(Ordering::Acquire) < round {
        assert!(Instant::now() < deadline, "round {round} does not come");
        meanwhile();
        thread::yield_now();
    }
}
