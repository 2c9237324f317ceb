//! The registrations of one Poll.
//!
//! WASI knows only levels. Edges are made here, as for poll(2). Each direction of a
//! registration is *armed* or not: an armed one that is found ready is reported, and is
//! disarmed by that. It is armed again once it is known not to be ready, because an operation
//! would block or ran short. What is not armed is not asked for, so nothing that lasts, as an
//! end does, keeps a wait from sleeping.

use std::io;
use std::os::fd::RawFd;

use crate::error::{host, kernel};
use crate::interest::Interest;
use crate::mode::Mode;
use crate::sys::wasi::event::Found;
use crate::token::Token;

/// The registrations.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// By descriptor.
    entries: Vec<Option<Entry>>,
    /// The id of the last registration.
    last: Id,
}

/// Tells a registration from a later one of the same descriptor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Id(u64);

#[derive(Clone, Copy, Debug)]
struct Entry {
    id: Id,
    token: Token,
    /// The directions that were asked for.
    want: Found,
    /// The part of them that may be reported.
    armed: Found,
    /// The ends that were reported since the registration.
    ended: Found,
    mode: Mode,
}

impl Table {
    pub(super) fn register(
        &mut self,
        fd: RawFd,
        token: Token,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<Id> {
        let id = Id(self.last.0 + 1);
        let entry = Entry::new(id, token, interest, mode)?;
        // A borrowed descriptor is not negative.
        let place = fd as usize;
        if self.entries.len() <= place {
            self.entries.resize(place + 1, None);
        }
        if self.entries[place].is_some() {
            return Err(kernel::descriptor_registered());
        }
        self.entries[place] = Some(entry);
        self.last = id;
        Ok(id)
    }

    pub(super) fn reregister(
        &mut self,
        fd: RawFd,
        token: Token,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<()> {
        let entry = self.entry(fd).ok_or_else(kernel::descriptor_missing)?;
        *entry = Entry::new(entry.id, token, interest, mode)?;
        Ok(())
    }

    pub(super) fn deregister(&mut self, fd: RawFd) -> io::Result<()> {
        let entry = self.entries.get_mut(fd as usize).and_then(Option::take);
        entry.map(drop).ok_or_else(kernel::descriptor_missing)
    }

    /// Drops the registration `id` of `fd`, if it is still there.
    pub(super) fn remove(&mut self, fd: RawFd, id: Id) {
        if self.entry(fd).is_some_and(|entry| entry.id == id) {
            self.entries[fd as usize] = None;
        }
    }

    /// An operation on the source of registration `id` proved that nothing is left in
    /// `direction`, unless an end was reported: then it may be that end.
    pub(super) fn rearm(
        &mut self,
        fd: RawFd,
        id: Id,
        direction: Interest,
        look: impl FnOnce(Found) -> Found,
    ) {
        let Some(entry) = self.edge(fd, id) else { return };
        let bits = directions(direction);
        if entry.ended.is_empty() {
            entry.armed |= entry.want & bits;
        } else {
            entry.arm_absent(look);
        }
    }

    /// An operation may have taken away what was reported.
    pub(super) fn touch(&mut self, fd: RawFd, id: Id, look: impl FnOnce(Found) -> Found) {
        if let Some(entry) = self.edge(fd, id) {
            entry.arm_absent(look);
        }
    }

    /// Takes note of what was `found` of `fd`, of what it was asked for, and says whom to tell.
    /// Nobody if it is not open: then its registration is over.
    pub(super) fn report(&mut self, fd: RawFd, found: Found) -> Option<Token> {
        if found.contains(Found::NOT_OPEN) {
            // It was closed without being deregistered; the number may be anything by now.
            self.entries[fd as usize] = None;
            return None;
        }
        let entry = self.entry(fd)?;
        match entry.mode {
            Mode::Edge => {
                entry.armed -= found;
                entry.ended |= found & ENDS;
            }
            Mode::Level => {}
            Mode::Oneshot => entry.armed = Found::empty(),
        }
        Some(entry.token)
    }

    /// What is to be asked for, by descriptor.
    pub(super) fn armed(&self) -> impl Iterator<Item = (RawFd, Found)> {
        let armed = |entry: &Option<Entry>| entry.map(|entry| entry.armed).filter(|armed| !armed.is_empty());
        self.entries.iter().enumerate().filter_map(move |(fd, entry)| Some((fd as RawFd, armed(entry)?)))
    }

    fn edge(&mut self, fd: RawFd, id: Id) -> Option<&mut Entry> {
        self.entry(fd).filter(|entry| entry.id == id && entry.mode == Mode::Edge)
    }

    fn entry(&mut self, fd: RawFd) -> Option<&mut Entry> {
        self.entries.get_mut(fd as usize)?.as_mut()
    }
}

impl Entry {
    fn new(id: Id, token: Token, interest: Interest, mode: Mode) -> io::Result<Entry> {
        let want = directions(interest);
        let is_more =
            interest.is_priority() || interest.is_hangup() || interest.is_aio() || interest.is_lio();
        if is_more {
            return Err(host::interest_absent(interest));
        }
        Ok(Entry { id, token, want, armed: want, ended: Found::empty(), mode })
    }

    /// Arms the directions that `look`, which is asked for those that are not armed, does not
    /// find ready.
    fn arm_absent(&mut self, look: impl FnOnce(Found) -> Found) {
        let unarmed = self.want - self.armed;
        if !unarmed.is_empty() {
            self.armed |= unarmed - look(unarmed);
        }
    }
}

fn directions(interest: Interest) -> Found {
    let mut bits = Found::empty();
    bits.set(Found::READABLE, interest.is_readable());
    bits.set(Found::WRITABLE, interest.is_writable());
    bits
}

const ENDS: Found = Found::READ_CLOSED.union(Found::WRITE_CLOSED);
