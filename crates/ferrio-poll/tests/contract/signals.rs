//! A signal that arrives while a poll sleeps.

#![allow(unsafe_code, reason = "a signal is handled and sent to one thread")]

use std::io;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use mio::{Events, Interest, Poll, Token, Waker};

use crate::harness::unix::{eventfd, register_fd, signal_eventfd};
use crate::harness::{PATIENCE, assert_kind, expect_one_event, poll_with_events, tokens};

const SOURCE: Token = Token(1);

extern "C" fn do_nothing(_: libc::c_int) {}

/// Makes SIGUSR2 interrupt system calls and do nothing else. No other test uses it.
fn handle_sigusr2() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let handler: extern "C" fn(libc::c_int) = do_nothing;
        // SAFETY: all zeroes are a valid `sigaction`: no flags, an empty mask.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        action.sa_sigaction = handler as libc::sighandler_t;
        // SAFETY: the handler is safe at any time, and SIGUSR2 may be handled.
        let result = unsafe { libc::sigaction(libc::SIGUSR2, &action, std::ptr::null_mut()) };
        assert_eq!(result, 0);
    });
}

/// Polls while another thread sends SIGUSR2 to this one until the poll is over.
fn poll_under_signals(poll: &mut Poll, events: &mut Events, timeout: Option<Duration>) -> io::Result<()> {
    handle_sigusr2();
    // SAFETY: it has no preconditions.
    let this = unsafe { libc::pthread_self() } as usize; // A pointer on some systems.
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Acquire) {
                thread::sleep(Duration::from_millis(10));
                // SAFETY: the thread lives: it leaves the scope after this one.
                unsafe { libc::pthread_kill(this as libc::pthread_t, libc::SIGUSR2) };
            }
        });
        let result = poll.poll(events, timeout);
        over.store(true, Ordering::Release);
        result
    })
}

#[test]
fn a_signal_ends_a_poll_with_the_error_interrupted() {
    let (mut poll, mut events) = poll_with_events();
    let begin = Instant::now();
    let result = poll_under_signals(&mut poll, &mut events, Some(PATIENCE));
    assert_kind(result, io::ErrorKind::Interrupted);
    assert!(begin.elapsed() < PATIENCE);
}

#[test]
fn a_signal_ends_a_poll_without_a_timeout() {
    let (mut poll, mut events) = poll_with_events();
    let result = poll_under_signals(&mut poll, &mut events, None);
    assert_kind(result, io::ErrorKind::Interrupted);
}

#[test]
fn a_signal_ends_a_poll_that_has_a_waker() {
    let (mut poll, mut events) = poll_with_events();
    let waker = Waker::new(poll.registry(), SOURCE).unwrap();
    let result = poll_under_signals(&mut poll, &mut events, None);
    assert_kind(result, io::ErrorKind::Interrupted);
    waker.wake().unwrap();
    expect_one_event(&mut poll, &mut events, SOURCE);
}

#[test]
fn an_interrupted_poll_leaves_no_events() {
    let (mut poll, mut events) = poll_with_events();
    let fd = eventfd();
    register_fd(&poll, &fd, SOURCE, Interest::READABLE).unwrap();
    signal_eventfd(&fd);
    expect_one_event(&mut poll, &mut events, SOURCE);
    poll_under_signals(&mut poll, &mut events, Some(PATIENCE)).unwrap_err();
    assert!(events.is_empty(), "of the poll before: {events:?}");
}

#[test]
fn an_interrupted_poll_loses_no_event() {
    let (mut poll, mut events) = poll_with_events();
    let fd = eventfd();
    register_fd(&poll, &fd, SOURCE, Interest::READABLE).unwrap();
    poll_under_signals(&mut poll, &mut events, Some(PATIENCE)).unwrap_err();
    signal_eventfd(&fd);
    expect_one_event(&mut poll, &mut events, SOURCE);
}

#[test]
fn what_is_ready_is_reported_in_spite_of_signals() {
    let (mut poll, mut events) = poll_with_events();
    let fd = eventfd();
    register_fd(&poll, &fd, SOURCE, Interest::READABLE).unwrap();
    signal_eventfd(&fd);
    // A poll that finds an event does not sleep, so no signal can interrupt it.
    poll_under_signals(&mut poll, &mut events, None).unwrap();
    assert_eq!(tokens(&events), [1]);
}
