//! The registrations of one poll(2) selector.
//!
//! poll(2) knows only levels. Edges are made here. Each bit of a registration is *armed* or
//! not: an armed bit that is found is reported, and is disarmed by that. It is armed again
//! once it is known to be absent, because an operation proved it (a read would block, or ran
//! short), or because poll(2) no longer finds it.
//!
//! poll(2) reports a hang-up and an error whether asked or not. A registration for which one
//! of them was reported and is still there is *parked*: it is left out of the sleep, which
//! would end at once, and is only looked at now and then.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};

use rustix::event::PollFlags;
use rustix::io::Errno;

use crate::interest::Interest;
use crate::mode::Mode;
use crate::sys::system::READ_HANGUP;
use crate::sys::unix::poll2::file::FileId;
use crate::sys::unix::poll2::flags;
use crate::sys::unix::refusal;
use crate::token::Token;

/// The registrations of one selector, by descriptor.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// Indexed by descriptor.
    entries: Vec<Option<Entry>>,
    /// Changes whenever the array of the wait must be laid out anew.
    version: u64,
    /// Given to each registration and changed by each reregistration, so that what
    /// a wait found for an earlier one is known to be stale.
    next_generation: u64,
    /// True while the poller is in the kernel, or about to enter it, and was not
    /// kicked.
    pub(super) asleep: bool,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) token: Token,
    /// What was asked for, and what poll(2) reports unasked.
    want: PollFlags,
    /// The part of it that may be reported.
    pub(super) armed: PollFlags,
    mode: Mode,
    pub(super) generation: u64,
    /// Tells a reused descriptor from the one that was registered.
    file: FileId,
}

impl Table {
    pub(super) fn register(
        &mut self,
        fd: BorrowedFd<'_>,
        token: Token,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<()> {
        let want = flags::of(interest)? | UNASKED;
        let file = FileId::of_pollable(fd)?;
        // A borrowed descriptor is not negative.
        let place = fd.as_raw_fd() as usize;
        if self.entries.len() <= place {
            self.entries.resize_with(place + 1, || None);
        }
        // An entry of another file is of a descriptor that was closed without being
        // deregistered.
        if self.entries[place].as_ref().is_some_and(|entry| entry.file.is_surely(file)) {
            return Err(refusal::of(Errno::EXIST));
        }
        let generation = self.generation();
        self.entries[place] = Some(Entry { token, want, armed: want, mode, generation, file });
        Ok(())
    }

    pub(super) fn reregister(
        &mut self,
        fd: BorrowedFd<'_>,
        token: Token,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<()> {
        let want = flags::of(interest)? | UNASKED;
        let file = FileId::of(fd)?;
        let generation = self.generation();
        let entry = self.entry(fd.as_raw_fd()).filter(|entry| entry.file == file);
        let entry = entry.ok_or_else(|| refusal::of(Errno::NOENT))?;
        *entry = Entry { token, want, armed: want, mode, generation, file };
        Ok(())
    }

    pub(super) fn deregister(&mut self, fd: BorrowedFd<'_>) -> io::Result<()> {
        let entry = self.remove(fd.as_raw_fd());
        // As epoll has it, a descriptor that was closed before is an error although
        // nothing is registered any more.
        let file = FileId::of(fd)?;
        match entry {
            Some(entry) if entry.file == file => Ok(()),
            _ => Err(refusal::of(Errno::NOENT)),
        }
    }

    /// Drops the registration of `fd`, if there is one.
    pub(super) fn remove(&mut self, fd: RawFd) -> Option<Entry> {
        let entry = usize::try_from(fd).ok().and_then(|place| self.entries.get_mut(place)?.take());
        if entry.is_some() {
            self.version += 1;
        }
        entry
    }

    /// An operation proved that nothing is left in `direction`: arms it. True if that
    /// changed anything.
    pub(super) fn rearm(&mut self, fd: RawFd, direction: Interest) -> bool {
        let mut bits = PollFlags::empty();
        if direction.is_readable() {
            bits |= PollFlags::IN | PollFlags::PRI;
        }
        if direction.is_writable() {
            bits |= PollFlags::OUT;
        }
        self.arm(fd, bits)
    }

    /// What to ask poll(2) for after an operation whose outcome proves nothing, if a hang-up or
    /// an error was reported: it may be gone now. `None` if there is nothing to ask.
    pub(super) fn in_doubt(&mut self, fd: RawFd) -> Option<PollFlags> {
        let entry = self.entry(fd).filter(|entry| entry.mode == Mode::Edge)?;
        if entry.armed.contains(UNASKED) { None } else { Some(entry.want) }
    }

    /// The same after a short read, which proves nothing once an end was reported: that end
    /// is what is left to be read.
    pub(super) fn in_doubt_after_end(&mut self, fd: RawFd) -> Option<PollFlags> {
        let entry = self.entry(fd).filter(|entry| entry.mode == Mode::Edge)?;
        let ends = entry.want & (PollFlags::HUP | READ_HANGUP);
        if entry.armed.contains(ends) { None } else { Some(entry.want) }
    }

    /// poll(2) was asked for all that `fd` wants and found `found`: arms what is absent. True
    /// if that changed anything.
    pub(super) fn see(&mut self, fd: RawFd, found: PollFlags) -> bool {
        self.arm(fd, PollFlags::all() & !found)
    }

    fn arm(&mut self, fd: RawFd, bits: PollFlags) -> bool {
        let Some(entry) = self.entry(fd).filter(|entry| entry.mode == Mode::Edge) else {
            return false;
        };
        let armed = entry.armed | entry.want & bits;
        if armed == entry.armed {
            return false;
        }
        entry.armed = armed;
        self.version += 1;
        true
    }

    /// Takes note that poll(2), which was asked for all that `fd` wants, found `found`.
    /// Returns what to report of it: all of it, as epoll does, if any of it is armed. `None`
    /// if nothing is, or if it was found for an earlier registration.
    pub(super) fn report(
        &mut self,
        fd: RawFd,
        generation: u64,
        found: PollFlags,
    ) -> Option<(Token, PollFlags)> {
        let entry = self.entry(fd).filter(|entry| entry.generation == generation)?;
        if found.contains(PollFlags::NVAL) {
            // It was closed without being deregistered; the number may be anything by now.
            self.remove(fd);
            return None;
        }
        let found = found & entry.want;
        let is_news = found.intersects(entry.armed);
        let before = entry.armed;
        match entry.mode {
            Mode::Edge => entry.armed = entry.want & !found,
            Mode::Level => {}
            Mode::Oneshot if is_news => entry.armed = PollFlags::empty(),
            Mode::Oneshot => {}
        }
        let report = (entry.token, found);
        if entry.armed != before {
            self.version += 1;
        }
        is_news.then_some(report)
    }

    /// The registration of `fd`.
    pub(super) fn entry(&mut self, fd: RawFd) -> Option<&mut Entry> {
        self.entries.get_mut(usize::try_from(fd).ok()?)?.as_mut()
    }

    /// The registrations to wait for, with their descriptors, in the order of these.
    pub(super) fn waiting(&self) -> impl Iterator<Item = (RawFd, &Entry)> {
        self.all().filter(|(_, entry)| entry.armed.contains(UNASKED))
    }

    /// The registrations to look at now and then.
    pub(super) fn parked(&self) -> impl Iterator<Item = (RawFd, &Entry)> {
        self.all().filter(|(_, entry)| entry.mode == Mode::Edge && !entry.armed.contains(UNASKED))
    }

    fn all(&self) -> impl Iterator<Item = (RawFd, &Entry)> {
        self.entries.iter().enumerate().filter_map(|(fd, entry)| Some((fd as RawFd, entry.as_ref()?)))
    }

    pub(super) fn version(&self) -> u64 {
        self.version
    }

    fn generation(&mut self) -> u64 {
        self.version += 1;
        self.next_generation += 1;
        self.next_generation
    }
}

impl Entry {
    /// What to ask poll(2) for to learn all about it.
    pub(super) fn want(&self) -> PollFlags {
        self.want
    }
}

/// What poll(2) reports whether asked or not.
const UNASKED: PollFlags = PollFlags::HUP.union(PollFlags::ERR);
