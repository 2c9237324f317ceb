//! From what a user asks to the changes of a kqueue, and from its events to ours.

use std::io;
use std::ops::{Deref, DerefMut};

use super::kevent::{
    EV_ADD, EV_CLEAR, EV_DELETE, EV_DISABLE, EV_DISPATCH, EV_ENABLE, EV_EOF, EV_RECEIPT, Filter, Kevent,
    NOTE_LOWAT,
};
use super::queue::NOTE_OOB;
use super::refusal;
use crate::interest::Interest;
use crate::mode::Mode;
use crate::sys::unix::event::{self, Bits, Event};
use crate::token::Token;

/// What is asked for a descriptor, in terms of filters.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) mode: Mode,
    /// The read filter is there for the end alone: what there is to read is no event.
    pub(super) only_end: bool,
    read: bool,
    write: bool,
    except: bool,
}

impl Wish {
    /// # Errors
    ///
    /// `Unsupported` for an interest that this system's kqueue does not have.
    pub(super) fn new(interest: Interest, mode: Mode) -> io::Result<Wish> {
        if interest.is_aio() || interest.is_lio() {
            return Err(refusal::of_aio(interest));
        }
        if interest.is_priority() && NOTE_OOB.is_none() {
            return Err(refusal::of_priority());
        }
        let is_ended_by_write = interest.is_writable() && !interest.is_hangup();
        // Urgent data alone says nothing of the end, on some systems.
        let only_end = !interest.is_readable() && !is_ended_by_write;
        Ok(Wish {
            mode,
            only_end,
            read: interest.is_readable() || only_end,
            write: interest.is_writable(),
            except: interest.is_priority(),
        })
    }

    /// True if the kernel needs help to disarm it: it has several filters.
    pub(super) fn is_shared_oneshot(&self) -> bool {
        self.mode == Mode::Oneshot && self.filters().count() > 1
    }

    /// The changes that register `ident`.
    pub(super) fn adds(&self, ident: usize, token: Token) -> Changes {
        let mut changes = Changes::new();
        for filter in self.filters() {
            changes.push(self.add(ident, filter, token));
        }
        changes
    }

    fn add(&self, ident: usize, filter: Filter, token: Token) -> Kevent {
        if filter == Filter::Read && self.only_end {
            return end_watch(ident, token, EV_CLEAR);
        }
        let mode = match self.mode {
            Mode::Edge => EV_CLEAR,
            Mode::Level => 0,
            // Of several filters, each is reset so that the one that was not reported does not
            // come once it is enabled again.
            Mode::Oneshot if self.is_shared_oneshot() => EV_DISPATCH | EV_CLEAR,
            Mode::Oneshot => EV_DISPATCH,
        };
        let mut change = with_notes(Kevent::new(ident, filter, ADD | mode));
        change.udata = token.0;
        change
    }

    fn filters(&self) -> impl Iterator<Item = Filter> {
        let all = [(self.read, Filter::Read), (self.write, Filter::Write), (self.except, Filter::Except)];
        all.into_iter().filter_map(|(is_wanted, filter)| is_wanted.then_some(filter))
    }
}

/// The change that has the end of `ident` watched, and nothing before it where the kernel can
/// leave that out.
pub(super) fn end_watch(ident: usize, token: Token, mode: u16) -> Kevent {
    let mut change = Kevent::new(ident, Filter::Read, ADD | mode);
    (change.fflags, change.data, change.udata) = (NOTE_LOWAT, i64::from(i32::MAX), token.0);
    change
}

/// The changes that end each registration of `ident`.
pub(super) fn deletes(ident: usize) -> Changes {
    let mut changes = Changes::new();
    for filter in watched_filters() {
        changes.push(Kevent::new(ident, filter, EV_DELETE | EV_RECEIPT));
    }
    changes
}

/// The change that allows the event of `filter` again.
pub(super) fn enable(ident: usize, filter: Filter, token: Token) -> Kevent {
    let mut change = with_notes(Kevent::new(ident, filter, EV_ENABLE | EV_RECEIPT));
    change.udata = token.0;
    change
}

/// The changes that disarm what `event`, of a oneshot, did not.
pub(super) fn disables(event: &Kevent) -> impl Iterator<Item = Kevent> {
    let &Kevent { ident, udata, filter: reported, .. } = event;
    let is_disarmed = event.has(EV_DISPATCH);
    watched_filters().filter(move |filter| !is_disarmed || *filter != reported).map(move |filter| {
        let mut change = with_notes(Kevent::new(ident, filter, EV_DISABLE | EV_RECEIPT));
        change.udata = udata;
        change
    })
}

/// True if the kernel disarmed one filter of a registration by `event`, and left the others.
pub(super) fn disarms_siblings(event: &Kevent) -> bool {
    event.has(EV_DISPATCH | EV_CLEAR)
}

/// What is reported of `kevent`.
pub(super) fn event(kevent: &Kevent) -> Event {
    let is_end = kevent.has(EV_EOF);
    let mut bits = match kevent.filter {
        Filter::Read if is_end => Bits::READABLE | Bits::READ_CLOSED,
        Filter::Read => Bits::READABLE,
        Filter::Write if is_end => Bits::WRITABLE | Bits::WRITE_CLOSED,
        Filter::Write => Bits::WRITABLE,
        Filter::Except => Bits::PRIORITY,
        Filter::Aio => Bits::AIO,
        Filter::Lio => Bits::LIO,
        Filter::Proc | Filter::Timer | Filter::User | Filter::Vnode => Bits::READABLE,
    };
    // With an end, the flags of the filter are the error of the socket, which ended both sides.
    if is_end && kevent.fflags != 0 && matches!(kevent.filter, Filter::Read | Filter::Write) {
        bits |= Bits::ERROR | Bits::READ_CLOSED | Bits::WRITE_CLOSED;
    }
    if bits.contains(Bits::READ_CLOSED | Bits::WRITE_CLOSED) {
        bits |= Bits::HANGUP;
    }
    event::of_bits(Token(kevent.udata), bits)
}

/// The same for a descriptor of which only the end is watched.
pub(super) fn end_event(kevent: &Kevent) -> Event {
    let mut event = event(kevent);
    event::remove(&mut event, Bits::READABLE);
    event
}

/// The filters by which a descriptor is registered.
pub(super) fn watched_filters() -> impl Iterator<Item = Filter> {
    [Filter::Read, Filter::Write].into_iter().chain(NOTE_OOB.map(|_| Filter::Except))
}

fn with_notes(mut change: Kevent) -> Kevent {
    if change.filter == Filter::Except {
        change.fflags = NOTE_OOB.unwrap_or(0);
    }
    change
}

/// How each registration begins. Of one that is there and disabled, `EV_ADD` alone would leave
/// it so.
const ADD: u16 = EV_ADD | EV_ENABLE | EV_RECEIPT;

/// A few changes, without an allocation.
#[derive(Clone, Debug)]
pub(super) struct Changes {
    all: [Kevent; CHANGES_MAX],
    count: usize,
}

impl Changes {
    pub(super) fn new() -> Changes {
        Changes { all: [Kevent::new(0, Filter::Read, 0); CHANGES_MAX], count: 0 }
    }

    pub(super) fn push(&mut self, change: Kevent) {
        self.all[self.count] = change;
        self.count += 1;
    }

    pub(super) fn extend(&mut self, changes: &[Kevent]) {
        changes.iter().for_each(|change| self.push(*change));
    }
}

impl Deref for Changes {
    type Target = [Kevent];

    fn deref(&self) -> &[Kevent] {
        &self.all[..self.count]
    }
}

impl DerefMut for Changes {
    fn deref_mut(&mut self) -> &mut [Kevent] {
        &mut self.all[..self.count]
    }
}

/// Each of three filters deleted and added.
const CHANGES_MAX: usize = 6;

#[cfg(all(test, not(ferrio_loom)))]
mod tests;
