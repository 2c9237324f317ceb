//! Waits that are woken for nothing, and waits whose parker fails.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::event::Events;
use crate::interest::Interest;
use crate::mode::Mode;
use crate::poll::Poll;
use crate::poll::park::{Harvest, Park};
use crate::sys::backend::Backend;
use crate::token::Token;
use crate::user;

const TIMEOUT: Duration = Duration::from_millis(50);

/// The timeouts of a first poll: a look, and a wait.
const FIRST: [Duration; 2] = [Duration::ZERO, PATIENCE];

/// Longer than any stall of the machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Some runtimes pass their Poll on by value at each wait.
#[test]
fn a_poll_is_cheap_to_pass_on() {
    assert!(size_of::<Poll>() <= 3 * size_of::<usize>());
}

/// A Poll that found what was queued before its waker signalled, by its first poll,
/// which had a `first` timeout.
fn poll_with_late_signal(backend: Backend, first: Duration) -> (Poll, Events, usize) {
    let mut poll = Poll::builder().backend(backend).build().unwrap();
    let mut events = Events::with_capacity(4);
    let slot = poll.registry().shared().queue.insert(Token(7));
    // The wake of a thread that stops before it signals.
    poll.registry().shared().queue.wake(slot, || Ok(())).unwrap();
    poll.poll(&mut events, Some(first)).unwrap();
    assert_eq!(events.len(), 1);
    // It goes on.
    poll.registry().shared().signal().unwrap();
    (poll, events, slot)
}

/// Polls with a timeout, and makes sure that it took its time and found nothing.
fn expect_whole_timeout(poll: &mut Poll, events: &mut Events, what: &str) {
    let start = Instant::now();
    poll.poll(events, Some(TIMEOUT)).unwrap();
    assert!(start.elapsed() >= TIMEOUT, "{what}: {:?}", start.elapsed());
    assert!(events.is_empty(), "{what}: {events:?}");
}

#[test]
fn a_late_signal_does_not_cut_a_wait_short() {
    for backend in Backend::candidates() {
        for first in FIRST {
            let (mut poll, mut events, _slot) = poll_with_late_signal(*backend, first);
            expect_whole_timeout(&mut poll, &mut events, &format!("{backend:?}, {first:?}"));
        }
    }
}

#[test]
fn a_late_signal_does_not_hide_a_wake() {
    for backend in Backend::candidates() {
        for first in FIRST {
            let (mut poll, mut events, slot) = poll_with_late_signal(*backend, first);
            poll.registry().shared().wake(slot).unwrap();
            poll.poll(&mut events, Some(PATIENCE)).unwrap();
            assert_eq!(events.len(), 1, "{backend:?}, {first:?}");
        }
    }
}

#[test]
fn a_disarmed_source_that_is_fired_does_not_cut_a_wait_short() {
    for backend in Backend::candidates() {
        let mut poll = Poll::builder().backend(*backend).build().unwrap();
        let mut events = Events::with_capacity(4);
        let (mut source, trigger) = user::source();
        let registry = poll.registry();
        registry.register_with(&mut source, Token(1), Interest::READABLE, Mode::Oneshot).unwrap();
        trigger.fire().unwrap();
        poll.poll(&mut events, Some(PATIENCE)).unwrap();
        assert_eq!(events.len(), 1);
        assert!(source.take().is_some());
        // It had its one shot, so this is no event.
        trigger.fire().unwrap();
        expect_whole_timeout(&mut poll, &mut events, &format!("{backend:?}"));
    }
}

#[test]
fn a_wait_that_is_nudged_again_and_again_ends_in_time() {
    for backend in Backend::candidates() {
        let mut poll = Poll::builder().backend(*backend).build().unwrap();
        let nudge = poll.nudge().unwrap();
        let is_over = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&is_over);
        let start = Instant::now();
        let thread = thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) && start.elapsed() < PATIENCE {
                nudge.nudge().unwrap();
                thread::sleep(Duration::from_millis(2));
            }
        });
        expect_whole_timeout(&mut poll, &mut Events::with_capacity(4), &format!("{backend:?}"));
        assert!(start.elapsed() < PATIENCE, "{backend:?}: it ended when the nudges did");
        is_over.store(true, Ordering::Relaxed);
        thread.join().unwrap();
    }
}

/// A kernel in which every wait fails.
struct Broken;

impl Park for Broken {
    fn park(&mut self, _: &mut Harvest<'_>, _: Option<Duration>) -> io::Result<bool> {
        Err(io::ErrorKind::Interrupted.into())
    }
}

#[test]
fn what_is_queued_is_delivered_before_an_error() {
    let mut poll = Poll::new().unwrap();
    let mut events = Events::with_capacity(4);
    let slot = poll.registry().shared().queue.insert(Token(7));
    for _ in 0..2 {
        poll.registry().shared().wake(slot).unwrap();
        poll.poll_parked(&mut events, None, &mut Broken).unwrap();
        assert_eq!(events.iter().map(|event| event.token().0).collect::<Vec<_>>(), [7]);
        let error = poll.poll_parked(&mut events, None, &mut Broken).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::Interrupted);
        assert!(events.is_empty());
    }
}
