//! Readiness by `poll(2)`.
//!
//! The registrations stand in a table of ours, under a lock; a wait lays them out
//! as the array that the kernel takes and reuses that array until the table
//! changes. See the contract in [`sys`](crate::sys).
//!
//! A change of the table *kicks* a poller that is asleep: it holds the files it
//! waits for, so a socket that is dropped meanwhile would not be shut down, and a
//! new registration would not be seen. Kicks and wakes share a descriptor but not
//! their state: a kick never swallows a wake.

pub(super) mod owners;
mod table;

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use crate::interest::Interest;
use crate::mode::Mode;
use crate::sync::{Mutex, lock};
use crate::sys::capabilities::{Capabilities, Support};
use crate::sys::linux::event::{self, Event};
use crate::sys::linux::flags;
use crate::sys::linux::poll2::table::Table;
use crate::sys::linux::wake_fd::WakeFd;
use crate::sys::selected::Selected;
use crate::sys::unix::descriptor;
use crate::token::Token;

/// A selector on poll(2).
#[derive(Debug)]
pub(crate) struct Poll2 {
    /// The registrations.
    table: Mutex<Table>,
    /// Ends a wait, for a wake or a kick.
    wake: WakeFd,
    /// True from a wake until the poller has seen it; a kick leaves it alone.
    signalled: AtomicBool,
}

/// The array of the wait.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// The wake descriptor, then every registration that is not parked.
    fds: Vec<PollFd<'static>>,
    /// The generation of each registration; `generations[i]` is of `fds[i + 1]`.
    generations: Vec<u64>,
    /// The version of the table that this was laid out from.
    version: Option<u64>,
    /// The registration at which the next look for ready ones begins.
    start: usize,
}

impl Poll2 {
    pub(super) fn new() -> io::Result<Arc<Poll2>> {
        let poll2 = Poll2 {
            table: Mutex::new(Table::default()),
            wake: WakeFd::new()?,
            signalled: AtomicBool::new(false),
        };
        owners::LIVE.fetch_add(1, Ordering::Relaxed);
        Ok(Arc::new(poll2))
    }

    pub(super) fn register(
        self: &Arc<Self>,
        fd: BorrowedFd<'_>,
        token: Token,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<()> {
        self.change(|table| table.register(fd, token, interest, mode))?;
        // Only now is it known to be a descriptor: the table of owners is as long as the
        // highest of them.
        owners::add(fd.as_raw_fd(), self);
        Ok(())
    }

    pub(super) fn reregister(
        &self,
        fd: BorrowedFd<'_>,
        token: Token,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<()> {
        self.change(|table| table.reregister(fd, token, interest, mode))
    }

    pub(super) fn deregister(self: &Arc<Self>, fd: BorrowedFd<'_>) -> io::Result<()> {
        owners::remove(fd.as_raw_fd(), self);
        self.change(|table| table.deregister(fd))
    }

    pub(super) fn signal(&self) -> io::Result<()> {
        self.signalled.store(true, Ordering::Release);
        self.wake.signal()
    }

    pub(super) fn wait(
        &self,
        scratch: &mut Scratch,
        events: &mut [Event],
        timeout: Option<Duration>,
    ) -> io::Result<Selected> {
        if events.is_empty() {
            return Err(Errno::INVAL.into());
        }
        let deadline = timeout
            .filter(|timeout| !timeout.is_zero())
            .and_then(|timeout| Instant::now().checked_add(timeout));
        let mut left = timeout;
        loop {
            self.lay_out(scratch, left);
            let result = poll(&mut scratch.fds, left.map(timespec).as_ref());
            let mut table = lock(&self.table);
            table.asleep = false;
            let is_over = match result {
                Ok(found) => found == 0,
                // The kernel is out of memory: so are others, who may give some back.
                Err(Errno::NOMEM | Errno::AGAIN) => {
                    drop(table);
                    if left == Some(Duration::ZERO) {
                        return Ok(Selected { count: 0, woken: false });
                    }
                    thread::sleep(MEMORY_PAUSE);
                    left = remaining(left, deadline);
                    continue;
                }
                Err(errno) => return Err(errno.into()),
            };
            let mut woken = false;
            if scratch.fds[0].revents().contains(PollFlags::IN) {
                // Emptied first: a wake from here on makes it readable again.
                self.wake.drain();
                woken = self.signalled.swap(false, Ordering::AcqRel);
            }
            let count = collect(&mut table, scratch, events);
            if count != 0 || woken || is_over {
                return Ok(Selected { count, woken });
            }
            left = remaining(left, deadline);
        }
    }

    pub(super) fn descriptor(&self) -> BorrowedFd<'_> {
        self.wake.reader()
    }

    pub(super) fn capabilities(&self) -> Capabilities {
        Capabilities {
            edge: Support::Emulated,
            level: Support::Native,
            oneshot: Support::Emulated,
            hangup: Support::Native,
            priority: Support::Native,
            aio: Support::Absent,
            lio: Support::Absent,
            raw_flags: Support::Absent,
            busy_poll: Support::Absent,
            nanosecond_timeout: Support::Native,
            short_read_drains: true,
            raw_descriptors_rearm: false,
            embeddable: false,
        }
    }

    /// Lets `direction` of `fd` be reported again.
    pub(super) fn rearm(&self, fd: BorrowedFd<'_>, direction: Interest) {
        let mut table = lock(&self.table);
        if table.rearm(fd, direction) {
            self.kick(&mut table);
        }
    }

    /// Drops the registration of `fd`, which is about to be closed.
    pub(super) fn forget(&self, fd: BorrowedFd<'_>) {
        let mut table = lock(&self.table);
        if table.remove(fd.as_raw_fd()).is_some() {
            self.kick(&mut table);
        }
    }

    /// Changes the table and lets a poller that is asleep see it.
    fn change(&self, change: impl FnOnce(&mut Table) -> io::Result<()>) -> io::Result<()> {
        let mut table = lock(&self.table);
        let result = change(&mut table);
        self.kick(&mut table);
        result
    }

    /// Ends the wait of a poller that is asleep; once for each wait.
    fn kick(&self, table: &mut Table) {
        if table.asleep {
            table.asleep = false;
            // It fails only where the descriptor is unusable, and then so is the wait.
            let _ = self.wake.signal();
        }
    }

    /// Brings `scratch` up to date and goes to sleep, both under one lock: a change
    /// that comes later finds a sleeper to kick.
    fn lay_out(&self, scratch: &mut Scratch, left: Option<Duration>) {
        let mut table = lock(&self.table);
        table.asleep = left != Some(Duration::ZERO);
        if scratch.version == Some(table.version()) {
            return;
        }
        scratch.version = Some(table.version());
        scratch.fds.clear();
        scratch.generations.clear();
        scratch.push(self.wake.reader().as_raw_fd(), PollFlags::IN);
        for (fd, entry) in table.waiting() {
            scratch.push(fd, entry.armed);
            scratch.generations.push(entry.generation);
        }
    }
}

impl Drop for Poll2 {
    fn drop(&mut self) {
        owners::LIVE.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Scratch {
    /// Has the next wait ask only for what is still armed at `place`; that is
    /// cheaper than a new layout.
    fn rearm(&mut self, place: usize, table: &mut Table) {
        let fd = self.fds[place + 1].as_fd().as_raw_fd();
        if let (Some(entry), Ok(fd)) = (table.entry(fd), descriptor::borrow(fd)) {
            self.fds[place + 1] = PollFd::from_borrowed_fd(fd, entry.armed);
        }
    }

    fn push(&mut self, fd: RawFd, flags: PollFlags) {
        if let Ok(fd) = descriptor::borrow(fd) {
            self.fds.push(PollFd::from_borrowed_fd(fd, flags));
        }
    }
}

/// Writes what was found to `events`, beginning after the last one that was
/// served, so that each is served in its turn when there is room for few.
fn collect(table: &mut Table, scratch: &mut Scratch, events: &mut [Event]) -> usize {
    let (total, first) = (scratch.generations.len(), scratch.start);
    let mut count = 0;
    for step in 0..total {
        if count == events.len() {
            break;
        }
        let place = (first + step) % total;
        let (found, fd) = (scratch.fds[place + 1].revents(), scratch.fds[place + 1].as_fd().as_raw_fd());
        if found.is_empty() {
            continue;
        }
        if let Some((token, found)) = table.report(fd, scratch.generations[place], found) {
            events[count] = event::new(token, flags::found(found));
            count += 1;
            scratch.start = place + 1;
            scratch.rearm(place, table);
        }
    }
    count
}

fn timespec(timeout: Duration) -> Timespec {
    Timespec {
        tv_sec: i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: i64::from(timeout.subsec_nanos()) as _,
    }
}

/// What is left of a timeout. One that has no deadline is zero or for ever.
fn remaining(timeout: Option<Duration>, deadline: Option<Instant>) -> Option<Duration> {
    deadline.map_or(timeout, |deadline| Some(deadline.saturating_duration_since(Instant::now())))
}

/// How long a wait pauses when the kernel has no memory for it.
const MEMORY_PAUSE: Duration = Duration::from_millis(1);
