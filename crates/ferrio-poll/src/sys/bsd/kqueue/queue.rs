//! The kernel's kqueue: kqueue(2) and kevent(2).
#![allow(clippy::unnecessary_cast, reason = "the fields of a kevent have other widths on each system")]
#![allow(unsafe_code, reason = "rustix has neither all filters nor the flags of filters")]

mod numbers;

use std::io;
use std::mem::{self, MaybeUninit};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::ptr;
use std::slice;
use std::time::Duration;

use rustix::event::kqueue;
use rustix::io::Errno;

use self::numbers::{FILTERS, NO_FILTER};
pub(crate) use self::numbers::{NANOS_PER_TICK, NOTE_TIMER, NOTE_TRUNCATE};
use super::kevent::{EV_RECEIPT, Filter, Kevent};
use super::receipts;
use crate::error::kernel;
use crate::sys::unix::fork;

/// A kqueue of the kernel.
///
/// A child of fork(2) does not inherit it, and its number is free there: whatever the child
/// does with it would hit another file. So forks are counted, and nothing is done in a child.
#[derive(Debug)]
pub(crate) struct Queue {
    /// Always there, until it is dropped.
    fd: Option<OwnedFd>,
    /// How often this process had been forked off when it was made.
    generation: usize,
}

impl Queue {
    /// A new one, close-on-exec.
    pub(crate) fn new() -> io::Result<Queue> {
        fork::watch()?;
        let generation = fork::generation();
        let fd = kqueue::kqueue()?;
        // A child of a fork in between does not inherit it, but what is executed by posix_spawn
        // does on some systems.
        rustix::io::fcntl_setfd(&fd, rustix::io::FdFlags::CLOEXEC)?;
        Ok(Queue { fd: Some(fd), generation })
    }

    /// Makes `changes`, in their order, each of which asks for a receipt. The number of the
    /// error of each, 0 for none, is put into its `data`.
    ///
    /// # Errors
    ///
    /// `Unsupported` for a kernel that writes no receipts, and in a child of fork(2).
    pub(crate) fn change(&self, changes: &mut [Kevent]) -> io::Result<()> {
        self.check_process()?;
        for part in changes.chunks_mut(CHANGES_MAX) {
            let mut asked = [const { MaybeUninit::uninit() }; CHANGES_MAX];
            for (place, change) in asked.iter_mut().zip(&*part) {
                place.write(to_kernel(change));
            }
            let mut room = [const { MaybeUninit::uninit() }; CHANGES_MAX];
            let result = self.call(&asked[..part.len()], &mut room[..part.len()], Some(Duration::ZERO));
            let receipt = |it: &libc::kevent| (it.flags as u16, i64::from(it.data as i32));
            receipts::put(part, result.map(|written| written.iter().map(receipt)))?;
        }
        Ok(())
    }

    /// Makes one change, whose error is the result. It allocates nothing and takes no lock. In a
    /// child of fork(2), where nobody waits, it does nothing.
    pub(crate) fn apply(&self, change: &Kevent) -> io::Result<()> {
        if self.check_process().is_err() {
            return Ok(());
        }
        let change = MaybeUninit::new(to_kernel(change));
        match self.call(&[change], &mut [], Some(Duration::ZERO)) {
            // What interrupts it comes after the change.
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Waits for events, and puts at most `room` of them, which is at most [`ROOM`], in place of
    /// what is in `found`.
    pub(crate) fn wait(
        &self,
        found: &mut Vec<Kevent>,
        room: usize,
        timeout: Option<Duration>,
    ) -> io::Result<()> {
        found.clear();
        self.check_process()?;
        let mut written = [const { MaybeUninit::uninit() }; ROOM];
        let written = self.call(&[], &mut written[..room], timeout)?;
        found.extend(written.iter().filter_map(from_kernel));
        Ok(())
    }

    /// True if it is known that `ident` is registered with `filter`.
    pub(crate) fn is_registered(&self, ident: usize, filter: Filter) -> io::Result<bool> {
        let Some(flags) = PROBE else { return Ok(false) };
        let mut change = [Kevent::new(ident, filter, flags | EV_RECEIPT)];
        self.change(&mut change)?;
        match change[0].error() {
            0 => Ok(true),
            // The registration itself will say what else is wrong.
            _ => Ok(false),
        }
    }

    pub(crate) fn descriptor(&self) -> BorrowedFd<'_> {
        self.fd.as_ref().expect("it is there until it is dropped").as_fd()
    }

    /// kevent(2): asks for `changes`, all of which are there, and returns what was written to
    /// `room`.
    fn call<'a>(
        &self,
        changes: &[MaybeUninit<libc::kevent>],
        room: &'a mut [MaybeUninit<libc::kevent>],
        timeout: Option<Duration>,
    ) -> Result<&'a [libc::kevent], Errno> {
        let timeout = timeout.map(timespec);
        // SAFETY: the changes are there, `room` is writable for its whole length, and the time
        // lives across the call or is null.
        let count = unsafe {
            libc::kevent(
                self.descriptor().as_raw_fd(),
                changes.as_ptr().cast(),
                changes.len() as _,
                room.as_mut_ptr().cast(),
                room.len() as _,
                timeout.as_ref().map_or(ptr::null(), ptr::from_ref),
            )
        };
        let Ok(count) = usize::try_from(count) else {
            return Err(Errno::from_io_error(&io::Error::last_os_error()).unwrap_or(Errno::INVAL));
        };
        // SAFETY: the kernel has written as many, from the first on.
        Ok(unsafe { slice::from_raw_parts(room.as_ptr().cast(), count) })
    }

    fn check_process(&self) -> io::Result<()> {
        if fork::generation() == self.generation { Ok(()) } else { Err(kernel::kqueue_of_parent()) }
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        if self.check_process().is_err() {
            // The number is not that of this kqueue.
            mem::forget(self.fd.take());
        }
    }
}

fn to_kernel(change: &Kevent) -> libc::kevent {
    let filter = FILTERS.iter().find(|(filter, _)| *filter == change.filter);
    libc::kevent {
        ident: change.ident,
        // A change of what the system lacks fails, as one of a filter that there is none of.
        filter: filter.map_or(NO_FILTER, |(_, raw)| *raw),
        flags: change.flags as _,
        fflags: change.fflags,
        data: change.data as _,
        udata: ptr::without_provenance_mut(change.udata),
        #[cfg(target_os = "freebsd")]
        ext: [0; 4],
    }
}

/// An event of a filter that is known here. Others may be put into a kqueue whose descriptor
/// was handed out.
fn from_kernel(kevent: &libc::kevent) -> Option<Kevent> {
    // Copied: the fields are packed on some systems.
    let libc::kevent { ident, filter: raw, flags, fflags, data, udata, .. } = *kevent;
    let (filter, _) = FILTERS.iter().find(|(_, known)| *known == raw)?;
    Some(Kevent {
        ident,
        filter: *filter,
        flags: flags as u16,
        fflags,
        data: data as i64,
        udata: udata.addr(),
    })
}

fn timespec(timeout: Duration) -> libc::timespec {
    let timeout = timeout.min(TIMEOUT_MAX);
    libc::timespec { tv_sec: timeout.as_secs() as _, tv_nsec: timeout.subsec_nanos() as _ }
}

/// The most events that one call asks for.
pub(crate) const ROOM: usize = 128;

/// How many changes one call makes: more than a registration needs.
const CHANGES_MAX: usize = 8;

/// Older systems refuse more; it is three years.
const TIMEOUT_MAX: Duration = Duration::from_secs(100_000_000);

/// True if a second registration of a descriptor is refused.
pub(crate) const TELLS_REGISTERED: bool = PROBE.is_some();

/// A regular file can be watched, and is readable until its end is reached.
pub(crate) const REFUSES_FILES: bool = false;

/// How urgent data is asked for.
pub(crate) const NOTE_OOB: Option<u32> = numbers::NOTE_OOB;

/// The flags of a change that changes nothing, and fails for what is not registered.
const PROBE: Option<u16> = numbers::PROBE;
