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
//!
//! While a registration is parked (see [`table`]) each wait begins with a look at all, and
//! sleeps for [`PARKED_MAX`] at a time: only time can tell that a hang-up has ended.

pub(crate) mod beside;
mod file;
pub(crate) mod flags;
pub(crate) mod owners;
mod scratch;
mod table;

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
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
use crate::sys::event::Event;

use crate::sys::selected::Selected;
use crate::sys::unix::poll2::beside::Beside;
pub(crate) use crate::sys::unix::poll2::scratch::Scratch;
use crate::sys::unix::poll2::table::Table;
use crate::sys::unix::refusal;
use crate::sys::unix::wake_fd::WakeFd;
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

impl Poll2 {
    pub(crate) fn new() -> io::Result<Arc<Poll2>> {
        let poll2 = Poll2 {
            table: Mutex::new(Table::default()),
            wake: WakeFd::new()?,
            signalled: AtomicBool::new(false),
        };
        owners::open();
        Ok(Arc::new(poll2))
    }

    pub(crate) fn register(
        self: &Arc<Self>,
        fd: BorrowedFd<'_>,
        token: Token,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<()> {
        if fd.as_raw_fd() == self.wake.reader().as_raw_fd() {
            return Err(refusal::of(Errno::LOOP));
        }
        self.change(|table| table.register(fd, token, interest, mode))?;
        // Only now is it known to be a descriptor: the table of owners is as long as the
        // highest of them.
        owners::add(fd.as_raw_fd(), self);
        Ok(())
    }

    pub(crate) fn reregister(
        &self,
        fd: BorrowedFd<'_>,
        token: Token,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<()> {
        self.change(|table| table.reregister(fd, token, interest, mode))
    }

    pub(crate) fn deregister(self: &Arc<Self>, fd: BorrowedFd<'_>) -> io::Result<()> {
        owners::remove(fd.as_raw_fd(), self);
        self.change(|table| table.deregister(fd))
    }

    pub(crate) fn signal(&self) -> io::Result<()> {
        self.signalled.store(true, Ordering::Release);
        self.wake.signal()
    }

    pub(crate) fn wait(
        &self,
        scratch: &mut Scratch,
        events: &mut [Event],
        timeout: Option<Duration>,
    ) -> io::Result<Selected> {
        self.wait_beside(scratch, events, &mut Beside::default(), timeout)
    }

    /// Waits also for the descriptors of `beside`, of which no event comes.
    pub(crate) fn wait_beside(
        &self,
        scratch: &mut Scratch,
        events: &mut [Event],
        beside: &mut Beside,
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
            if scratch.has_parked() && left != Some(Duration::ZERO) {
                let found = self.pass(scratch, events, beside, Some(Duration::ZERO))?;
                if found.count != 0 || found.woken || beside.is_ready() {
                    return Ok(found);
                }
                self.lay_out(scratch, left);
            }
            let found = self.pass(scratch, events, beside, left)?;
            left = remaining(left, deadline);
            let is_over = left == Some(Duration::ZERO) || beside.is_ready();
            if found.count != 0 || found.woken || is_over {
                return Ok(found);
            }
        }
    }

    /// Asks the kernel once. A look asks for the parked registrations too; a sleep leaves them
    /// out and is cut short if there are some.
    fn pass(
        &self,
        scratch: &mut Scratch,
        events: &mut [Event],
        beside: &mut Beside,
        timeout: Option<Duration>,
    ) -> io::Result<Selected> {
        let is_look = timeout == Some(Duration::ZERO);
        let (asked, timeout) = if is_look || !scratch.has_parked() {
            (scratch.len(), timeout)
        } else {
            (scratch.waiting() + 1, Some(timeout.map_or(PARKED_MAX, |timeout| timeout.min(PARKED_MAX))))
        };
        let result = scratch.poll(asked, beside.fds(), timeout.map(timespec).as_ref());
        let mut table = lock(&self.table);
        table.asleep = false;
        match result {
            Ok(_) => {}
            // The kernel is out of memory: so are others, who may give some back.
            Err(Errno::NOMEM | Errno::AGAIN) => {
                drop(table);
                if !is_look {
                    thread::sleep(MEMORY_PAUSE);
                }
                return Ok(Selected { count: 0, woken: false });
            }
            Err(errno) => return Err(errno.into()),
        }
        let mut woken = false;
        if scratch.is_signalled() {
            // Emptied first: a wake from here on makes it readable again.
            self.wake.drain();
            woken = self.signalled.swap(false, Ordering::AcqRel);
        }
        Ok(Selected { count: scratch.collect(&mut table, asked, events), woken })
    }

    pub(crate) fn descriptor(&self) -> BorrowedFd<'_> {
        self.wake.reader()
    }

    pub(crate) fn capabilities(&self) -> Capabilities {
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
            refuses_second: true,
            refuses_files: true,
        }
    }

    /// An operation on `fd` proved that nothing is left in `direction`, unless an end was
    /// reported: then a look tells.
    pub(crate) fn rearm(&self, fd: BorrowedFd<'_>, direction: Interest) {
        self.learn(|table| match table.in_doubt_after_end(fd.as_raw_fd()) {
            Some(want) => table.see(fd.as_raw_fd(), look_at(fd, want)),
            None => table.rearm(fd.as_raw_fd(), direction),
        });
    }

    /// An operation on `fd` may have taken away what was reported.
    pub(crate) fn touch(&self, fd: BorrowedFd<'_>) {
        self.learn(|table| match table.in_doubt(fd.as_raw_fd()) {
            Some(want) => table.see(fd.as_raw_fd(), look_at(fd, want)),
            None => false,
        });
    }

    /// Changes the table on behalf of a source, and kicks a poller that is asleep if it did.
    fn learn(&self, change: impl FnOnce(&mut Table) -> bool) {
        let Some(mut table) = owners::patient(|| self.table.try_lock(), || self.table.lock()) else {
            return;
        };
        if change(&mut table) {
            self.kick(&mut table);
        }
    }

    /// Drops the registration of `fd`, which is about to be closed.
    pub(crate) fn forget(&self, fd: BorrowedFd<'_>) {
        self.learn(|table| table.remove(fd.as_raw_fd()).is_some());
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
        scratch.lay_out(&table, self.wake.reader());
    }
}

impl Drop for Poll2 {
    fn drop(&mut self) {
        owners::close();
    }
}

/// What poll(2) finds of `fd` now, of all that it may `want`. Everything if it cannot tell.
fn look_at(fd: BorrowedFd<'_>, want: PollFlags) -> PollFlags {
    let mut fds = [PollFd::from_borrowed_fd(fd, want)];
    match poll(&mut fds, Some(&NO_TIME)) {
        Ok(_) => fds[0].revents(),
        Err(_) => PollFlags::all(),
    }
}

fn timespec(timeout: Duration) -> Timespec {
    Timespec {
        tv_sec: timeout.as_secs().try_into().unwrap_or(i64::MAX),
        tv_nsec: timeout.subsec_nanos() as _,
    }
}

/// What is left of a timeout. One that has no deadline is zero or for ever.
fn remaining(timeout: Option<Duration>, deadline: Option<Instant>) -> Option<Duration> {
    deadline.map_or(timeout, |deadline| Some(deadline.saturating_duration_since(Instant::now())))
}

/// How long a wait pauses when the kernel has no memory for it.
const MEMORY_PAUSE: Duration = Duration::from_millis(1);

/// How long a sleep lasts at most while a registration is parked.
const PARKED_MAX: Duration = Duration::from_millis(100);

pub(crate) const NO_TIME: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };
