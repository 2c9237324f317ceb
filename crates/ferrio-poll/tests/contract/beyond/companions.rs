//! A sleeper that waits for more descriptors beside those of the Poll.

use std::io::{self, ErrorKind, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use mio::park::{Harvest, Park};
use mio::unix::pipe;
use mio::{Events, Interest, Poll, Token, os};
use rustix::io::{read, write};

use crate::harness::unix::eventfd;
use crate::harness::{PATIENCE, SILENCE, poll_with_events};

/// Waits beside the Poll for descriptors, which end the wait.
struct Beside {
    companions: Vec<OwnedFd>,
    list: os::Beside,
    /// Which of them were ready, one wait after the other.
    ready: Vec<usize>,
}

impl Beside {
    /// `None` where the backend needs none.
    fn new(poll: &Poll) -> Option<Beside> {
        if poll.capabilities().embeddable {
            return None;
        }
        let companions = (0..3).map(|_| eventfd()).collect();
        Some(Beside { companions, list: os::Beside::default(), ready: Vec::new() })
    }

    fn ring(&self, number: usize) {
        write(&self.companions[number], &1_u64.to_ne_bytes()).unwrap();
    }
}

impl Park for Beside {
    fn park(&mut self, harvest: &mut Harvest<'_>, timeout: Option<Duration>) -> io::Result<bool> {
        self.list.clear();
        for (number, companion) in self.companions.iter().enumerate() {
            self.list.push(companion.as_fd(), Token(number), Interest::READABLE)?;
        }
        harvest.wait_beside(&mut self.list, timeout)?;
        let before = self.ready.len();
        for event in self.list.found() {
            read(&self.companions[event.token().0], &mut [0; 8])?;
            self.ready.push(event.token().0);
        }
        Ok(self.ready.len() > before)
    }
}

fn tokens(events: &Events) -> Vec<usize> {
    events.iter().map(|event| event.token().0).collect()
}

#[test]
fn a_companion_ends_the_wait_and_is_no_event() {
    let (mut poll, mut events) = poll_with_events();
    let Some(mut beside) = Beside::new(&poll) else { return };
    beside.ring(1);
    beside.ring(2);
    let start = Instant::now();
    poll.poll_parked(&mut events, Some(PATIENCE), &mut beside).unwrap();
    assert_eq!((&beside.ready[..], tokens(&events)), (&[1, 2][..], vec![]));
    assert!(start.elapsed() < PATIENCE);
    let start = Instant::now();
    poll.poll_parked(&mut events, Some(SILENCE), &mut beside).unwrap();
    assert!(start.elapsed() >= SILENCE && events.is_empty() && beside.ready.len() == 2);
}

#[test]
fn a_companion_is_told_beside_a_source_that_takes_the_only_place() {
    let poll = poll_with_events().0;
    let Some(mut beside) = Beside::new(&poll) else { return };
    let (mut poll, mut events) = (poll, Events::with_capacity(1));
    let (mut sender, mut receiver) = pipe::new().unwrap();
    poll.registry().register(&mut receiver, Token(4), Interest::READABLE).unwrap();
    sender.write_all(b"!").unwrap();
    beside.ring(0);
    poll.poll_parked(&mut events, Some(PATIENCE), &mut beside).unwrap();
    assert_eq!((&beside.ready[..], tokens(&events)), (&[0][..], vec![4]));
}

/// Waits beside a descriptor whatever the backend is.
struct Always(OwnedFd);

impl Park for Always {
    fn park(&mut self, harvest: &mut Harvest<'_>, timeout: Option<Duration>) -> io::Result<bool> {
        let mut list = os::Beside::default();
        list.push(self.0.as_fd(), Token(0), Interest::READABLE)?;
        harvest.wait_beside(&mut list, timeout).map(|_| false)
    }
}

#[test]
fn a_backend_that_others_can_watch_waits_beside_nothing() {
    let (mut poll, mut events) = poll_with_events();
    let polled = poll.poll_parked(&mut events, Some(Duration::ZERO), &mut Always(eventfd()));
    match polled {
        Err(error) => assert_eq!(error.kind(), ErrorKind::Unsupported),
        Ok(()) => assert!(!poll.capabilities().embeddable),
    }
}
