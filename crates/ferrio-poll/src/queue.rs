//! The ready queue of the sources that live in this process.
//!
//! Wakers, and later timers, channels and user sources, share one queue per Poll
//! and one wake descriptor. The idea:
//!
//! - A source owns a *slot*. Waking sets the slot's bit; who finds it set is done,
//!   for the event is on its way: wakes coalesce. A summary word tells in one load
//!   whether any bit may be set.
//! - The poller says ASLEEP before it enters the kernel and looks at the summary
//!   once more; a waker sets its bit and then looks at the state. With a SeqCst
//!   fence between the two steps on both sides at least one sees the other, so
//!   either the poller does not sleep or the waker signals the wake descriptor.
//!   The first to find ASLEEP makes it NOTIFIED and signals; the others need not.
//! - Once the Poll's descriptor was handed out, another loop may be sleeping on it
//!   and the state says nothing about that loop. From then on whoever makes the
//!   queue non-empty signals.
//!
//! `wake` takes no lock, allocates nothing and frees nothing: it may be called
//! from a signal handler. The kernel is a closure here, so that loom can run
//! this file as it stands.

mod sync;
mod words;

#[cfg(all(test, ferrio_loom))]
mod models;

use std::io;
use std::sync::PoisonError;

use crate::queue::sync::{AtomicBool, AtomicU8, AtomicU64, Mutex, MutexGuard, Ordering, fence};
use crate::queue::words::{WORD_BITS, Words};
use crate::token::Token;

/// The ready queue of one Poll.
#[derive(Debug)]
pub(crate) struct Queue {
    /// `ASLEEP`, `NOTIFIED` or `AWAKE`; see the constants for who sets each.
    state: AtomicU8,
    /// True once a slot exists. A Poll without one pays this load and no more.
    used: AtomicBool,
    /// True once the Poll's descriptor was handed out.
    embedded: AtomicBool,
    /// Bit `w % 64` is set if word `w` may hold a bit.
    summary: AtomicU64,
    /// One bit per slot: set by a wake, cleared when its event is given out.
    words: Words,
    /// What each slot stands for. Never locked by `wake`.
    slots: Mutex<Slots>,
}

/// Where the next drain begins, so that a slot which is always ready cannot keep
/// the others from being served.
#[derive(Debug, Default)]
pub(crate) struct Cursor(usize);

#[derive(Debug, Default)]
struct Slots {
    /// Every slot ever made.
    entries: Vec<Slot>,
    /// The slots that are free again.
    free: Vec<usize>,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    /// The token of its events.
    token: Token,
    /// True if its source is gone but one event is still to be given out; the
    /// drain frees it then.
    closing: bool,
}

impl Queue {
    pub(crate) fn new() -> Queue {
        Queue {
            state: AtomicU8::new(ASLEEP),
            used: AtomicBool::new(false),
            embedded: AtomicBool::new(false),
            summary: AtomicU64::new(0),
            words: Words::new(),
            slots: Mutex::new(Slots::default()),
        }
    }

    /// Makes a slot whose events carry `token`.
    ///
    /// The wake descriptor is registered before the first slot is made: a Poll
    /// that is already asleep is then reached by the first wake.
    pub(crate) fn insert(&self, token: Token) -> usize {
        let mut slots = self.slots();
        let fresh = Slot { token, closing: false };
        let slot = if let Some(slot) = slots.free.pop() {
            slots.entries[slot] = fresh;
            slot
        } else {
            self.words.reserve(slots.entries.len());
            slots.entries.push(fresh);
            slots.entries.len() - 1
        };
        self.used.store(true, Ordering::Release);
        slot
    }

    /// Gives `slot` back. A wake that was not given out yet still is.
    pub(crate) fn remove(&self, slot: usize) {
        let mut slots = self.slots();
        let (word, bit) = self.words.of_slot(slot);
        if word.load(Ordering::Relaxed) & bit != 0 {
            slots.entries[slot].closing = true;
        } else {
            slots.free.push(slot);
        }
    }

    /// Makes `slot` ready and calls `signal` if the poller must be told.
    pub(crate) fn wake(&self, slot: usize, signal: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        let (word, bit) = self.words.of_slot(slot);
        // A read-modify-write even if the bit is set: it publishes what the caller
        // did before the wake to whoever takes the bit. A load would not.
        if word.fetch_or(bit, Ordering::AcqRel) & bit != 0 {
            return Ok(());
        }
        let queued = self.summary.fetch_or(summary_bit(slot / WORD_BITS), Ordering::AcqRel);
        fence(Ordering::SeqCst);
        let must_signal = if self.embedded.load(Ordering::Relaxed) {
            queued == 0
        } else {
            self.state.compare_exchange(ASLEEP, NOTIFIED, Ordering::AcqRel, Ordering::Relaxed).is_ok()
        };
        if must_signal { signal() } else { Ok(()) }
    }

    /// True if any slot was ever made.
    #[inline]
    pub(crate) fn is_used(&self) -> bool {
        self.used.load(Ordering::Acquire)
    }

    /// True if something seems to be queued; the exact answer is the drain's.
    #[inline]
    pub(crate) fn has_queued(&self) -> bool {
        self.summary.load(Ordering::Acquire) != 0
    }

    /// Announces that the poller goes to sleep. If it returns true something is
    /// queued and the poller must not sleep.
    #[inline]
    pub(crate) fn fall_asleep(&self) -> bool {
        self.state.store(ASLEEP, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        let queued = self.has_queued();
        if queued {
            // Not over NOTIFIED: that a signal is under way is the news of `wake_up`.
            let _ = self.state.compare_exchange(ASLEEP, AWAKE, Ordering::Relaxed, Ordering::Relaxed);
        }
        queued
    }

    /// Announces that the poller is awake; each wake from here on stays silent. True
    /// if a waker signals or has signalled since it fell asleep.
    #[inline]
    pub(crate) fn wake_up(&self) -> bool {
        self.state.swap(AWAKE, Ordering::AcqRel) == NOTIFIED
    }

    /// True if another loop may sleep on the Poll's descriptor.
    #[inline]
    pub(crate) fn is_embedded(&self) -> bool {
        self.embedded.load(Ordering::Relaxed)
    }

    /// Announces that another loop may sleep on the Poll's descriptor; what is
    /// queued by now is signalled.
    pub(crate) fn embed(&self, signal: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        self.embedded.store(true, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        if self.has_queued() { signal() } else { Ok(()) }
    }

    /// Takes at most `room` ready slots and gives their tokens out; what does not
    /// fit stays queued, in its order, and is signalled if the Poll is embedded.
    #[inline]
    pub(crate) fn drain(
        &self,
        cursor: &mut Cursor,
        room: usize,
        give: impl FnMut(Token),
        signal: impl FnOnce() -> io::Result<()>,
    ) -> io::Result<()> {
        if self.has_queued() { self.drain_queued(cursor, room, give, signal) } else { Ok(()) }
    }

    #[inline(never)]
    fn drain_queued(
        &self,
        cursor: &mut Cursor,
        room: usize,
        mut give: impl FnMut(Token),
        signal: impl FnOnce() -> io::Result<()>,
    ) -> io::Result<()> {
        let mut slots = self.slots();
        let summary = self.summary.swap(0, Ordering::AcqRel);
        let words = self.words.len();
        let (first, first_bit) = (cursor.0 / WORD_BITS, cursor.0 % WORD_BITS);
        let mut left = room;
        let mut rest = 0;
        // The word of the cursor is visited twice: from the cursor's bit up at
        // first, below it at last.
        for step in 0..=words {
            let index = (first + step) % words;
            if summary & summary_bit(index) == 0 {
                continue;
            }
            let above = u64::MAX << first_bit;
            let mask = if step == 0 {
                above
            } else if step == words {
                !above
            } else {
                u64::MAX
            };
            let word = self.words.word(index);
            let mut ready = word.load(Ordering::Relaxed) & mask;
            while ready != 0 && left != 0 {
                let bit = ready & ready.wrapping_neg();
                ready ^= bit;
                left -= 1;
                let slot = index * WORD_BITS + bit.trailing_zeros() as usize;
                // The bit goes before the event is given out: a wake from here on
                // is a new one.
                word.fetch_and(!bit, Ordering::AcqRel);
                give(slots.entries[slot].token);
                if slots.entries[slot].closing {
                    slots.free.push(slot);
                }
                *cursor = Cursor(slot + 1);
            }
            if ready != 0 {
                rest |= summary_bit(index);
            }
        }
        if rest == 0 {
            return Ok(());
        }
        self.summary.fetch_or(rest, Ordering::AcqRel);
        if self.embedded.load(Ordering::Relaxed) { signal() } else { Ok(()) }
    }

    fn slots(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn summary_bit(word: usize) -> u64 {
    1 << (word % 64)
}

/// The poller is in the kernel or about to enter it, or never polled yet.
/// Set by the poller.
const ASLEEP: u8 = 0;

/// A waker found `ASLEEP` and signals. Set by that waker.
const NOTIFIED: u8 = 1;

/// The poller runs and looks at the queue before it sleeps again. Set by the
/// poller.
const AWAKE: u8 = 2;
