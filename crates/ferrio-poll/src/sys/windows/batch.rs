//! The events of one wait.

use crate::sys::windows::event::{Event, Flags};
use crate::sys::windows::found::Found;
use crate::token::Token;

/// The events of one wait, in the list of its caller.
#[derive(Debug)]
pub(super) struct Batch<'a> {
    events: &'a mut [Event],
    count: usize,
    /// Tells this wait from others.
    number: u64,
    /// What is found beside the events, if that ends the wait too.
    found: Option<&'a Found>,
}

/// Where a slot was reported last: in which batch, and at which place of it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reported {
    batch: u64,
    place: usize,
}

impl<'a> Batch<'a> {
    pub(super) fn new(number: u64, events: &'a mut [Event]) -> Batch<'a> {
        Batch { events, count: 0, number, found: None }
    }

    /// One of a wait that ends also when something was found beside.
    pub(super) fn beside(number: u64, events: &'a mut [Event], found: &'a Found) -> Batch<'a> {
        Batch { found: Some(found), ..Batch::new(number, events) }
    }

    /// Adds an event of a slot, or merges it into the one that the slot has in this batch.
    pub(super) fn report(&mut self, token: Token, flags: Flags, reported: &mut Reported) {
        if reported.batch == self.number {
            self.events[reported.place].merge(flags);
            return;
        }
        self.events[self.count] = Event::of_flags(token, flags);
        *reported = Reported { batch: self.number, place: self.count };
        self.count += 1;
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// True if there is something for which the wait is to end.
    pub(super) fn has_news(&self) -> bool {
        self.count > 0 || self.found.is_some_and(|found| !found.is_empty())
    }

    /// True if what is found beside counts too.
    pub(super) fn is_beside(&self) -> bool {
        self.found.is_some()
    }

    pub(super) fn room(&self) -> usize {
        self.events.len() - self.count
    }
}
