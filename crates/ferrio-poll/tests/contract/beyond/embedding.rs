//! A Poll inside another loop.

use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use mio::os::bsd::RegistryExt;
use mio::{Backend, Events, Poll, Token, Waker};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::beyond::timers::{SOON, timer};
use crate::harness::{PATIENCE, expect_no_events, poll_once, poll_with_events};
use crate::subject;

/// True if the descriptor of `inner` is readable, as another loop would see it.
fn is_ready(inner: &Poll) -> bool {
    let mut fds = [PollFd::new(inner, PollFlags::IN)];
    poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })).unwrap() == 1
}

fn drain(inner: &mut Poll, events: &mut Events) -> usize {
    poll_once(inner, events, Duration::ZERO);
    events.len()
}

#[test]
fn a_wake_makes_the_descriptor_readable_until_it_is_polled() {
    let (mut inner, mut events) = poll_with_events();
    let waker = Waker::new(inner.registry(), Token(1)).unwrap();
    for _ in 0..3 {
        assert!(!is_ready(&inner));
        waker.wake().unwrap();
        assert!(is_ready(&inner));
        assert_eq!(drain(&mut inner, &mut events), 1);
    }
    assert!(!is_ready(&inner));
}

#[test]
fn a_wake_from_before_the_descriptor_was_handed_out_shows() {
    let (mut inner, mut events) = poll_with_events();
    let waker = Waker::new(inner.registry(), Token(1)).unwrap();
    // It is awake now, so the wake is silent at first.
    expect_no_events(&mut inner, &mut events);
    waker.wake().unwrap();
    assert!(is_ready(&inner));
    assert_eq!(drain(&mut inner, &mut events), 1);
}

#[test]
fn what_found_no_room_keeps_the_descriptor_readable() {
    let (mut inner, _) = poll_with_events();
    let mut events = Events::with_capacity(1);
    let wakers: Vec<_> = (0..3).map(|n| Waker::new(inner.registry(), Token(n)).unwrap()).collect();
    let _ = inner.as_fd();
    wakers.iter().for_each(|waker| waker.wake().unwrap());
    let mut polls = 0;
    let mut seen = 0;
    while is_ready(&inner) {
        seen += drain(&mut inner, &mut events);
        polls += 1;
        assert!(polls < 20, "the descriptor stays readable for ever");
    }
    assert_eq!(seen, 3);
}

#[test]
fn an_embedded_poll_is_signalled_once_for_each_drain() {
    let (mut inner, mut events) = poll_with_events();
    let wakers: Vec<_> = (0..3).map(|n| Waker::new(inner.registry(), Token(n)).unwrap()).collect();
    let _ = inner.as_fd();
    for round in 1..=4 {
        for waker in &wakers {
            for _ in 0..10 {
                waker.wake().unwrap();
            }
        }
        assert_eq!(inner.stats().wake_syscalls, round);
        assert_eq!(drain(&mut inner, &mut events), 3);
    }
}

#[test]
fn a_cloned_registry_hands_the_descriptor_out_as_well() {
    let (mut inner, mut events) = poll_with_events();
    let waker = Waker::new(inner.registry(), Token(1)).unwrap();
    let registry = inner.registry().try_clone().unwrap();
    expect_no_events(&mut inner, &mut events);
    let _ = registry.as_fd();
    waker.wake().unwrap();
    assert!(is_ready(&inner));
}

#[test]
fn a_poll_inside_a_poll_is_reported() {
    let (mut outer, mut outer_events) = poll_with_events();
    let (mut inner, mut events) = poll_with_events();
    let waker = Waker::new(inner.registry(), Token(1)).unwrap();
    let fd = inner.as_raw_fd();
    let mut source = mio::unix::SourceFd(&fd);
    outer.registry().register(&mut source, Token(7), mio::Interest::READABLE).unwrap();
    waker.wake().unwrap();
    let event = crate::harness::expect_one_event(&mut outer, &mut outer_events, Token(7));
    assert!(event.is_readable());
    assert_eq!(drain(&mut inner, &mut events), 1);
}

#[test]
fn a_wake_descriptor_never_fills_up() {
    let (mut inner, mut events) = poll_with_events();
    let waker = Waker::new(inner.registry(), Token(1)).unwrap();
    let _ = inner.as_fd();
    // A pipe that nobody empties holds 65,536 bytes.
    for n in 0..70_000 {
        waker.wake().unwrap();
        assert!(is_ready(&inner), "wake {n} does not show");
        assert_eq!(drain(&mut inner, &mut events), 1);
    }
}

#[test]
fn no_wake_that_races_with_a_drain_is_hidden_from_the_outer_loop() {
    let (mut inner, mut events) = poll_with_events();
    let waker = Waker::new(inner.registry(), Token(1)).unwrap();
    let _ = inner.as_fd();
    let sent = Arc::new(AtomicUsize::new(0));
    let other = thread::spawn({
        let sent = sent.clone();
        move || {
            for n in 1..=WAKES {
                sent.store(n, Ordering::Release);
                waker.wake().unwrap();
                // So that the wakes meet each step of a drain.
                (0..n % 256).for_each(|_| std::hint::spin_loop());
            }
        }
    });
    let mut seen = 0;
    while seen < WAKES {
        let mut fds = [PollFd::new(&inner, PollFlags::IN)];
        let patience = Timespec { tv_sec: PATIENCE.as_secs() as i64, tv_nsec: 0 };
        let ready = poll(&mut fds, Some(&patience)).unwrap();
        assert_eq!(ready, 1, "silent after {seen} of {} wakes", sent.load(Ordering::Acquire));
        drain(&mut inner, &mut events);
        seen = sent.load(Ordering::Acquire).max(seen);
        if seen == WAKES {
            other.join().unwrap();
            break;
        }
    }
}

/// Enough to meet each step of a drain many times.
const WAKES: usize = 100_000;

#[test]
fn a_host_loop_is_told_of_a_nearer_deadline() {
    let (mut inner, mut events) = poll_with_events();
    let timer = timer(&inner);
    timer.set(PATIENCE * 2).unwrap();
    poll_once(&mut inner, &mut events, Duration::ZERO);
    assert!(!is_ready(&inner));
    assert!(inner.next_deadline().is_some());
    thread::scope(|scope| {
        scope.spawn(|| timer.set(SOON).unwrap());
    });
    assert!(is_ready(&inner));
    poll_once(&mut inner, &mut events, Duration::ZERO);
    while events.is_empty() {
        let next = inner.next_deadline().expect("a timer that was not heard yet");
        thread::sleep(next.saturating_duration_since(Instant::now()));
        poll_once(&mut inner, &mut events, Duration::ZERO);
    }
    assert_eq!((events.len(), timer.take()), (1, 1));
    // Later than what the host knows already: it is not told.
    timer.set(PATIENCE).unwrap();
    poll_once(&mut inner, &mut events, Duration::ZERO);
    assert!(inner.next_deadline().is_some());
    timer.set(PATIENCE * 2).unwrap();
    assert!(!is_ready(&inner));
}

#[test]
fn a_host_loop_that_asked_before_it_watched_is_told() {
    let (mut inner, mut events) = poll_with_events();
    let timer = timer(&inner);
    timer.set(PATIENCE * 2).unwrap();
    poll_once(&mut inner, &mut events, Duration::ZERO);
    assert!(inner.next_deadline().is_some());
    let host = inner.as_fd().try_clone_to_owned().unwrap();
    timer.set(SOON).unwrap();
    let mut fds = [PollFd::new(&host, PollFlags::IN)];
    let patience = Timespec { tv_sec: PATIENCE.as_secs() as i64, tv_nsec: 0 };
    assert_eq!(poll(&mut fds, Some(&patience)).unwrap(), 1);
}

#[test]
fn the_kqueue_is_handed_out_where_there_is_one() {
    let poll = subject::new_poll().unwrap();
    match poll.registry().kqueue() {
        Ok(kqueue) => {
            assert_eq!(poll.backend(), Backend::Kqueue);
            assert_eq!(kqueue.as_raw_fd(), poll.as_raw_fd());
        }
        Err(error) => {
            assert_ne!(poll.backend(), Backend::Kqueue);
            assert_eq!(error.kind(), io::ErrorKind::Unsupported, "{error}");
        }
    }
}
