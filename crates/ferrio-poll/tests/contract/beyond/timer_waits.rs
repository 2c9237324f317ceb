//! What timers do to the waits of their Poll.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use mio::time::Timer;
use mio::{Events, Interest, Mode, Token, Waker};

use crate::beyond::timers::{SOON, TIMER, timer};
use crate::harness::system::stream_pair;
use crate::harness::{PATIENCE, SILENCE, poll_during, poll_once, poll_with_events};

#[test]
fn a_timer_set_by_another_thread_wakes_a_sleeping_poll() {
    let (mut poll, mut events) = poll_with_events();
    let timer = timer(&poll);
    for far in [None, Some(PATIENCE * 2)] {
        if let Some(far) = far {
            timer.set(far).unwrap();
        }
        poll_during(&mut poll, &mut events, None, || timer.set(SOON).unwrap());
        assert_eq!((events.len(), timer.take()), (1, 1));
    }
}

#[test]
fn the_first_timer_may_be_made_while_the_poll_sleeps() {
    for with_waker in [false, true] {
        let (mut poll, mut events) = poll_with_events();
        let registry = poll.registry().try_clone().unwrap();
        let _waker = with_waker.then(|| Waker::new(&registry, Token(1)).unwrap());
        let (_, timer) = poll_during(&mut poll, &mut events, None, || {
            let mut timer = Timer::new();
            registry.register(&mut timer, TIMER, Interest::READABLE).unwrap();
            timer.set(SOON).unwrap();
            timer
        });
        assert_eq!((events.len(), timer.take()), (1, 1), "with a waker: {with_waker}");
    }
}

#[test]
fn a_later_timer_does_not_wake_a_sleeping_poll() {
    let (mut poll, mut events) = poll_with_events();
    let first = timer(&poll);
    first.set(PATIENCE).unwrap();
    let mut second = Timer::new();
    poll.registry().register(&mut second, Token(1), Interest::READABLE).unwrap();
    // The first timer of all is news to a Poll that never looked at one.
    poll_once(&mut poll, &mut events, Duration::ZERO);
    first.set(SILENCE * 4).unwrap();
    let before = poll.stats();
    poll_during(&mut poll, &mut events, None, || second.set(PATIENCE * 2).unwrap());
    assert_eq!(events[0].token(), TIMER);
    assert_eq!(poll.stats().polls, before.polls + 1, "the wait was interrupted");
}

#[test]
fn the_next_deadline_is_that_of_the_first_timer() {
    let (poll, _) = poll_with_events();
    assert_eq!(poll.next_deadline(), None);
    let (near, far) = (timer(&poll), Timer::new());
    let mut far = far;
    poll.registry().register(&mut far, Token(1), Interest::READABLE).unwrap();
    let now = Instant::now();
    far.set_at(now + PATIENCE).unwrap();
    assert!(poll.next_deadline().unwrap() >= now + PATIENCE);
    let half = PATIENCE / 2;
    near.set_at(now + half).unwrap();
    let next = poll.next_deadline().unwrap();
    assert!(now + half <= next && next < now + half + Duration::from_micros(66), "{:?}", next - now);
    near.cancel();
    assert!(poll.next_deadline().unwrap() >= now + half);
    far.cancel();
    near.set(Duration::MAX).unwrap();
    assert_eq!(poll.next_deadline(), None);
}

#[test]
fn slack_makes_timers_share_a_wake() {
    let (mut poll, mut events) = poll_with_events();
    let mut timers: Vec<_> = (0..10).map(|_| Timer::new()).collect();
    // Late enough that none is due before all are set.
    let begin = Instant::now() + Duration::from_millis(300);
    for (n, timer) in timers.iter_mut().enumerate() {
        poll.registry().register(timer, Token(n), Interest::READABLE).unwrap();
        timer.set_slack(Duration::from_millis(64));
        timer.set_at(begin + Duration::from_millis(n as u64 * 2)).unwrap();
    }
    let were_set_in_time = Instant::now() < begin;
    let mut batches = 0;
    let mut seen = 0;
    while seen < 10 {
        assert!(poll.wait(&mut events, Some(PATIENCE)).unwrap() > 0);
        for event in &events {
            let n = event.token().0;
            assert!(Instant::now() >= begin + Duration::from_millis(n as u64 * 2));
            seen += timers[n].take();
        }
        batches += 1;
    }
    // A machine that stalled for long may have set some of them too late.
    assert!(batches <= 2 || !were_set_in_time, "{batches} wakes");
}

#[test]
fn timers_neither_starve_sockets_nor_are_starved() {
    let (mut poll, _) = poll_with_events();
    let mut events = Events::with_capacity(1);
    let mut timer = Timer::new();
    poll.registry().register_with(&mut timer, TIMER, Interest::READABLE, Mode::Level).unwrap();
    timer.set(Duration::ZERO).unwrap();
    let waker = Waker::new(poll.registry(), Token(1)).unwrap();
    let (mut reader, mut writer) = stream_pair();
    io::Write::write_all(&mut writer, b"!").unwrap();
    poll.registry().register_with(&mut reader, Token(2), Interest::READABLE, Mode::Level).unwrap();
    let mut counts = [0; 3];
    for _ in 0..60 {
        waker.wake().unwrap();
        poll.wait(&mut events, Some(PATIENCE)).unwrap();
        counts[match events[0].token() {
            TIMER => 0,
            Token(n) => n,
        }] += 1;
    }
    assert!(counts.iter().all(|count| *count >= 10), "{counts:?}");
}

#[test]
fn a_poll_with_timers_keeps_its_own_timeout() {
    let (mut poll, mut events) = poll_with_events();
    let timer = timer(&poll);
    timer.set(PATIENCE * 2).unwrap();
    for timeout in [Duration::from_micros(100), SOON] {
        let begin = Instant::now();
        poll.poll(&mut events, Some(timeout)).unwrap();
        assert!(events.is_empty() && begin.elapsed() >= timeout, "{:?}", begin.elapsed());
    }
    assert_eq!(poll.wait(&mut events, Some(SOON)).unwrap(), 0);
}

#[test]
fn a_timer_costs_no_system_call_and_no_descriptor() {
    let (mut poll, mut events) = poll_with_events();
    let timer = timer(&poll);
    poll_once(&mut poll, &mut events, Duration::ZERO);
    let before = poll.stats();
    for n in 1..1000 {
        timer.set(Duration::from_secs(n)).unwrap();
        timer.cancel();
    }
    assert_eq!(poll.stats().wake_syscalls, before.wake_syscalls);
    assert_eq!(poll.stats().polls, before.polls);
}

#[test]
fn timers_set_from_many_threads_are_all_heard() {
    const THREADS: usize = 4;
    const ROUNDS: u64 = 500;
    let (mut poll, mut events) = poll_with_events();
    let mut timers: Vec<_> = (0..THREADS).map(|_| Timer::new()).collect();
    for (n, timer) in timers.iter_mut().enumerate() {
        poll.registry().register(timer, Token(n), Interest::READABLE).unwrap();
    }
    thread::scope(|scope| {
        let (tell, told) = std::sync::mpsc::channel();
        for timer in &timers {
            let tell = tell.clone();
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    timer.set(Duration::from_micros(round * 37 % 300)).unwrap();
                    let deadline = Instant::now() + PATIENCE;
                    // It is this thread that takes, so that each setting is heard.
                    while timer.take() == 0 {
                        assert!(Instant::now() < deadline, "a timer was lost in round {round}");
                        thread::yield_now();
                    }
                }
                tell.send(()).unwrap();
            });
        }
        let mut done = 0;
        while done < THREADS {
            poll.wait(&mut events, Some(SILENCE)).unwrap();
            done += told.try_iter().count();
        }
    });
}
