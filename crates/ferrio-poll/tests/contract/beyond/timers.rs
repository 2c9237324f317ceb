//! Timers.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use mio::time::Timer;
use mio::{Events, Interest, Mode, Poll, Token, Waker};

use crate::harness::{
    PATIENCE, SILENCE, assert_kind, expect_no_events, expect_one_event, poll_during, poll_once,
    poll_with_events,
};
use crate::subject;

const TIMER: Token = Token(8);

const SOON: Duration = Duration::from_millis(3);

fn timer(poll: &Poll) -> Timer {
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
    timer.set_at(now).unwrap();
    poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
    assert_eq!((events.len(), timer.take()), (1, 1));
}

#[test]
fn a_timer_that_is_due_while_the_loop_is_busy_is_found_by_a_look() {
    let (mut poll, mut events) = poll_with_events();
    let timer = timer(&poll);
    timer.set(SOON).unwrap();
    poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
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
    first.set(SILENCE * 4).unwrap();
    let mut second = Timer::new();
    poll.registry().register(&mut second, Token(1), Interest::READABLE).unwrap();
    // The first timer of all is news to a Poll that never looked at one.
    poll_once(&mut poll, &mut events, Duration::ZERO);
    let before = poll.stats();
    poll_during(&mut poll, &mut events, None, || second.set(PATIENCE * 2).unwrap());
    assert_eq!(events[0].token(), TIMER);
    assert_eq!(poll.stats().polls, before.polls + 1, "the wait was interrupted");
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
fn the_next_deadline_is_that_of_the_first_timer() {
    let (poll, _) = poll_with_events();
    assert_eq!(poll.next_deadline(), None);
    let (near, far) = (timer(&poll), Timer::new());
    let mut far = far;
    poll.registry().register(&mut far, Token(1), Interest::READABLE).unwrap();
    let now = Instant::now();
    far.set_at(now + PATIENCE).unwrap();
    assert!(poll.next_deadline().unwrap() >= now + PATIENCE);
    near.set_at(now + SOON).unwrap();
    let next = poll.next_deadline().unwrap();
    assert!(now + SOON <= next && next < now + SOON + Duration::from_micros(66), "{:?}", next - now);
    near.cancel();
    assert!(poll.next_deadline().unwrap() >= now + SOON);
    far.cancel();
    near.set(Duration::MAX).unwrap();
    assert_eq!(poll.next_deadline(), None);
}

#[test]
fn a_host_loop_is_told_of_a_nearer_deadline() {
    use rustix::event::{PollFd, PollFlags, Timespec, poll as host_poll};
    let (mut inner, mut events) = poll_with_events();
    let is_ready = |inner: &Poll| {
        let mut fds = [PollFd::new(inner, PollFlags::IN)];
        host_poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })).unwrap() == 1
    };
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
    let next = inner.next_deadline().unwrap();
    thread::sleep(next.saturating_duration_since(Instant::now()));
    poll_once(&mut inner, &mut events, Duration::ZERO);
    assert_eq!((events.len(), timer.take()), (1, 1));
    // Later than what the host knows already: it is not told.
    timer.set(SOON).unwrap();
    poll_once(&mut inner, &mut events, Duration::ZERO);
    assert!(inner.next_deadline().is_some());
    timer.set(PATIENCE).unwrap();
    assert!(!is_ready(&inner));
}

#[test]
fn slack_makes_timers_share_a_wake() {
    let (mut poll, mut events) = poll_with_events();
    let mut timers: Vec<_> = (0..10).map(|_| Timer::new()).collect();
    let begin = Instant::now();
    for (n, timer) in timers.iter_mut().enumerate() {
        poll.registry().register(timer, Token(n), Interest::READABLE).unwrap();
        timer.set_slack(Duration::from_millis(64));
        timer.set_at(begin + Duration::from_millis(n as u64 * 2)).unwrap();
    }
    let mut batches = 0;
    let mut seen = 0;
    while seen < 10 {
        assert!(poll.wait(&mut events, Some(PATIENCE)).unwrap() > 0);
        for event in &events {
            let n = event.token().0;
            assert!(begin.elapsed() >= Duration::from_millis(n as u64 * 2));
            seen += timers[n].take();
        }
        batches += 1;
    }
    assert!(batches <= 2, "{batches} wakes");
}

#[test]
fn timers_neither_starve_sockets_nor_are_starved() {
    let (mut poll, _) = poll_with_events();
    let mut events = Events::with_capacity(1);
    let mut timer = Timer::new();
    poll.registry().register_with(&mut timer, TIMER, Interest::READABLE, Mode::Level).unwrap();
    timer.set(Duration::ZERO).unwrap();
    let waker = Waker::new(poll.registry(), Token(1)).unwrap();
    let (mut reader, mut writer) = mio::net::UnixStream::pair().unwrap();
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
        let count = || std::fs::read_dir("/proc/self/fd").unwrap().count();
        let before = count();
        for _ in 0..10 {
            let poll = subject::new_poll().unwrap();
            let timer = timer(&poll);
            timer.set(PATIENCE).unwrap();
            drop(poll);
            timer.set(SOON).unwrap();
            drop(timer);
        }
        assert_eq!(count(), before);
    });
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
