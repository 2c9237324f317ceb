//! A sleeper that waits for one more descriptor beside those of the Poll.

use std::io::{self, ErrorKind, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

use mio::park::{Harvest, Park};
use mio::unix::{SourceFd, pipe};
use mio::{Events, Interest, Mode, Poll, Token};
use rustix::io::{read, write};

use crate::harness::unix::eventfd;
use crate::harness::{PATIENCE, SILENCE, poll_with_events};

/// Waits beside the Poll for a descriptor, which ends the wait.
struct Beside {
    companion: OwnedFd,
    /// How often it was ready.
    count: usize,
}

impl Beside {
    /// `None` where the backend needs none.
    fn new(poll: &Poll) -> Option<Beside> {
        if poll.capabilities().embeddable {
            return None;
        }
        let companion = eventfd();
        let fd = companion.as_raw_fd();
        let (token, interest) = (Token(99), Interest::READABLE);
        poll.registry().register_with(&mut SourceFd(&fd), token, interest, Mode::Level).unwrap();
        Some(Beside { companion, count: 0 })
    }

    fn ring(&self) {
        write(&self.companion, &1_u64.to_ne_bytes()).unwrap();
    }
}

impl Park for Beside {
    fn park(&mut self, harvest: &mut Harvest<'_>, timeout: Option<Duration>) -> io::Result<bool> {
        let (_, is_ready) = harvest.wait_beside(self.companion.as_fd(), timeout)?;
        if is_ready {
            read(&self.companion, &mut [0; 8])?;
            self.count += 1;
        }
        Ok(is_ready)
    }
}

fn tokens(events: &Events) -> Vec<usize> {
    events.iter().map(|event| event.token().0).collect()
}

#[test]
fn a_companion_ends_the_wait_and_is_no_event() {
    let (mut poll, mut events) = poll_with_events();
    let Some(mut beside) = Beside::new(&poll) else { return };
    beside.ring();
    poll.poll_parked(&mut events, Some(PATIENCE), &mut beside).unwrap();
    assert_eq!((beside.count, tokens(&events)), (1, vec![]));
    let start = Instant::now();
    poll.poll_parked(&mut events, Some(SILENCE), &mut beside).unwrap();
    assert!(start.elapsed() >= SILENCE && events.is_empty() && beside.count == 1);
}

#[test]
fn a_companion_is_told_beside_a_source_that_takes_the_only_place() {
    let poll = poll_with_events().0;
    let Some(mut beside) = Beside::new(&poll) else { return };
    let (mut poll, mut events) = (poll, Events::with_capacity(1));
    let (mut sender, mut receiver) = pipe::new().unwrap();
    poll.registry().register(&mut receiver, Token(4), Interest::READABLE).unwrap();
    sender.write_all(b"!").unwrap();
    beside.ring();
    poll.poll_parked(&mut events, Some(PATIENCE), &mut beside).unwrap();
    assert_eq!((beside.count, tokens(&events)), (1, vec![4]));
}

/// Waits beside a descriptor whatever the backend is.
struct Always(OwnedFd);

impl Park for Always {
    fn park(&mut self, harvest: &mut Harvest<'_>, timeout: Option<Duration>) -> io::Result<bool> {
        harvest.wait_beside(self.0.as_fd(), timeout).map(|(_, is_ready)| is_ready)
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
