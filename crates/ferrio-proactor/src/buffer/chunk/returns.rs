//! The buffers that other threads have given back: a list in one word.
//!
//! The word holds the first buffer of the list, each buffer the next. A thread puts its buffer
//! in front by one compare-and-swap; the owner takes the whole list by one swap, so a buffer is
//! never compared with one that was there before under the same number. Two flags share the word,
//! so that each is seen or not seen together with the list:
//!
//! - *starved*, set and cleared by the owner: a receiver has no buffer. The thread that gives the
//!   next one back wakes the owner. Whichever comes first in the order of the word, the flag or
//!   the buffer, the other side sees it.
//! - *closed*, set by the owner when its pool ends. From then on the word counts the holders that
//!   are left, and the last of them frees the memory.
//!
//! A thread does not touch the memory after its swap unless it is that last one.

use std::sync::{Arc, OnceLock, Weak};

use crate::buffer::chunk::wake::Wake;
use crate::buffer::sync::{AtomicU32, Ordering};

/// The number of a buffer plus one, zero at the end of the list; or the count of holders.
const LINK: u32 = 0xffff;
const STARVED: u32 = 1 << 16;
const CLOSED: u32 = 1 << 17;

/// What follows from giving a buffer back.
pub(crate) enum Given {
    /// Nothing.
    Kept,
    /// The owner is waiting for it.
    Wanted(Arc<dyn Wake>),
    /// Nobody holds the memory any more.
    Last,
}

/// The list.
pub(super) struct Returns {
    word: AtomicU32,
}

impl Returns {
    pub(super) fn new() -> Returns {
        Returns { word: AtomicU32::new(0) }
    }

    /// Puts the buffer `index` in front; `link` is its own. If the memory is closed, counts one
    /// holder less.
    pub(super) fn give(&self, index: u16, link: &AtomicU32, wake: &OnceLock<Weak<dyn Wake>>) -> Given {
        let mut word = self.word.load(Ordering::Relaxed);
        loop {
            let next = if word & CLOSED == 0 {
                link.store(word & LINK, Ordering::Relaxed);
                word & !LINK | (u32::from(index) + 1)
            } else {
                word - 1
            };
            // Fetched before the swap, after which the memory may be gone.
            let wake = if word & STARVED == 0 { None } else { wake.get().and_then(Weak::upgrade) };
            // Releases what this thread has read in the buffer; acquires what others have, for
            // the last one.
            match self.word.compare_exchange_weak(word, next, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) if next == CLOSED => return Given::Last,
                Ok(_) => return wake.map_or(Given::Kept, Given::Wanted),
                Err(changed) => word = changed,
            }
        }
    }

    /// Takes the list: the number of its first buffer plus one, or zero.
    #[inline]
    pub(super) fn take(&self) -> u32 {
        if !self.has_any() {
            return 0;
        }
        self.word.fetch_and(!LINK, Ordering::Acquire) & LINK
    }

    /// True if the list is not empty.
    #[inline]
    pub(super) fn has_any(&self) -> bool {
        self.word.load(Ordering::Relaxed) & LINK != 0
    }

    /// Says whether the next buffer is waited for. A buffer that came before is in the list when
    /// this returns.
    pub(super) fn set_starved(&self, is_starved: bool) {
        // Only the owner changes the flag.
        let is_set = self.word.load(Ordering::Relaxed) & STARVED != 0;
        if is_starved && !is_set {
            self.word.fetch_or(STARVED, Ordering::Relaxed);
        } else if !is_starved && is_set {
            self.word.fetch_and(!STARVED, Ordering::Relaxed);
        }
    }

    /// Closes the memory, which `holders` hold from now on; at least one. False if the list is not
    /// empty: it has to be taken first.
    pub(super) fn close(&self, holders: u32) -> bool {
        assert!((1..=LINK).contains(&holders), "{holders} holders of a pool");
        let empty = self.word.load(Ordering::Relaxed) & STARVED;
        self.word.compare_exchange(empty, CLOSED | holders, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }

    /// Counts one holder of closed memory less; true if it was the last.
    pub(super) fn leave(&self) -> bool {
        self.word.fetch_sub(1, Ordering::AcqRel) == CLOSED + 1
    }
}
