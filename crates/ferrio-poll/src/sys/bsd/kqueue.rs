//! Readiness by `kqueue(2)`.
//!
//! The kernel keeps the registrations: one for each filter that an interest needs, with the
//! token as its data and the mode in its flags, which each event brings back. What it has no
//! room for stands in [`kept`]. See the contract in [`sys`](crate::sys).
//!
//! A change of a registration deletes it and adds it anew, in one call. The kernels leave the
//! flags of one that is there as they are, and report readiness that was there before only to
//! a new one.
//!
//! A wait makes one event of the parts of a source that were found together. That frees room,
//! as the wake event does, so it looks again until a look brings nothing new.

pub(crate) mod entries;
pub(crate) mod kevent;
#[cfg(not(target_os = "linux"))]
pub(crate) mod queue;
pub(crate) mod wake;

mod change;
#[cfg(ferrio_fake_kqueue)]
pub(crate) mod fake;
mod kept;
#[cfg(all(test, target_os = "linux", not(ferrio_fake_kqueue)))]
pub(crate) mod model;
// The kernel that stands in writes receipts in another way.
#[cfg(any(not(ferrio_fake_kqueue), test))]
mod receipts;
mod refusal;
mod scratch;

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::time::{Duration, Instant};

use rustix::io::Errno;

use self::change::{Changes, Wish};
#[cfg(ferrio_fake_kqueue)]
pub(crate) use self::fake as queue;
use self::kept::{Kept, Records, Verdict};
use self::kevent::{EV_ADD, Filter, Kevent};
#[cfg(all(test, target_os = "linux", not(ferrio_fake_kqueue)))]
pub(crate) use self::model as queue;
use self::queue::{NOTE_OOB, Queue};
use self::scratch::Batch;
pub(crate) use self::scratch::Scratch;
use self::wake::Wake;
use crate::interest::Interest;
use crate::mode::Mode;
use crate::sync::MutexGuard;
use crate::sys::capabilities::{Capabilities, Support};
use crate::sys::selected::Selected;
use crate::sys::unix::event::Event;
use crate::token::Token;

/// A kqueue.
#[derive(Debug)]
pub(crate) struct Kqueue {
    queue: Queue,
    /// What ends a wait.
    wake: Wake,
    kept: Kept,
}

impl Kqueue {
    pub(crate) fn new() -> io::Result<Kqueue> {
        let queue = Queue::new()?;
        let wake = Wake::new(&queue)?;
        Ok(Kqueue { queue, wake, kept: Kept::default() })
    }

    pub(crate) fn register(
        &self,
        fd: BorrowedFd<'_>,
        token: Token,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<()> {
        let wish = Wish::new(interest, mode)?;
        let ident = ident(fd);
        for filter in change::watched_filters() {
            if self.queue.is_registered(ident, filter)? {
                return Err(refusal::of(Errno::EXIST, fd, false));
            }
        }
        let mut kept = self.kept.lock_for(&wish);
        let is_broken = self.add(fd, &mut wish.adds(ident, token), &mut kept)?;
        self.added(kept, ident, token, &wish, is_broken)
    }

    pub(crate) fn reregister(
        &self,
        fd: BorrowedFd<'_>,
        token: Token,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<()> {
        let wish = Wish::new(interest, mode)?;
        let ident = ident(fd);
        let mut kept = self.kept.lock_for(&wish);
        let mut changes = change::deletes(ident);
        let deleted_count = changes.len();
        changes.extend(&wish.adds(ident, token));
        let is_broken = self.add(fd, &mut changes, &mut kept)?;
        let was_broken = kept.as_ref().is_some_and(|kept| kept.knows_broken(ident));
        if !was_broken && is_missing(&changes[..deleted_count]) {
            self.undo(ident, &mut kept);
            return Err(refusal::of(Errno::NOENT, fd, false));
        }
        self.added(kept, ident, token, &wish, is_broken)
    }

    pub(crate) fn deregister(&self, fd: BorrowedFd<'_>) -> io::Result<()> {
        let ident = ident(fd);
        let mut kept = self.kept.lock_if_used();
        let mut changes = change::deletes(ident);
        self.queue.change(&mut changes)?;
        let was_broken = kept.as_mut().is_some_and(|kept| kept.deregistered(ident));
        let refused = changes.iter().map(errno).find(|errno| !matches!(errno, None | Some(Errno::NOENT)));
        match refused.flatten() {
            Some(errno) => Err(refusal::of(errno, fd, false)),
            None if !was_broken && is_missing(&changes) => Err(refusal::of(Errno::NOENT, fd, false)),
            None => Ok(()),
        }
    }

    pub(crate) fn signal(&self) -> io::Result<()> {
        self.wake.signal(&self.queue)
    }

    pub(crate) fn wait(
        &self,
        scratch: &mut Scratch,
        events: &mut [Event],
        timeout: Option<Duration>,
    ) -> io::Result<Selected> {
        let deadline = timeout
            .filter(|timeout| !timeout.is_zero())
            .and_then(|timeout| Instant::now().checked_add(timeout));
        let mut left = timeout;
        let mut batch = Batch { events, count: 0, woken: false, is_news: false };
        if let Some(mut kept) = self.kept.lock_if_used() {
            kept.begin();
        }
        scratch.begin();
        let result = loop {
            if let Err(error) = self.fill(scratch, &mut batch, left) {
                break Err(error);
            }
            left = deadline.map_or(left, |deadline| Some(deadline.saturating_duration_since(Instant::now())));
            // All that was found may have been dropped.
            if batch.count != 0 || batch.woken || left == Some(Duration::ZERO) {
                break Ok(Selected { count: batch.count, woken: batch.woken });
            }
        };
        if let Some(mut kept) = self.kept.lock_if_used() {
            kept.end();
        }
        result
    }

    /// Waits once, then looks again until that brings nothing new.
    fn fill(
        &self,
        scratch: &mut Scratch,
        batch: &mut Batch<'_>,
        timeout: Option<Duration>,
    ) -> io::Result<()> {
        let broken_count = self.kept.lock_if_used().map_or(0, |kept| kept.broken_count());
        if broken_count == 0 {
            return self.look(scratch, batch, batch.events.len(), timeout).map(drop);
        }
        // Broken pipes are there already. They and the others leave room to each other.
        let room = batch.events.len();
        let share = broken_count.min(scratch.share(room));
        let has_more = self.look(scratch, batch, room - share, Some(Duration::ZERO))?;
        self.report_broken(scratch, batch);
        if has_more {
            self.look(scratch, batch, room, Some(Duration::ZERO))?;
        }
        Ok(())
    }

    /// Has the kernel fill the first `room` places of `batch`. True if it may have more.
    fn look(
        &self,
        scratch: &mut Scratch,
        batch: &mut Batch<'_>,
        room: usize,
        mut timeout: Option<Duration>,
    ) -> io::Result<bool> {
        while batch.count < room {
            let asked = (room - batch.count).min(LOOK_MAX);
            match self.queue.wait(&mut scratch.found, asked, timeout) {
                Ok(()) => self.take(scratch, batch),
                // A signal may come between two looks: what the first one found counts.
                Err(_) if batch.count > 0 || batch.woken => return Ok(false),
                Err(error) => return Err(error),
            }
            // A level is found by each look, and is news once.
            if scratch.found.len() < asked || !batch.is_news {
                return Ok(false);
            }
            timeout = Some(Duration::ZERO);
        }
        Ok(true)
    }

    /// Makes events of what the kernel found.
    fn take(&self, scratch: &mut Scratch, batch: &mut Batch<'_>) {
        batch.is_news = false;
        // Locked until the kernel was told, so that a change comes before or after.
        let mut kept = self.kept.lock_if_used();
        let found = std::mem::take(&mut scratch.found);
        for kevent in &found {
            if self.wake.is_meant(kevent) {
                self.wake.taken();
                batch.is_news |= !batch.woken;
                batch.woken = true;
                continue;
            }
            let is_watched = change::watched_filters().any(|filter| filter == kevent.filter);
            let verdict = match &mut kept {
                Some(kept) if is_watched => kept.settle(kevent, &mut scratch.changes),
                _ => Verdict::Report(change::event(kevent)),
            };
            match verdict {
                Verdict::Drop => batch.is_news |= scratch.pass_over(kevent.ident),
                Verdict::Report(event) if is_watched => scratch.put(batch, kevent.ident, event),
                // What other filters identify is no descriptor, and may be any number.
                Verdict::Report(event) => batch.push(event),
            }
        }
        scratch.found = found;
        self.answer(scratch);
        if let Some(kept) = &mut kept {
            kept.settled();
        }
    }

    /// Reports pipes that have lost their reader before they were registered, as far as there
    /// is room.
    fn report_broken(&self, scratch: &mut Scratch, batch: &mut Batch<'_>) {
        let Some(mut kept) = self.kept.lock_if_used() else { return };
        let mut left = kept.broken_count();
        while batch.count < batch.events.len() {
            let Some((ident, event)) = kept.next_broken(&mut left, &mut scratch.changes) else { break };
            scratch.put(batch, ident, event);
        }
        self.answer(scratch);
    }

    /// Changes what follows from what was found.
    fn answer(&self, scratch: &mut Scratch) {
        if !scratch.changes.is_empty() {
            // A registration that is gone needs no change, and no other error is possible for
            // one that is there. What was found is not to be lost for it.
            let _ = self.queue.change(&mut scratch.changes);
            scratch.changes.clear();
        }
    }

    /// Makes changes that end in additions, and takes all of them back if one fails. True if a
    /// pipe was refused because nobody reads it.
    fn add(
        &self,
        fd: BorrowedFd<'_>,
        changes: &mut Changes,
        kept: &mut Option<MutexGuard<'_, Records>>,
    ) -> io::Result<bool> {
        let result = self.queue.change(changes);
        let mut is_broken = false;
        let mut refused = None;
        for receipt in changes.iter() {
            match errno(receipt) {
                None => {}
                Some(Errno::NOENT) if !receipt.has(EV_ADD) => {}
                Some(errno) if receipt.filter == Filter::Write && is_broken_pipe(errno, fd) => {
                    is_broken = true;
                }
                Some(errno) => refused = refused.or(Some(errno)),
            }
        }
        let error = match (result, refused) {
            (Ok(()), None) => return Ok(is_broken),
            (Ok(()), Some(errno)) => refusal::of(errno, fd, self.is_own(fd)),
            (Err(error), _) => error,
        };
        self.undo(ident(fd), kept);
        Err(error)
    }

    /// Ends all registrations of `ident`.
    fn undo(&self, ident: usize, kept: &mut Option<MutexGuard<'_, Records>>) {
        // What cannot be deleted is not there.
        let _ = self.queue.change(&mut change::deletes(ident));
        if let Some(kept) = kept {
            kept.deregistered(ident);
        }
    }

    /// Notes that `ident` was registered.
    fn added(
        &self,
        mut kept: Option<MutexGuard<'_, Records>>,
        ident: usize,
        token: Token,
        wish: &Wish,
        is_broken: bool,
    ) -> io::Result<()> {
        if let Some(kept) = &mut kept {
            kept.registered(ident, token, wish);
        }
        if !is_broken {
            return Ok(());
        }
        kept.unwrap_or_else(|| self.kept.lock()).broke(ident, token, wish);
        // A wait that sleeps has to report it.
        self.signal()
    }

    fn is_own(&self, fd: BorrowedFd<'_>) -> bool {
        fd.as_raw_fd() == self.queue.descriptor().as_raw_fd()
    }

    /// What becomes readable when there is something to report.
    pub(crate) fn descriptor(&self) -> BorrowedFd<'_> {
        self.queue.descriptor()
    }

    pub(crate) fn capabilities(&self) -> Capabilities {
        Capabilities {
            edge: Support::Native,
            level: Support::Native,
            oneshot: Support::Native,
            hangup: Support::Emulated,
            priority: if NOTE_OOB.is_some() { Support::Native } else { Support::Absent },
            aio: Support::Absent,
            lio: Support::Absent,
            raw_flags: Support::Absent,
            busy_poll: Support::Absent,
            nanosecond_timeout: Support::Native,
            short_read_drains: true,
            raw_descriptors_rearm: true,
            embeddable: true,
            refuses_second: queue::TELLS_REGISTERED,
            refuses_files: queue::REFUSES_FILES,
        }
    }
}

fn ident(fd: BorrowedFd<'_>) -> usize {
    // A borrowed descriptor is not negative.
    fd.as_raw_fd() as usize
}

/// The error in a receipt, if there is one.
fn errno(receipt: &Kevent) -> Option<Errno> {
    let code = receipt.error();
    (code != 0).then(|| Errno::from_raw_os_error(code))
}

/// True if all of `deletes` say that there was nothing to delete.
fn is_missing(deletes: &[Kevent]) -> bool {
    deletes.iter().all(|receipt| errno(receipt) == Some(Errno::NOENT))
}

/// True if `errno` says of the pipe `fd` that nobody reads it.
fn is_broken_pipe(errno: Errno, fd: BorrowedFd<'_>) -> bool {
    match errno {
        Errno::PIPE => true,
        // What NetBSD says, of a descriptor that is not open too.
        Errno::BADF => rustix::io::fcntl_getfd(fd).is_ok(),
        _ => false,
    }
}

/// How many events one look asks for at most.
const LOOK_MAX: usize = queue::ROOM;

// The model has no pipes to be woken by.
#[cfg(all(
    test,
    target_os = "linux",
    not(any(ferrio_fake_kqueue, ferrio_force_waker_pipe, ferrio_loom, mio_unsupported_force_waker_pipe))
))]
mod tests;
