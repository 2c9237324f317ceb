//! What was found beside the sources of a Poll.

use std::collections::VecDeque;

use crate::sync::{AtomicUsize, Mutex, Ordering, lock};
use crate::sys::windows::event::{self, Event};
use crate::token::Token;

/// The events of a parker's own sockets, until it takes them out. The packets of these sockets come
/// from the port of the Poll, whichever wait takes them.
#[derive(Debug)]
pub(super) struct Found {
    /// How many there are: a wait looks here each time.
    count: AtomicUsize,
    events: Mutex<VecDeque<Event>>,
}

impl Found {
    pub(super) fn new() -> Found {
        Found { count: AtomicUsize::new(0), events: Mutex::new(VecDeque::new()) }
    }

    pub(super) fn push(&self, event: Event) {
        let mut events = lock(&self.events);
        events.push_back(event);
        self.count.store(events.len(), Ordering::Release);
    }

    /// The one that was found first.
    pub(super) fn pop(&self) -> Option<Event> {
        if self.is_empty() {
            return None;
        }
        let mut events = lock(&self.events);
        let event = events.pop_front();
        self.count.store(events.len(), Ordering::Release);
        event
    }

    /// Takes away what was found for `token`.
    pub(super) fn remove(&self, token: Token) {
        if self.is_empty() {
            return;
        }
        let mut events = lock(&self.events);
        events.retain(|event| event::token(event) != token);
        self.count.store(events.len(), Ordering::Release);
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.count.load(Ordering::Acquire) == 0
    }
}
