//! The wake descriptor of an epoll instance.
//!
//! It sits in the same epoll instance as the sources, and all bits of a token are the user's.
//! Its events therefore carry a *mark*: an address inside the object below, which no other
//! live object can have. If a user registers that very number all the same, the wake
//! descriptor first moves to another of [`MARKS`] addresses. An event that the kernel wrote
//! just before such a move, or just after it, before the poller knows of it, is given to the
//! user as a spurious one: it cannot be told from the user's own, and losing one of those
//! would be worse.

use std::io;
use std::os::fd::BorrowedFd;
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::event::epoll::{self, EventData, EventFlags};

use crate::error::kernel;
use crate::sync::{Mutex, lock};
use crate::sys::epoll::IS_EMULATED;
use crate::sys::epoll::event::{self, Event};
use crate::sys::unix::wake_fd::WakeFd;
use crate::token::Token;

/// The wake descriptor of an epoll instance.
#[derive(Debug)]
pub(super) struct Wake {
    fd: WakeFd,
    /// What its events carry.
    mark: AtomicU64,
    /// Bit `n` is set once the user registered the `n`th mark as a token. Locked
    /// while the mark is changed.
    claimed: Mutex<u16>,
}

impl Wake {
    /// A wake descriptor that is watched by `epoll`.
    pub(super) fn new(epoll: BorrowedFd<'_>) -> io::Result<Box<Wake>> {
        let wake = Wake { fd: WakeFd::new()?, mark: AtomicU64::new(0), claimed: Mutex::new(0) };
        let wake = Box::new(wake);
        let mark = wake.first_mark();
        epoll::add(epoll, wake.fd.reader(), EventData::new_u64(mark), FLAGS)?;
        wake.mark.store(mark, Ordering::Release);
        Ok(wake)
    }

    pub(super) fn signal(&self) -> io::Result<()> {
        if IS_EMULATED { signal_from_empty(&self.fd) } else { self.fd.signal() }
    }

    /// True if an event of the wake descriptor is among `events`.
    #[inline(always)]
    pub(super) fn is_among(&self, events: &[Event]) -> bool {
        let mark = self.mark.load(Ordering::Acquire);
        // Without an early end, which would cost more per event than it saves.
        events.iter().fold(false, |found, event| found | (event::data(event) == mark))
    }

    /// Takes the event of the wake descriptor out of the first `count`; the new count.
    pub(super) fn take(&self, events: &mut [Event], mut count: usize) -> usize {
        let mark = self.mark.load(Ordering::Acquire);
        while let Some(place) = events[..count].iter().position(|event| event::data(event) == mark) {
            count -= 1;
            events[place] = events[count];
            if self.fills_up() {
                self.fd.drain();
            }
        }
        count
    }

    /// The counter, if any write to it ends a wait.
    pub(super) fn eventfd(&self) -> Option<BorrowedFd<'_>> {
        (!self.fills_up() && !IS_EMULATED).then(|| self.fd.reader())
    }

    /// True if the descriptor must be drained although it is edge-triggered: a pipe would fill up,
    /// a counter would not.
    fn fills_up(&self) -> bool {
        matches!(self.fd, WakeFd::Pipe { .. })
    }

    /// Makes sure that `token` is not the mark, by moving to another one if it is.
    pub(super) fn avoid(&self, token: Token, epoll: BorrowedFd<'_>) -> io::Result<()> {
        let place = (token.0 as u64).wrapping_sub(self.first_mark());
        if place < u64::from(MARKS) { self.claim(place as u32, epoll) } else { Ok(()) }
    }

    #[cold]
    fn claim(&self, place: u32, epoll: BorrowedFd<'_>) -> io::Result<()> {
        let mut claimed = lock(&self.claimed);
        let wanted = *claimed | 1 << place;
        if self.mark.load(Ordering::Relaxed) == self.first_mark() + u64::from(place) {
            let free = wanted.trailing_ones();
            if free >= MARKS {
                return Err(kernel::wake_marks_used_up(self.first_mark()));
            }
            let mark = self.first_mark() + u64::from(free);
            epoll::modify(epoll, self.fd.reader(), EventData::new_u64(mark), FLAGS)?;
            self.mark.store(mark, Ordering::Release);
        }
        *claimed = wanted;
        Ok(())
    }

    /// The `place`th mark, as a token.
    #[cfg(all(test, not(ferrio_loom)))]
    pub(super) fn mark(&self, place: u64) -> Token {
        Token((self.first_mark() + place) as usize)
    }

    /// The address of this object, which stays the same for life; out of the reach of tokens
    /// where those have 32 bits.
    fn first_mark(&self) -> u64 {
        ptr::from_ref(self).addr() as u64 | OUT_OF_REACH
    }
}

/// Makes an edge where the kernel makes one only of a write to what is empty.
///
/// Another thread may write between the two calls, and the write here makes no edge then. The
/// edge of that thread comes after this call began, and whatever the caller has to tell was
/// there by then: the poller finds it.
pub(super) fn signal_from_empty(fd: &WakeFd) -> io::Result<()> {
    fd.drain();
    fd.signal()
}

/// A counter that is never read gives an edge for each write, but in the emulation.
const FLAGS: EventFlags = EventFlags::IN.union(EventFlags::ET);

/// How many marks there are to choose from: one bit of `claimed` each, and no more than the
/// size of the object.
pub(super) const MARKS: u32 = u16::BITS;

/// Set in each mark where a token has fewer bits than an event's data.
const OUT_OF_REACH: u64 = if usize::BITS == 32 { 1 << 32 } else { 0 };

const _: () = assert!(size_of::<Wake>() >= MARKS as usize, "a mark is an address inside a `Wake`");
