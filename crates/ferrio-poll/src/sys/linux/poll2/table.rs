//! The registrations of one poll(2) selector.
//!
//! poll(2) knows only levels. Edges are made here: what was reported is taken out
//! of what is *armed*, and an operation that runs short, or a reregistration, arms
//! it again. A registration that was hung up, is in error, or has had its one shot
//! is *parked*: it stays registered but is left out of the wait, for poll(2)
//! reports a hang-up whether asked or not, for ever.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};

use rustix::event::PollFlags;
use rustix::fs::{FileType, fstat};
use rustix::io::Errno;

use crate::interest::Interest;
use crate::mode::Mode;
use crate::sys::linux::flags;
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
    /// What was asked for.
    want: PollFlags,
    /// The part of it that may be reported.
    pub(super) armed: PollFlags,
    mode: Mode,
    pub(super) generation: u64,
    /// True if it is left out of the wait.
    pub(super) parked: bool,
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
        let want = flags::poll(interest)?;
        let file = FileId::of_watchable(fd)?;
        let place = place(fd);
        if self.entries.len() <= place {
            self.entries.resize_with(place + 1, || None);
        }
        // An entry of another file is of a descriptor that was closed unnoticed.
        if self.entries[place].as_ref().is_some_and(|entry| entry.file == file) {
            return Err(flags::refusal(Errno::EXIST));
        }
        let generation = self.generation();
        self.entries[place] = Some(Entry { token, want, armed: want, mode, generation, parked: false, file });
        Ok(())
    }

    pub(super) fn reregister(
        &mut self,
        fd: BorrowedFd<'_>,
        token: Token,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<()> {
        let want = flags::poll(interest)?;
        let file = FileId::of(fd)?;
        let generation = self.generation();
        let entry = self.entry(fd.as_raw_fd()).filter(|entry| entry.file == file);
        let entry = entry.ok_or_else(|| flags::refusal(Errno::NOENT))?;
        *entry = Entry { token, want, armed: want, mode, generation, parked: false, file };
        Ok(())
    }

    pub(super) fn deregister(&mut self, fd: BorrowedFd<'_>) -> io::Result<()> {
        let entry = self.remove(fd.as_raw_fd());
        // As epoll has it, a descriptor that was closed before is an error although
        // nothing is registered any more.
        let file = FileId::of(fd)?;
        match entry {
            Some(entry) if entry.file == file => Ok(()),
            _ => Err(flags::refusal(Errno::NOENT)),
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

    /// Lets `direction` be reported again. True if that changed anything.
    pub(super) fn rearm(&mut self, fd: BorrowedFd<'_>, direction: Interest) -> bool {
        let Some(entry) = self.entry(fd.as_raw_fd()).filter(|entry| entry.mode == Mode::Edge) else {
            return false;
        };
        let mut bits = PollFlags::empty();
        if direction.is_readable() {
            bits |= PollFlags::IN | PollFlags::RDHUP | PollFlags::PRI;
        }
        if direction.is_writable() {
            bits |= PollFlags::OUT;
        }
        let armed = entry.armed | entry.want & bits;
        if armed == entry.armed && !entry.parked {
            return false;
        }
        entry.armed = armed;
        entry.parked = false;
        self.version += 1;
        true
    }

    /// Takes note that poll(2) found `found` for `fd`, and returns what to report
    /// of it. None if that was found for an earlier registration.
    pub(super) fn report(
        &mut self,
        fd: RawFd,
        generation: u64,
        found: PollFlags,
    ) -> Option<(Token, PollFlags)> {
        let entry = self.entry(fd).filter(|entry| entry.generation == generation)?;
        if found.contains(PollFlags::NVAL) {
            // It was closed without a word; the number may be anything by now.
            self.remove(fd);
            return None;
        }
        let mut found = found;
        if found.contains(PollFlags::RDHUP) {
            // The end of a stream can be read; epoll says so too.
            found |= entry.want & PollFlags::IN;
        }
        if found.contains(PollFlags::ERR) {
            // poll(2) repeats an error until it is taken, so the entry rests until then,
            // and a reader takes it only if it is told to read.
            found |= entry.want & PollFlags::IN;
        }
        match entry.mode {
            Mode::Edge => {
                entry.armed.remove(found);
                entry.parked = found.intersects(PollFlags::HUP | PollFlags::ERR);
            }
            Mode::Level => {}
            Mode::Oneshot => entry.parked = true,
        }
        let report = (entry.token, found);
        if entry.parked {
            self.version += 1;
        }
        Some(report)
    }

    /// The registration of `fd`.
    pub(super) fn entry(&mut self, fd: RawFd) -> Option<&mut Entry> {
        self.entries.get_mut(usize::try_from(fd).ok()?)?.as_mut()
    }

    /// The registrations to wait for, with their descriptors.
    pub(super) fn waiting(&self) -> impl Iterator<Item = (RawFd, &Entry)> {
        let entries = self.entries.iter().enumerate();
        entries.filter_map(|(fd, entry)| Some((fd as RawFd, entry.as_ref().filter(|entry| !entry.parked)?)))
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

/// A file, whatever descriptor it is behind.
///
/// Files without a name of their own (eventfd, timerfd, epoll) share one inode and are
/// not told apart: one that was closed without a word and replaced, under the same
/// number, by another of its kind counts as registered still.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    fn of(fd: BorrowedFd<'_>) -> io::Result<FileId> {
        let stat = fstat(fd)?;
        Ok(FileId { device: stat.st_dev as u64, inode: stat.st_ino as u64 })
    }

    /// The file behind `fd` if it is of a kind that has readiness, as epoll has it.
    fn of_watchable(fd: BorrowedFd<'_>) -> io::Result<FileId> {
        let stat = fstat(fd)?;
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile | FileType::Directory => Err(flags::refusal(Errno::PERM)),
            _ => Ok(FileId { device: stat.st_dev as u64, inode: stat.st_ino as u64 }),
        }
    }
}

fn place(fd: BorrowedFd<'_>) -> usize {
    // A borrowed descriptor is not negative.
    fd.as_raw_fd() as usize
}
