//! The two queues that a process shares with the kernel: entries go in by one, completions
//! come out of the other.
//!
//! An entry belongs to the kernel from the moment when [`Queue::push`] is called, whatever a
//! later [`Queue::enter`] returns: an error of it says nothing about single entries.
#![allow(unsafe_code, reason = "the kernel reads and writes memory behind the entries")]

use std::any::Any;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::marker::PhantomData;
use std::mem::{ManuallyDrop, size_of};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::process;
use std::ptr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use io_uring::types::{SubmitArgs, Timespec};
use io_uring::{CompletionStatus, EnterFlags, IoUring, squeue};

use crate::driver::ring::index;
use crate::driver::ring::setup::Setup;
use crate::driver::ring::signals::Signals;

/// The longest timeout that is handed to the kernel, 136 years. What is above it ends early.
const TIMEOUT_MAX: Duration = Duration::from_secs(u32::MAX as u64);

/// How long a wait takes at most while the kernel refuses entries: then they are offered again.
const REFUSED_WAIT: Duration = Duration::from_millis(1);

/// A completion, as the kernel writes it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Cqe {
    /// What the entry carried.
    pub(crate) user_data: u64,
    /// What the system call would have returned, or the negative of its error.
    pub(crate) result: i32,
    /// `IORING_CQE_F_*`, with the index of a buffer in the upper half.
    pub(crate) flags: u32,
}

/// A ring, in the hands of the thread that made it.
///
/// # Invariant
///
/// It neither leaves its thread nor is shared: with [`Setup::Defer`] the kernel serves no other,
/// and the registered index belongs to the thread.
pub(crate) struct Queue {
    /// Not dropped in a child of a fork.
    ring: ManuallyDrop<IoUring>,
    /// Sees completions without a borrow of the queue.
    status: CompletionStatus,
    /// Where the ring is registered, if anywhere.
    index: Option<u32>,
    setup: Setup,
    /// What each enter that waits asks for.
    wait_flags: EnterFlags,
    /// Entries that found the queue full and that the kernel has refused, in order.
    backlog: VecDeque<squeue::Entry>,
    enters: u64,
    overflows: u64,
    /// What the kernel uses until the ring is closed; dropped after it.
    kept: RefCell<Vec<Rc<dyn Any>>>,
    /// The process that made it.
    process: u32,
    /// Neither `Send` nor `Sync`.
    thread: PhantomData<*const ()>,
}

impl Queue {
    /// Opens a ring with room for `entries` between two enters, in the best way that the kernel
    /// knows, or in the way `force`.
    ///
    /// The completion queue has four times as many entries, at least 1024. The ring signals
    /// nothing before [`signal_on`](Signals::signal_on).
    ///
    /// # Errors
    ///
    /// Of `io_uring_setup(2)`; [`Denied`](crate::driver::ring::probe::Denied) knows which of them
    /// say that there are no rings at all. `InvalidInput` if the kernel does not know `force`.
    pub(crate) fn open(entries: u32, force: Option<Setup>) -> io::Result<Queue> {
        let mut ways = Setup::ALL.into_iter().filter(|way| force.is_none_or(|force| force == *way));
        let (setup, mut ring) = loop {
            let Some(setup) = ways.next() else {
                // All are refused: the kernel is from before Linux 5.6, whose rings lack what is needed.
                let code = if force.is_some() { libc::EINVAL } else { libc::ENOSYS };
                return Err(io::Error::from_raw_os_error(code));
            };
            match setup.build(entries) {
                Ok(ring) => break (setup, ring),
                Err(error) if error.raw_os_error() == Some(libc::EINVAL) => {}
                Err(error) => return Err(error),
            }
        };
        let parameters = ring.params();
        // The timeout of a wait, and completions that an overflow does not lose.
        if !parameters.is_feature_ext_arg() || !parameters.is_feature_nodrop() {
            return Err(io::Error::from_raw_os_error(libc::ENOSYS));
        }
        let mut wait_flags = EnterFlags::GETEVENTS | EnterFlags::EXT_ARG;
        if parameters.is_feature_no_iowait() {
            wait_flags |= EnterFlags::NO_IOWAIT;
        }
        let completions = ring.completion();
        completions.disable_eventfd();
        // SAFETY: the status is dropped with the ring, in whose memory it points.
        let status = unsafe { completions.status() };
        drop(completions);
        let index = index::register(descriptor(&ring));
        Ok(Queue {
            ring: ManuallyDrop::new(ring),
            status,
            index,
            setup,
            wait_flags,
            backlog: VecDeque::new(),
            enters: 0,
            overflows: 0,
            kept: RefCell::new(Vec::new()),
            process: process::id(),
            thread: PhantomData,
        })
    }

    /// Hands an entry to the kernel. It begins with the next [`enter`](Queue::enter) at the latest.
    ///
    /// Never fails and never reaps: a full queue is submitted at once, without running what is
    /// due in the kernel; what the kernel does not take then waits in a backlog.
    ///
    /// # Safety
    ///
    /// The memory and the descriptors that the entry names stay valid until its final
    /// completion is reaped, or until the end of the process.
    pub(crate) unsafe fn push(&mut self, entry: &squeue::Entry) {
        self.refill();
        if self.backlog.is_empty() && self.offer(entry) {
            return;
        }
        // While there is a backlog the kernel has just refused: it is asked again by `enter`.
        if self.backlog.is_empty() && self.flush() && self.offer(entry) {
            return;
        }
        self.backlog.push_back(entry.clone());
    }

    /// Submits all that was pushed, runs what is due in the kernel, and waits until there are
    /// `want` completions or until `timeout` is over. May end early with nothing.
    ///
    /// # Errors
    ///
    /// `Interrupted` if a signal handler ran. `EBADR` if the kernel had no memory for a completion
    /// and has lost it.
    pub(crate) fn enter(&mut self, want: u32, timeout: Option<Duration>) -> io::Result<()> {
        loop {
            self.refill();
            let unsubmitted = self.unsubmitted();
            let waits_from = timeout.filter(|_| want > 0 && unsubmitted > 0).map(|_| Instant::now());
            // Waits with the last entries only.
            let entered = if self.backlog.is_empty() {
                self.call_and_wait(unsubmitted, want, timeout)
            } else {
                self.call(unsubmitted, 0, EnterFlags::empty(), None)
            };
            match entered {
                Ok(submitted) if submitted == unsubmitted && self.backlog.is_empty() => {
                    // The kernel tells no error of the wait if it has taken entries.
                    let is_over = || waits_from.zip(timeout).is_some_and(|(at, time)| at.elapsed() >= time);
                    if want == 0 || submitted == 0 || self.has_completions() || is_over() {
                        return Ok(());
                    }
                    return Err(io::ErrorKind::Interrupted.into());
                }
                // A refusal. Completions may make room, so there is a wait for them, but a short one.
                Ok(0) => break,
                Err(error) if is_refusal(&error) => break,
                // The kernel stopped at an entry that fails, and did not wait.
                Ok(_) => {}
                Err(error) if error.raw_os_error() == Some(libc::ETIME) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        let timeout = timeout.map_or(REFUSED_WAIT, |timeout| timeout.min(REFUSED_WAIT));
        match self.call_and_wait(0, want, Some(timeout)) {
            Err(error) if error.raw_os_error() != Some(libc::ETIME) => Err(error),
            _ => Ok(()),
        }
    }

    /// Moves all completions to the end of `into`, also those that did not fit in the queue.
    pub(crate) fn reap(&mut self, into: &mut Vec<Cqe>) {
        self.reap_until(into, usize::MAX);
    }

    /// The same, until `into` has `max`. What is left shows as [`has_work`](Queue::has_work), and ends
    /// a wait.
    pub(crate) fn reap_until(&mut self, into: &mut Vec<Cqe>, max: usize) {
        let mut is_overflow = false;
        while into.len() < max {
            let before = into.len();
            into.extend(self.ring.completion().take(max - before).map(|entry| Cqe {
                user_data: entry.user_data(),
                result: entry.result(),
                flags: entry.flags(),
            }));
            // The flag stays set without end only if the kernel has nothing more to move.
            if !self.ring.submission().cq_overflow() || is_overflow && into.len() == before {
                break;
            }
            is_overflow = true;
            // An error comes again at the next enter, where it can be told.
            if self.call(0, 0, EnterFlags::GETEVENTS, None).is_err() {
                break;
            }
        }
        self.overflows += u64::from(is_overflow);
    }

    /// Names the eventfd that completions signal between [`signal_on`](Signals::signal_on) and
    /// [`signal_off`](Signals::signal_off).
    ///
    /// # Errors
    ///
    /// `ResourceBusy` if there is one already.
    pub(crate) fn register_eventfd(&self, fd: BorrowedFd<'_>) -> io::Result<()> {
        self.ring.submitter().register_eventfd(fd.as_raw_fd())
    }

    /// How many completions it has room for.
    pub(crate) fn capacity(&self) -> usize {
        self.ring.params().cq_entries() as usize
    }

    /// Whether there are completions to be taken, in the queue or in the kernel.
    fn has_completions(&mut self) -> bool {
        !self.status.is_empty() || self.ring.submission().cq_overflow()
    }

    /// In which way the ring was set up.
    pub(crate) fn setup(&self) -> Setup {
        self.setup
    }

    /// How often the kernel was entered.
    pub(crate) fn enters(&self) -> u64 {
        self.enters
    }

    /// How many [`reap`](Queue::reap)s met completions that did not fit in the queue.
    pub(crate) fn overflows(&self) -> u64 {
        self.overflows
    }

    /// The ring, for registrations.
    pub(super) fn ring(&self) -> &IoUring {
        &self.ring
    }

    /// Keeps what was registered until the ring is closed.
    pub(super) fn keep(&self, registered: Rc<dyn Any>) {
        self.kept.borrow_mut().push(registered);
    }

    /// Moves entries of the backlog to the queue, as far as there is room.
    fn refill(&mut self) {
        while let Some(entry) = self.backlog.pop_front() {
            if !self.offer(&entry) {
                self.backlog.push_front(entry);
                break;
            }
        }
    }

    /// False if the queue is full.
    fn offer(&mut self, entry: &squeue::Entry) -> bool {
        // SAFETY: the caller of `push` keeps what the entry names valid.
        unsafe { self.ring.submission().push(entry) }.is_ok()
    }

    /// Submits what is in the queue; true if that made room.
    fn flush(&mut self) -> bool {
        let unsubmitted = self.unsubmitted();
        self.call(unsubmitted, 0, EnterFlags::empty(), None).is_ok_and(|submitted| submitted > 0)
    }

    /// How many entries are in the queue.
    fn unsubmitted(&mut self) -> u32 {
        // At most 32768, the kernel's limit.
        self.ring.submission().len() as u32
    }

    /// Enters the kernel, runs what is due there, and waits; the number of submitted entries.
    fn call_and_wait(&mut self, submit: u32, want: u32, timeout: Option<Duration>) -> io::Result<u32> {
        if want == 0 {
            return self.call(submit, 0, EnterFlags::GETEVENTS, None);
        }
        let timespec = timeout.map(|timeout| Timespec::from(timeout.min(TIMEOUT_MAX)));
        let args = SubmitArgs::new();
        match &timespec {
            Some(timespec) => self.call(submit, want, self.wait_flags, Some(&args.timespec(timespec))),
            None => self.call(submit, want, self.wait_flags, Some(&args)),
        }
    }

    /// `io_uring_enter(2)`; the number of submitted entries.
    fn call(
        &mut self,
        submit: u32,
        want: u32,
        flags: EnterFlags,
        args: Option<&SubmitArgs<'_, '_>>,
    ) -> io::Result<u32> {
        self.enters += 1;
        let (ring, flags) = match self.index {
            Some(index) => (index, flags | EnterFlags::REGISTERED_RING),
            None => (self.ring.as_raw_fd() as u32, flags),
        };
        let size = if args.is_some() { size_of::<SubmitArgs<'_, '_>>() } else { 0 };
        let args: *const SubmitArgs<'_, '_> = args.map_or(ptr::null(), ptr::from_ref);
        // SAFETY: the ring is open, its index is of this thread, and `args` with the time that
        // it points to is borrowed for the call. What the entries name is valid by `push`.
        let entered =
            unsafe { libc::syscall(libc::SYS_io_uring_enter, ring, submit, want, flags.bits(), args, size) };
        // A count is at most `submit`; below zero is an error.
        u32::try_from(entered).map_err(|_| io::Error::last_os_error())
    }
}

impl Signals for Queue {
    fn signal_on(&mut self) {
        self.ring.completion().enable_eventfd();
    }

    fn signal_off(&mut self) {
        self.ring.completion().disable_eventfd();
    }

    /// True if an [`enter`](Queue::enter) or a [`reap`](Queue::reap) has something to do: loads
    /// alone, no system call.
    fn has_work(&self) -> bool {
        if !self.status.is_empty() || !self.backlog.is_empty() {
            return true;
        }
        // SAFETY: no other borrow of the queue exists: each ends in the method that began it.
        let submissions = unsafe { self.ring.submission_shared() };
        !submissions.is_empty() || submissions.taskrun() || submissions.cq_overflow()
    }
}

impl Drop for Queue {
    /// Closes the ring. Operations that are in flight end some time later.
    fn drop(&mut self) {
        // The queues are not mapped in a child of a fork, and something else may be there.
        if self.process != process::id() {
            return;
        }
        // Before the ring is closed: a registered ring lives on, with all its operations.
        if let Some(index) = self.index {
            let unregistered = index::unregister(descriptor(&self.ring), index);
            // A filter may have come that denies the call: then the ring ends with the thread.
            let is_elsewhere = unregistered.is_err_and(|error| error.raw_os_error() == Some(libc::EEXIST));
            debug_assert!(!is_elsewhere, "a ring leaves its thread");
        }
        // SAFETY: the ring is not used again: `self` ends here.
        unsafe { ManuallyDrop::drop(&mut self.ring) };
    }
}

/// The ring's descriptor.
fn descriptor(ring: &IoUring) -> BorrowedFd<'_> {
    // SAFETY: the ring owns the descriptor, and is borrowed for as long.
    unsafe { BorrowedFd::borrow_raw(ring.as_raw_fd()) }
}

/// True if the kernel takes no entry for now: it has no memory, or completions are to be reaped.
pub(super) fn is_refusal(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EAGAIN | libc::EBUSY))
}

#[cfg(test)]
mod tests;
