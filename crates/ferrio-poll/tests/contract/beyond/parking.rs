//! A sleeper of one's own in place of the backend's.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use mio::park::{Harvest, Nudge, Park};

use crate::harness::{PATIENCE, poll_with_events};

/// Looks for letters whenever it is asked to sleep, and sleeps in the backend.
struct Mailbox {
    letters: Arc<AtomicUsize>,
    seen: usize,
}

impl Park for Mailbox {
    fn park(&mut self, harvest: &mut Harvest<'_>, timeout: Option<Duration>) -> io::Result<bool> {
        if self.letters.load(Ordering::Acquire) == self.seen {
            harvest.wait(timeout)?;
        }
        let letters = self.letters.load(Ordering::Acquire);
        let is_news = letters != self.seen;
        self.seen = letters;
        Ok(is_news)
    }
}

#[test]
fn a_nudge_ends_a_park_and_is_no_event() {
    const LETTERS: usize = 2000;
    let (mut poll, mut events) = poll_with_events();
    let nudge = poll.nudge().unwrap();
    let letters = Arc::new(AtomicUsize::new(0));
    let mut mailbox = Mailbox { letters: Arc::clone(&letters), seen: 0 };
    let threads: Vec<_> = (0..2)
        .map(|_| {
            let (nudge, letters) = (nudge.clone(), Arc::clone(&letters));
            thread::spawn(move || {
                for _ in 0..LETTERS {
                    letters.fetch_add(1, Ordering::AcqRel);
                    nudge.nudge().unwrap();
                }
            })
        })
        .collect();
    while mailbox.seen < 2 * LETTERS {
        poll.poll_parked(&mut events, Some(PATIENCE), &mut mailbox).unwrap();
        assert!(events.is_empty(), "a nudge became an event: {events:?}");
    }
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

/// Is woken, looks, and waits.
struct Looker {
    nudge: Nudge,
    waited: Duration,
}

impl Park for Looker {
    fn park(&mut self, harvest: &mut Harvest<'_>, _: Option<Duration>) -> io::Result<bool> {
        assert!(!harvest.is_woken());
        self.nudge.nudge()?;
        harvest.look()?;
        assert!(harvest.is_woken());
        let start = Instant::now();
        harvest.wait(Some(PATIENCE))?;
        self.waited = start.elapsed();
        Ok(true)
    }
}

#[test]
fn a_wake_that_a_look_has_heard_ends_the_wait_after_it() {
    let (mut poll, mut events) = poll_with_events();
    let mut looker = Looker { nudge: poll.nudge().unwrap(), waited: Duration::ZERO };
    for _ in 0..3 {
        poll.poll_parked(&mut events, None, &mut looker).unwrap();
        assert!(looker.waited < PATIENCE / 2, "it slept for {:?}", looker.waited);
        assert!(events.is_empty(), "a nudge became an event: {events:?}");
    }
}
