//! The ready queue of the sources that live in this process.
//!
//! Wakers, timers, channels, signals and user sources share one queue per Poll and one
//! wake descriptor. The idea:
//!
//! - A source owns a *slot*. Waking sets the slot's bit, and then the bit of its word in
//!   a summary, which tells in one load whether any may be set. A waker that finds both set
//!   is done, for the event is on its way: wakes coalesce.
//! - A slot that is *armed* turns its bit into events. A disarmed one keeps its bit until it
//!   is armed: a source may be ready before it is registered, or after its one shot.
//! - The summary and what the poller does stand in one word, the *state*. The poller
//!   goes to sleep by one read-modify-write, which fails if anything is queued; a
//!   waker queues by another. One of the two is first: either the poller does not
//!   sleep, or the waker finds it ASLEEP and signals the wake descriptor. Only the
//!   first waker does: the next one finds that the queue is no longer empty.
//! - Once the Poll is embedded in another loop, that loop may be sleeping on the Poll's
//!   descriptor, and ASLEEP says nothing about it. From then on, EMBEDDED, each wake that
//!   makes the queue non-empty signals.
//!
//! `wake` takes no lock, allocates nothing and frees nothing: it may be called
//! from a signal handler. The kernel is a closure here, so that loom can run
//! this file as it stands.

mod latch;
mod slots;
mod words;

#[cfg(all(test, ferrio_loom))]
pub(crate) mod models;

use std::io;

use bitflags::bitflags;

use crate::mode::Mode;
pub(crate) use crate::queue::latch::{Latch, State as LatchState};
pub(crate) use crate::queue::slots::{Direction, Report};
use crate::queue::slots::{Slots, Wakes};
use crate::queue::words::{WORD_BITS, Words};
use crate::sync::{AtomicU8, AtomicU64, Mutex, MutexGuard, Ordering, lock};
use crate::token::Token;

/// The ready queue of one Poll.
#[derive(Debug)]
pub(crate) struct Queue {
    /// `ASLEEP`, `EMBEDDED` and, in the bits of `QUEUED`, the summary: bit `w % 32` is
    /// set if word `w` may hold a bit.
    state: AtomicU64,
    /// The bits of [`Features`]. A Poll with none of them pays this load and no more.
    features: AtomicU8,
    /// One bit per slot: set by a wake, cleared when its event is delivered.
    words: Words,
    /// What each slot stands for. Never locked by `wake`.
    slots: Mutex<Slots>,
}

/// Where the next drain begins, so that a slot which is always ready cannot keep
/// the others from being served.
#[derive(Debug, Default)]
pub(crate) struct Cursor(usize);

bitflags! {
    /// What there is to a wait beside the kernel's sources. Each is set once, for good.
    #[derive(Clone, Copy, Debug)]
    pub(crate) struct Features: u8 {
        /// A slot exists. Set when the first is made.
        const SLOTS = 1;
        /// A timer was registered. Set before the first is counted.
        const TIMERS = 1 << 1;
        /// The Poll was built with instrumentation. Set before its first wait.
        const INSTRUMENTATION = 1 << 2;
    }
}

/// The words that may hold bits, as the poller took them from the state when it woke up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Summary(u64);

impl Summary {
    /// True if nothing was queued.
    #[inline]
    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl Queue {
    pub(crate) fn new() -> Queue {
        Queue {
            // A poller that never looked at the queue may be in the kernel already.
            state: AtomicU64::new(ASLEEP),
            features: AtomicU8::new(0),
            words: Words::new(),
            slots: Mutex::new(Slots::default()),
        }
    }

    /// Makes a slot that is armed: each wake is an event that is readable and carries
    /// `token`.
    pub(crate) fn insert(&self, token: Token) -> usize {
        let mut slots = self.slots();
        let slot = slots.insert(|slot| self.words.reserve(slot));
        slots.arm(slot, Report { token, direction: Direction::Readable, mode: Mode::Edge });
        self.add_feature(Features::SLOTS);
        slot
    }

    /// Makes a slot that is disarmed.
    pub(crate) fn insert_disarmed(&self) -> usize {
        let slot = self.slots().insert(|slot| self.words.reserve(slot));
        self.add_feature(Features::SLOTS);
        slot
    }

    /// Makes a slot whose wakes end a sleep and are never events.
    pub(crate) fn insert_silent(&self) -> usize {
        let mut slots = self.slots();
        let slot = slots.insert(|slot| self.words.reserve(slot));
        slots.silence(slot);
        self.add_feature(Features::SLOTS);
        slot
    }

    /// Lets `slot` deliver events; one follows if it was woken while it was disarmed.
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
        if is_ready { self.announce(slot, signal).map(drop) } else { Ok(()) }
    }

    /// Stops `slot` from delivering events: no later drain reports it.
    pub(crate) fn disarm(&self, slot: usize) {
        self.slots().disarm(slot);
    }

    /// Forgets that `slot` was woken. What was done before that wake is visible to the
    /// caller.
    pub(crate) fn clear(&self, slot: usize) {
        let (word, bit) = self.words.of_slot(slot);
        word.fetch_and(!bit, Ordering::AcqRel);
    }

    /// Frees `slot`. A wake that was not delivered yet still is.
    pub(crate) fn remove(&self, slot: usize) {
        let mut slots = self.slots();
        let (word, bit) = self.words.of_slot(slot);
        if word.load(Ordering::Relaxed) & bit != 0 {
            slots.close(slot);
        } else {
            slots.free(slot);
        }
    }

    /// Frees `slot`, which can no longer be woken, and forgets its wakes.
    pub(crate) fn discard(&self, slot: usize) {
        let mut slots = self.slots();
        self.clear(slot);
        slots.free(slot);
    }

    /// Makes `slot` ready, and calls `signal` if the poller must be told. True if it was.
    #[inline]
    pub(crate) fn wake(&self, slot: usize, signal: impl FnOnce() -> io::Result<()>) -> io::Result<bool> {
        let (word, bit) = self.words.of_slot(slot);
        // A read-modify-write even if the bit is set: it publishes what the caller
        // did before the wake to the thread that takes the bit. A load would not.
        let was_set = word.fetch_or(bit, Ordering::AcqRel) & bit != 0;
        // The waker that set it may have been interrupted before it told the poller; then
        // this one does.
        if was_set && self.state.load(Ordering::Relaxed) & summary_bit(slot / WORD_BITS) != 0 {
            return Ok(false);
        }
        self.announce(slot, signal)
    }

    /// Makes `slot` ready on behalf of the poller, which is awake and has taken `summary`.
    pub(crate) fn post(&self, slot: usize, summary: &mut Summary) {
        let (word, bit) = self.words.of_slot(slot);
        word.fetch_or(bit, Ordering::AcqRel);
        summary.0 |= summary_bit(slot / WORD_BITS);
    }

    /// Tells the poller that `slot` is ready; true if that took a signal.
    fn announce(&self, slot: usize, signal: impl FnOnce() -> io::Result<()>) -> io::Result<bool> {
        let before = self.state.fetch_or(summary_bit(slot / WORD_BITS), Ordering::AcqRel);
        if !is_empty(before) || before & (ASLEEP | EMBEDDED) == 0 {
            return Ok(false);
        }
        signal()?;
        Ok(true)
    }

    /// What there is to a wait beside the kernel's sources.
    #[inline]
    pub(crate) fn features(&self) -> Features {
        Features::from_bits_retain(self.features.load(Ordering::Acquire))
    }

    /// From now on each wait takes `feature` into account.
    pub(crate) fn add_feature(&self, feature: Features) {
        self.features.fetch_or(feature.bits(), Ordering::Release);
    }

    /// True if something seems to be queued; the exact answer is the drain's.
    #[inline]
    pub(crate) fn has_queued(&self) -> bool {
        !is_empty(self.state.load(Ordering::Relaxed))
    }

    /// Announces that the poller goes to sleep. False if something is queued: then it must
    /// not.
    #[inline]
    pub(crate) fn fall_asleep(&self) -> bool {
        let announce = |state| is_empty(state).then_some(state | ASLEEP);
        self.state.fetch_update(Ordering::AcqRel, Ordering::Relaxed, announce).is_ok()
    }

    /// Announces that the poller is awake, and takes the summary: each wake from here on
    /// needs no signal.
    #[inline]
    pub(crate) fn wake_up(&self) -> Summary {
        if self.state.load(Ordering::Relaxed) & !EMBEDDED == 0 {
            return Summary(0);
        }
        Summary(self.state.fetch_and(EMBEDDED, Ordering::AcqRel) & QUEUED)
    }

    /// True if another loop may sleep on the Poll's descriptor.
    #[inline]
    pub(crate) fn is_embedded(&self) -> bool {
        self.state.load(Ordering::Relaxed) & EMBEDDED != 0
    }

    /// Announces that another loop may sleep on the Poll's descriptor; what is
    /// queued by now is signalled.
    #[allow(dead_code, reason = "a Poll has a descriptor on Unix alone")]
    pub(crate) fn embed(&self, signal: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        let before = self.state.fetch_or(EMBEDDED, Ordering::AcqRel);
        if is_empty(before) { Ok(()) } else { signal() }
    }

    /// Delivers the events of at most `room` ready slots of those that `summary` names, by
    /// calling `deliver`. What does not fit is queued again, in its order, and is signalled if
    /// the Poll is embedded.
    pub(crate) fn drain(
        &self,
        Summary(summary): Summary,
        cursor: &mut Cursor,
        room: usize,
        mut deliver: impl FnMut(Token, LatchState),
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
            let word = self.words.word(index);
            let mut ready = self.ready(index, summary) & mask;
            while ready != 0 && left != 0 {
                let bit = ready & ready.wrapping_neg();
                ready ^= bit;
                let slot = index * WORD_BITS + bit.trailing_zeros() as usize;
                let wakes = slots.wakes(slot);
                if !matches!(wakes, Wakes::Kept) {
                    // The bit is cleared before the source is looked at: a wake from here on is
                    // a new one.
                    word.fetch_and(!bit, Ordering::AcqRel);
                }
                let Wakes::Event(report) = wakes else { continue };
                let ready_for = report.direction.ready();
                if ready_for.is_empty() {
                    // What it was fired for was taken since, or is no longer asked for.
                    continue;
                }
                if slots.delivered(slot) {
                    word.fetch_or(bit, Ordering::AcqRel);
                    rest |= summary_bit(index);
                }
                deliver(report.token, ready_for);
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
        lock(&self.slots)
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

/// Another loop may sleep on the Poll's descriptor. Set when that is asked for, and for ever.
const EMBEDDED: u64 = 1 << 33;

/// The bits of the summary. Set by wakers, taken by the poller.
const QUEUED: u64 = u32::MAX as u64;
