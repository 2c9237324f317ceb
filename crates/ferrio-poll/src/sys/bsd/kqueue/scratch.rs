//! What one wait has found.

use super::kevent::Kevent;
use crate::sys::unix::event::{self, Event};

/// The memory that one Poll lends to its waits.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// What the kernel wrote.
    pub(super) found: Vec<Kevent>,
    /// What is to be changed because of that.
    pub(super) changes: Vec<Kevent>,
    /// By descriptor, the wait in which it was found last, and the place of its event.
    pub(super) places: Vec<(u32, u32)>,
    /// The number of this wait.
    wait: u32,
    /// True if the only place there was went to a broken pipe.
    is_turn_of_broken: bool,
}

/// What a wait has found so far.
#[derive(Debug)]
pub(super) struct Batch<'a> {
    pub(super) events: &'a mut [Event],
    pub(super) count: usize,
    pub(super) woken: bool,
    /// True if the last look brought something that was not known.
    pub(super) is_news: bool,
}

impl Scratch {
    /// A wait begins.
    pub(super) fn begin(&mut self) {
        self.wait = self.wait.wrapping_add(1);
        if self.wait == 0 {
            self.places.clear();
            self.wait = 1;
        }
    }

    /// How many of `room` places are for broken pipes; of one place every other one.
    pub(super) fn share(&mut self, room: usize) -> usize {
        if room > 1 {
            return room / 2;
        }
        self.is_turn_of_broken = !self.is_turn_of_broken;
        usize::from(self.is_turn_of_broken)
    }

    /// Notes that what was found of the descriptor `ident` is no event. True if that is the first
    /// time in this wait.
    pub(super) fn pass_over(&mut self, ident: usize) -> bool {
        self.make_place(ident);
        let is_first = self.places[ident].0 != self.wait;
        if is_first {
            self.places[ident] = (self.wait, NO_PLACE);
        }
        is_first
    }

    fn make_place(&mut self, ident: usize) {
        if self.places.len() <= ident {
            self.places.resize(ident + 1, (0, NO_PLACE));
        }
    }

    /// Puts `event`, of a part of what is behind the descriptor `ident`, into `batch`: into the
    /// event of the same source if there is one.
    pub(super) fn put(&mut self, batch: &mut Batch<'_>, ident: usize, event: Event) {
        self.make_place(ident);
        let (wait, place) = self.places[ident];
        if wait == self.wait && place != NO_PLACE {
            let known = &mut batch.events[place as usize];
            // Another token is that of another registration.
            if event::token(known) == event::token(&event) {
                batch.is_news |= event::merge(known, &event);
                return;
            }
        }
        self.places[ident] = (self.wait, batch.count as u32);
        batch.push(event);
    }
}

impl Batch<'_> {
    pub(super) fn push(&mut self, event: Event) {
        self.events[self.count] = event;
        self.count += 1;
        self.is_news = true;
    }
}

/// That of a descriptor which has no event in a wait.
const NO_PLACE: u32 = u32::MAX;
