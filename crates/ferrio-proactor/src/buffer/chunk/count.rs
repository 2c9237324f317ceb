//! How many handles a buffer has, or that it has none.
//!
//! | state | set by | from |
//! |---|---|---|
//! | free | the owner, when it collects the buffer | one handle or none left |
//! | lent | the owner, when it publishes or takes the buffer | free |
//! | 1, 2, … handles | the owner makes the first; each handle clones and drops | lent |
//!
//! The owner alone changes a buffer without handles, so it needs no read-modify-write for that.
//! Neither does a handle that is the only one: nobody else can change the count.

use std::process;

use crate::buffer::sync::{AtomicU32, Ordering, fence};

const FREE: u32 = 0;
const LENT: u32 = u32::MAX;
/// Above it the process ends: handles were leaked until the count is about to wrap.
const HANDLES_MAX: u32 = u32::MAX / 2;

/// The count of one buffer.
pub(crate) struct Count {
    count: AtomicU32,
}

impl Count {
    /// Free.
    pub(crate) fn new() -> Count {
        Count { count: AtomicU32::new(FREE) }
    }

    /// The buffer goes to the kernel, or to a system call.
    pub(crate) fn lend(&self) {
        let before = self.count.load(Ordering::Relaxed);
        assert_eq!(before, FREE, "a buffer is lent that is not free");
        self.count.store(LENT, Ordering::Relaxed);
    }

    /// The buffer has something in it, and one handle.
    #[inline]
    pub(crate) fn begin(&self) {
        let before = self.count.load(Ordering::Relaxed);
        assert_eq!(before, LENT, "a buffer is used that was not lent");
        self.count.store(1, Ordering::Relaxed);
    }

    /// The buffer has no handle and no reader.
    #[inline]
    pub(crate) fn free(&self) {
        self.count.store(FREE, Ordering::Relaxed);
    }

    /// True if the buffer is neither lent nor has a handle.
    #[allow(dead_code, reason = "only a ring asks")]
    pub(crate) fn is_free(&self) -> bool {
        self.count.load(Ordering::Relaxed) == FREE
    }

    /// One handle more.
    #[inline]
    pub(crate) fn add(&self) {
        // The new handle comes from one that exists, so nothing is to be ordered.
        if self.count.fetch_add(1, Ordering::Relaxed) > HANDLES_MAX {
            process::abort();
        }
    }

    /// One handle less; true if it was the last. Then the others' reads have ended before.
    #[inline]
    pub(crate) fn remove(&self) -> bool {
        if self.count.load(Ordering::Acquire) == 1 {
            return true;
        }
        if self.count.fetch_sub(1, Ordering::Release) != 1 {
            return false;
        }
        fence(Ordering::Acquire);
        true
    }
}
