//! The array of the wait, and what was found in it.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use crate::sys::event::{self, Event};
use crate::sys::unix::descriptor;
use crate::sys::unix::poll2::NO_TIME;
use crate::sys::unix::poll2::table::Table;

/// The array of the wait.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// The wake descriptor, then the registrations that are not parked, then the parked ones.
    fds: Vec<PollFd<'static>>,
    /// The generation of each registration; `generations[i]` is of `fds[i + 1]`.
    generations: Vec<u64>,
    /// How many registrations are not parked.
    waiting: usize,
    /// The version of the table that this was laid out from.
    version: Option<u64>,
    /// What was found.
    found: Vec<Found>,
    /// Those of `found` of which only a part was asked for.
    again: Vec<PollFd<'static>>,
    /// What is asked for and what stands beside it, in one array.
    all: Vec<PollFd<'static>>,
    /// The descriptor of the registration that was served last: the next one has its turn.
    served: RawFd,
}

/// A registration that was found ready.
#[derive(Clone, Copy, Debug)]
struct Found {
    fd: RawFd,
    generation: u64,
    flags: PollFlags,
    /// True if the kernel was asked for a part of what it wants.
    is_partial: bool,
}

impl Scratch {
    /// Brings the array up to date with `table`. The first place is that of `wake`.
    pub(super) fn lay_out(&mut self, table: &Table, wake: BorrowedFd<'_>) {
        if self.version == Some(table.version()) {
            return;
        }
        self.version = Some(table.version());
        self.fds.clear();
        self.generations.clear();
        push(&mut self.fds, wake.as_raw_fd(), PollFlags::IN);
        for (fd, entry) in table.waiting() {
            push(&mut self.fds, fd, entry.armed);
            self.generations.push(entry.generation);
        }
        self.waiting = self.generations.len();
        for (fd, entry) in table.parked() {
            push(&mut self.fds, fd, entry.want());
            self.generations.push(entry.generation);
        }
    }

    /// How many descriptors there are.
    pub(super) fn len(&self) -> usize {
        self.fds.len()
    }

    /// How many registrations are not parked.
    pub(super) fn waiting(&self) -> usize {
        self.waiting
    }

    /// Asks the kernel for the first `asked` descriptors and for those of `beside`.
    pub(super) fn poll(
        &mut self,
        asked: usize,
        beside: &mut [PollFd<'static>],
        timeout: Option<&Timespec>,
    ) -> Result<usize, Errno> {
        let own = &mut self.fds[..asked];
        if beside.is_empty() {
            return poll(own, timeout);
        }
        self.all.clear();
        self.all.extend_from_slice(own);
        self.all.extend_from_slice(beside);
        let count = poll(&mut self.all, timeout)?;
        own.clone_from_slice(&self.all[..asked]);
        beside.clone_from_slice(&self.all[asked..]);
        Ok(count)
    }

    /// True if the wake descriptor was found ready.
    pub(super) fn is_signalled(&self) -> bool {
        self.fds[0].revents().contains(PollFlags::IN)
    }

    pub(super) fn has_parked(&self) -> bool {
        self.waiting < self.generations.len()
    }

    /// Writes what was found of the first `asked` to `events`.
    pub(super) fn collect(&mut self, table: &mut Table, asked: usize, events: &mut [Event]) -> usize {
        self.gather(table, asked);
        let mut count = 0;
        for found in &self.found {
            if count == events.len() {
                break;
            }
            if let Some((token, flags)) = table.report(found.fd, found.generation, found.flags) {
                events[count] = event::of_poll(token, flags);
                count += 1;
                self.served = found.fd;
            }
        }
        count
    }

    /// Gathers those of the first `asked` that were found ready, beginning after the one that
    /// was served last, so that each is served in its turn when there is room for few.
    fn gather(&mut self, table: &mut Table, asked: usize) {
        self.found.clear();
        self.again.clear();
        let first = (1..asked).find(|at| self.fd(*at) > self.served).unwrap_or(1);
        for at in (first..asked).chain(1..first) {
            let (fd, flags, generation) = (self.fd(at), self.fds[at].revents(), self.generations[at - 1]);
            let entry = table.entry(fd).filter(|entry| entry.generation == generation);
            let (false, Some(entry)) = (flags.is_empty(), entry) else {
                continue;
            };
            let is_partial = at <= self.waiting && entry.armed != entry.want();
            self.found.push(Found { fd, generation, flags, is_partial });
            if is_partial {
                push(&mut self.again, fd, entry.want());
            }
        }
        self.complete();
        if asked > self.waiting + 1 {
            // Two runs in one turn, the parked ones being a run of their own.
            let served = self.served;
            self.found.sort_unstable_by_key(|found| (found.fd <= served, found.fd));
        }
    }

    /// Asks the kernel for all of what was found in part. If that fails, the part counts.
    fn complete(&mut self) {
        if self.again.is_empty() || poll(&mut self.again, Some(&NO_TIME)).is_err() {
            return;
        }
        let partial = self.found.iter_mut().filter(|found| found.is_partial);
        for (found, again) in partial.zip(&self.again) {
            found.flags = again.revents();
        }
    }

    fn fd(&self, at: usize) -> RawFd {
        self.fds[at].as_fd().as_raw_fd()
    }
}

fn push(fds: &mut Vec<PollFd<'static>>, fd: RawFd, flags: PollFlags) {
    if let Ok(fd) = descriptor::borrow(fd) {
        fds.push(PollFd::from_borrowed_fd(fd, flags));
    }
}
