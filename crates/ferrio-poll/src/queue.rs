//! The ready queue of the sources that live in this process.
//!
//! Wakers, timers, channels, signals and user sources share one queue per Poll and one
//! wake descriptor. The idea:
//!
//! - A source owns a *slot*. Waking sets the slot's bit, and then the bit of its word in
//!   a summary, which tells in one load whether any may be set. Who finds both set is
//!   done, for the event is on its way: wakes coalesce.
//! - A slot that is *armed* turns its bit into events. One that rests keeps it until it
//!   is armed: a source may be ready before it is registered, or after its one shot.
//! - That summary and what the poller does stand in one word, the *state*. The poller
//!   goes to sleep by one read-modify-write, which fails if anything is queued; a
//!   waker queues by another. One of the two is first: either the poller does not
//!   sleep, or the waker finds it ASLEEP and signals the wake descriptor. Only the
//!   first waker does: the next finds the queue no longer empty.
//! - Once the Poll's descriptor was handed out, another loop may be sleeping on it
//!   and ASLEEP says nothing about that loop. From then on, EMBEDDED, whoever makes
//!   the queue non-empty signals.
//!
//! `wake` takes no lock, allocates nothing and frees nothing: it may be called
//! from a signal handler. The kernel is a closure here, so that loom can run
//! this file as it stands.

mod latch;
mod slots;
mod sync;
mod words;

#[cfg(all(test, ferrio_loom))]
mod models;

use std::io;
use std::sync::PoisonError;

use crate::mode::Mode;
pub(crate) use crate::queue::latch::Latch;
pub(crate) use crate::queue::slots::{Direction, Report};
use crate::queue::slots::{Slots, Turn};
use crate::queue::sync::{AtomicU8, AtomicU64, Mutex, MutexGuard, Ordering};
use crate::queue::words::{WORD_BITS, Words};
use crate::token::Token;

/// The ready queue of one Poll.
#[derive(Debug)]
pub(crate) struct Queue {
    /// `ASLEEP`, `EMBEDDED` and, in the bits of `QUEUED`, the summary: bit `w % 32` is
    /// set if word `w` may hold a bit.
    state: AtomicU64,
    /// `SLOTS`, `TIMERS`, `EXTRAS` and `OUTER`. A Poll with none of them pays this load and no
    /// more.
    beyond: AtomicU8,
    /// One bit per slot: set by a wake, cleared when its event is given out.
    words: Words,
    /// What each slot stands for. Never locked by `wake`.
    slots: Mutex<Slots>,
}

/// Where the next drain begins, so that a slot which is always ready cannot keep
/// the others from being served.
#[derive(Debug, Default)]
pub(crate) struct Cursor(usize);

/// What there is to a wait beside the kernel's sources.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Beyond(u8);

impl Beyond {
    /// True if there is nothing.
    #[inline]
    pub(crate) fn is_nothing(self) -> bool {
        self.0 == 0
    }

    /// True if there are slots, and nothing that needs a clock or extras.
    #[inline]
    pub(crate) fn is_slots_alone(self) -> bool {
        self.0 == SLOTS
    }
}

/// What the poller took from the state when it woke up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taken {
    /// The summary.
    queued: u64,
    /// True if a waker signals or has signalled since the poller fell asleep.
    pub(crate) announced: bool,
}

impl Taken {
    /// True if nothing was queued.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.queued == 0
    }
}

impl Queue {
    pub(crate) fn new() -> Queue {
        Queue {
            // A poller that never looked at the queue may be in the kernel already.
            state: AtomicU64::new(ASLEEP),
            beyond: AtomicU8::new(0),
            words: Words::new(),
            slots: Mutex::new(Slots::default()),
        }
    }

    /// Makes a slot that is armed: each wake is an event that is readable and carries
    /// `token`.
    ///
    /// The wake descriptor is registered before the first slot is made: a Poll
    /// that is already asleep is then reached by the first wake.
    pub(crate) fn insert(&self, token: Token) -> usize {
        let mut slots = self.slots();
        let slot = slots.insert(|slot| self.words.reserve(slot));
        slots.arm(slot, Report { token, direction: Direction::Readable, mode: Mode::Edge });
        self.beyond.fetch_or(SLOTS, Ordering::Release);
        slot
    }

    /// Makes a slot that rests; see [`insert`](Self::insert).
    pub(crate) fn insert_resting(&self) -> usize {
        let slot = self.slots().insert(|slot| self.words.reserve(slot));
        self.beyond.fetch_or(SLOTS, Ordering::Release);
        slot
    }

    /// Has `slot` give out events; one follows if it was woken while it rested.
    pub(crate) fn arm(
        &self,
        slot: usize,
        report: Report,
        signal: impl FnOnce() -> io::Result<()>,
    ) -> io::Result<()> {
        let mut slots = self.slots();
        slots.arm(slot, report);
        let (word, bit) = self.words.of_slot(slot);
        let is_ready = word.load(Ordering::Acquire) & bit != 0;
        drop(slots);
        if is_ready { self.announce(slot, signal) } else { Ok(()) }
    }

    /// Has `slot` give out nothing: once this has returned, no later drain does.
    pub(crate) fn rest(&self, slot: usize) {
        self.slots().rest(slot);
    }

    /// Forgets that `slot` was woken. What was done before that wake is visible to the
    /// caller.
    pub(crate) fn clear(&self, slot: usize) {
        let (word, bit) = self.words.of_slot(slot);
        word.fetch_and(!bit, Ordering::AcqRel);
    }

    /// Gives `slot` back. A wake that was not given out yet still is.
    pub(crate) fn remove(&self, slot: usize) {
        let mut slots = self.slots();
        let (word, bit) = self.words.of_slot(slot);
        if word.load(Ordering::Relaxed) & bit != 0 {
            slots.close(slot);
        } else {
            slots.free(slot);
        }
    }

    /// Gives `slot` back, which nobody can wake any more, with whatever it was woken for.
    pub(crate) fn discard(&self, slot: usize) {
        let mut slots = self.slots();
        self.clear(slot);
        slots.free(slot);
    }

    /// Makes `slot` ready and calls `signal` if the poller must be told.
    pub(crate) fn wake(&self, slot: usize, signal: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        let (word, bit) = self.words.of_slot(slot);
        // A read-modify-write even if the bit is set: it publishes what the caller
        // did before the wake to whoever takes the bit. A load would not.
        let was_set = word.fetch_or(bit, Ordering::AcqRel) & bit != 0;
        // Whoever set it may have been interrupted before it told the poller: then this one
        // does.
        if was_set && self.state.load(Ordering::Relaxed) & summary_bit(slot / WORD_BITS) != 0 {
            return Ok(());
        }
        self.announce(slot, signal)
    }

    /// Makes `slot` ready on behalf of the poller, which is awake and has `taken` the
    /// summary.
    pub(crate) fn post(&self, slot: usize, taken: &mut Taken) {
        let (word, bit) = self.words.of_slot(slot);
        word.fetch_or(bit, Ordering::AcqRel);
        taken.queued |= summary_bit(slot / WORD_BITS);
    }

    /// Tells the poller that `slot` is ready.
    fn announce(&self, slot: usize, signal: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        let before = self.state.fetch_or(summary_bit(slot / WORD_BITS), Ordering::AcqRel);
        if is_empty(before) && before & (ASLEEP | EMBEDDED) != 0 { signal() } else { Ok(()) }
    }

    /// What there is to a wait beside the kernel's sources.
    #[inline]
    pub(crate) fn beyond(&self) -> Beyond {
        Beyond(self.beyond.load(Ordering::Acquire))
    }

    /// True if any slot was ever made.
    #[inline]
    pub(crate) fn is_used(&self) -> bool {
        self.beyond().0 & SLOTS != 0
    }

    /// True if the poller has to look at timers.
    #[inline]
    pub(crate) fn has_timers(&self) -> bool {
        self.beyond().0 & TIMERS != 0
    }

    /// From now on the poller has to look at timers.
    pub(crate) fn expect_timers(&self) {
        self.beyond.fetch_or(TIMERS, Ordering::Release);
    }

    /// From now on each wait does more than to wait.
    pub(crate) fn expect_extras(&self) {
        self.beyond.fetch_or(EXTRAS, Ordering::Release);
    }

    /// True if something seems to be queued; the exact answer is the drain's.
    #[inline]
    pub(crate) fn has_queued(&self) -> bool {
        !is_empty(self.state.load(Ordering::Relaxed))
    }

    /// Announces that the poller goes to sleep, unless something is queued: then it
    /// must not, and this returns true.
    #[inline]
    pub(crate) fn fall_asleep(&self) -> bool {
        let announce = |state| is_empty(state).then_some(state | ASLEEP);
        self.state.fetch_update(Ordering::AcqRel, Ordering::Relaxed, announce).is_err()
    }

    /// Announces that the poller is awake, and takes the summary: each wake from here on
    /// stays silent.
    #[inline]
    pub(crate) fn wake_up(&self) -> Taken {
        if self.state.load(Ordering::Relaxed) & !EMBEDDED == 0 {
            return Taken { queued: 0, announced: false };
        }
        let before = self.state.fetch_and(EMBEDDED, Ordering::AcqRel);
        // Nobody falls asleep over a queue: what is in it came to a sleeper.
        Taken { queued: before & QUEUED, announced: !is_empty(before) && before & ASLEEP != 0 }
    }

    /// True if another loop may sleep on the Poll's descriptor.
    #[inline]
    pub(crate) fn is_embedded(&self) -> bool {
        self.state.load(Ordering::Relaxed) & EMBEDDED != 0
    }

    /// Announces that another loop may sleep on the Poll's descriptor; what is
    /// queued by now is signalled.
    pub(crate) fn embed(&self, signal: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        self.beyond.fetch_or(OUTER, Ordering::Release);
        let before = self.state.fetch_or(EMBEDDED, Ordering::AcqRel);
        if is_empty(before) { Ok(()) } else { signal() }
    }

    /// Gives out the events of at most `room` ready slots of those that were `taken`;
    /// what does not fit is queued again, in its order, and is signalled if the Poll is
    /// embedded.
    #[inline]
    pub(crate) fn drain(
        &self,
        taken: Taken,
        cursor: &mut Cursor,
        room: usize,
        give: impl FnMut(Report),
        signal: impl FnOnce() -> io::Result<()>,
    ) -> io::Result<()> {
        if taken.is_empty() { Ok(()) } else { self.drain_queued(taken.queued, cursor, room, give, signal) }
    }

    #[inline(never)]
    fn drain_queued(
        &self,
        summary: u64,
        cursor: &mut Cursor,
        room: usize,
        mut give: impl FnMut(Report),
        signal: impl FnOnce() -> io::Result<()>,
    ) -> io::Result<()> {
        let mut slots = self.slots();
        let words = self.words.len();
        let start = if cursor.0 < words * WORD_BITS { cursor.0 } else { 0 };
        let above = u64::MAX << (start % WORD_BITS);
        let mut index = start / WORD_BITS;
        let mut left = room;
        let (mut rest, mut next) = (0, start);
        // A word whose upper bits are visited first has its lower bits visited last.
        let visits = words + usize::from(above != u64::MAX);
        for visit in 0..visits {
            let mask = if visit == 0 {
                above
            } else if visit == words {
                !above
            } else {
                u64::MAX
            };
            let mut ready = self.ready(index, summary) & mask;
            while ready != 0 && left != 0 {
                let bit = ready & ready.wrapping_neg();
                ready ^= bit;
                let slot = index * WORD_BITS + bit.trailing_zeros() as usize;
                let report = match slots.turn(slot) {
                    Turn::Rest => continue,
                    Turn::Again(report) => {
                        rest |= summary_bit(index);
                        report
                    }
                    Turn::Once(report) => {
                        // The bit goes before the event is given out: a wake from here
                        // on is a new one.
                        self.words.word(index).fetch_and(!bit, Ordering::AcqRel);
                        report
                    }
                };
                give(report);
                left -= 1;
                next = slot + 1;
            }
            if ready != 0 {
                rest |= summary_bit(index);
            }
            index = if index + 1 < words { index + 1 } else { 0 };
        }
        if rest == 0 {
            *cursor = Cursor::default();
            return Ok(());
        }
        *cursor = Cursor(next);
        let before = self.state.fetch_or(rest, Ordering::AcqRel);
        if before & EMBEDDED != 0 { signal() } else { Ok(()) }
    }

    /// The bits of the word at `index`, if `summary` says that it may hold any.
    fn ready(&self, index: usize, summary: u64) -> u64 {
        if summary & summary_bit(index) == 0 { 0 } else { self.words.word(index).load(Ordering::Relaxed) }
    }

    fn slots(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn summary_bit(word: usize) -> u64 {
    1 << (word % 32)
}

fn is_empty(state: u64) -> bool {
    state & QUEUED == 0
}

/// The poller is in the kernel or about to enter it, or never looked at the queue
/// yet. Set and cleared by the poller.
const ASLEEP: u64 = 1 << 32;

/// The Poll's descriptor was handed out. Set by whoever asks for it, and for ever.
const EMBEDDED: u64 = 1 << 33;

/// The bits of the summary. Set by wakers, taken by the poller.
const QUEUED: u64 = u32::MAX as u64;

/// A slot exists. Set when the first is made.
const SLOTS: u8 = 1;

/// A timer was registered. Set before the first is counted.
const TIMERS: u8 = 1 << 1;

/// The Poll was built with extras. Set before its first wait.
const EXTRAS: u8 = 1 << 2;

/// Another loop may sleep on the descriptor, as EMBEDDED says too.
const OUTER: u8 = 1 << 3;
