//! A sleeper on Windows that waits for sockets of its own beside the sources of the Poll.

use std::io;
use std::os::windows::io::AsSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use mio::net::UdpSocket;
use mio::park::{Harvest, Park};
use mio::time::Timer;
use mio::{Events, Interest, Poll, Token, Waker, os};

use crate::harness::{PATIENCE, SILENCE, poll_with_events};
use crate::net_harness::udp_socket;

/// Waits beside the Poll for sockets, which end the wait.
struct Beside {
    companions: Vec<UdpSocket>,
    list: os::Beside,
    /// Which of them were ready, one wait after the other.
    ready: Vec<usize>,
}

impl Beside {
    fn new(poll: &Poll) -> Beside {
        let companions = (0..3).map(|_| udp_socket().0).collect();
        Beside { companions, list: os::Beside::new(poll), ready: Vec::new() }
    }

    fn arm(&mut self, number: usize, interest: Interest) {
        self.list.arm(number, self.companions[number].as_socket(), interest).unwrap();
    }
}

impl Park for Beside {
    fn park(&mut self, harvest: &mut Harvest<'_>, timeout: Option<Duration>) -> io::Result<bool> {
        harvest.wait_beside(&mut self.list, timeout)?;
        let before = self.ready.len();
        self.ready.extend(self.list.found().map(|event| event.token().0));
        Ok(self.ready.len() > before || harvest.is_woken())
    }
}

fn tokens(events: &Events) -> Vec<usize> {
    events.iter().map(|event| event.token().0).collect()
}

#[test]
fn a_socket_beside_ends_the_wait_and_is_no_event() {
    let (mut poll, mut events) = poll_with_events();
    let mut beside = Beside::new(&poll);
    beside.arm(0, Interest::READABLE);
    beside.arm(1, Interest::WRITABLE);
    poll.poll_parked(&mut events, Some(PATIENCE), &mut beside).unwrap();
    assert_eq!((&beside.ready[..], tokens(&events)), (&[1][..], vec![]));
    let start = Instant::now();
    poll.poll_parked(&mut events, Some(SILENCE), &mut beside).unwrap();
    assert!(start.elapsed() >= SILENCE && events.is_empty() && beside.ready.len() == 1);
    beside.list.forget(0);
    let receiver = beside.companions[0].local_addr().unwrap();
    beside.companions[1].send_to(b"!", receiver).unwrap();
    poll.poll_parked(&mut events, Some(SILENCE), &mut beside).unwrap();
    assert!(events.is_empty() && beside.ready.len() == 1, "a socket that was forgotten was found");
    beside.arm(0, Interest::READABLE);
    poll.poll_parked(&mut events, Some(PATIENCE), &mut beside).unwrap();
    assert_eq!((&beside.ready[..], tokens(&events)), (&[1, 0][..], vec![]));
}

#[test]
fn a_wait_of_the_poll_alone_keeps_what_it_finds_beside() {
    let (mut poll, mut events) = poll_with_events();
    let mut beside = Beside::new(&poll);
    beside.arm(2, Interest::WRITABLE);
    let start = Instant::now();
    poll.poll(&mut events, Some(SILENCE)).unwrap();
    assert!(events.is_empty() && start.elapsed() >= SILENCE);
    poll.poll_parked(&mut events, Some(PATIENCE), &mut beside).unwrap();
    assert_eq!((&beside.ready[..], tokens(&events)), (&[2][..], vec![]));
}

#[test]
fn a_socket_may_be_a_source_and_beside_and_takes_no_place_of_others() {
    let poll = poll_with_events().0;
    let mut beside = Beside::new(&poll);
    let (mut poll, mut events) = (poll, Events::with_capacity(1));
    poll.registry().register(&mut beside.companions[0], Token(4), Interest::WRITABLE).unwrap();
    beside.arm(0, Interest::WRITABLE);
    beside.arm(1, Interest::WRITABLE);
    let mut seen = Vec::new();
    let start = Instant::now();
    while seen.is_empty() || beside.ready.len() < 2 {
        assert!(start.elapsed() < PATIENCE, "{seen:?} and beside {:?}", beside.ready);
        poll.poll_parked(&mut events, Some(SILENCE), &mut beside).unwrap();
        seen.extend(tokens(&events));
    }
    assert_eq!((&beside.ready[..], seen), (&[0, 1][..], vec![4]));
}

/// Waits until there is an event, and returns its token.
fn next_token(poll: &mut Poll, events: &mut Events, beside: &mut Beside) -> Vec<usize> {
    let start = Instant::now();
    while events.is_empty() && start.elapsed() < PATIENCE {
        poll.poll_parked(events, Some(PATIENCE), beside).unwrap();
    }
    let tokens = tokens(events);
    events.clear();
    tokens
}

#[test]
fn wakes_timers_and_nudges_end_a_wait_beside_sockets() {
    let (mut poll, mut events) = poll_with_events();
    let mut beside = Beside::new(&poll);
    beside.arm(0, Interest::READABLE);
    let waker = Waker::new(poll.registry(), Token(1)).unwrap();
    let other = thread::spawn(move || waker.wake().map(|()| waker).unwrap());
    assert_eq!(next_token(&mut poll, &mut events, &mut beside), [1]);
    let _waker = other.join().unwrap();
    let mut timer = Timer::new();
    poll.registry().register(&mut timer, Token(2), Interest::READABLE).unwrap();
    timer.set(SILENCE).unwrap();
    assert_eq!(next_token(&mut poll, &mut events, &mut beside), [2]);

    let (nudge, letter) = (poll.nudge().unwrap(), Arc::new(AtomicBool::new(false)));
    let other = thread::spawn({
        let letter = Arc::clone(&letter);
        move || {
            letter.store(true, Ordering::Release);
            nudge.nudge().unwrap();
        }
    });
    let start = Instant::now();
    while !letter.load(Ordering::Acquire) {
        poll.poll_parked(&mut events, Some(PATIENCE), &mut beside).unwrap();
        assert!(events.is_empty(), "a nudge became an event: {events:?}");
    }
    assert!(start.elapsed() < PATIENCE, "no nudge ended the wait");
    other.join().unwrap();
    assert!(beside.ready.is_empty());
}
