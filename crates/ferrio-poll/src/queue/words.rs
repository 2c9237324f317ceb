//! One bit per slot, in words that never move.

use std::iter;
use std::sync::OnceLock;

use crate::sync::{AtomicU64, AtomicUsize, Ordering};

/// The bits of all slots.
///
/// Words stand in chunks, each twice the size of the one before. A chunk that was
/// made stays where it is until the end, so a word can be reached without a lock
/// while others are being added.
#[derive(Debug)]
pub(super) struct Words {
    /// Chunk `k` holds `1 << k` words.
    chunks: [OnceLock<Box<[AtomicU64]>>; CHUNKS_MAX],
    /// How many words exist. Written under the lock of the slots.
    len: AtomicUsize,
}

impl Words {
    pub(super) fn new() -> Words {
        Words { chunks: [const { OnceLock::new() }; CHUNKS_MAX], len: AtomicUsize::new(0) }
    }

    /// Makes the word of `slot` exist. The caller holds the lock of the slots.
    pub(super) fn reserve(&self, slot: usize) {
        let (chunk, _) = place(slot / WORD_BITS);
        assert!(chunk < CHUNKS_MAX, "more than {SLOTS_MAX} in-process sources on one Poll");
        self.chunks[chunk].get_or_init(|| iter::repeat_with(|| AtomicU64::new(0)).take(1 << chunk).collect());
        let len = (1 << (chunk + 1)) - 1;
        if len > self.len.load(Ordering::Relaxed) {
            self.len.store(len, Ordering::Release);
        }
    }

    /// The word with the bit of `slot`, which was reserved, and the bit.
    pub(super) fn of_slot(&self, slot: usize) -> (&AtomicU64, u64) {
        (self.word(slot / WORD_BITS), 1 << (slot % WORD_BITS))
    }

    /// The word at `index`, which was reserved.
    pub(super) fn word(&self, index: usize) -> &AtomicU64 {
        let (chunk, offset) = place(index);
        let words = self.chunks[chunk]
            .get()
            .expect("the word of a slot is reserved before the slot is handed to its owner");
        &words[offset]
    }

    /// How many words exist.
    pub(super) fn len(&self) -> usize {
        self.len.load(Ordering::Acquire)
    }
}

/// The chunk of the word at `index`, and the word's place in it.
fn place(index: usize) -> (usize, usize) {
    let chunk = (index + 1).ilog2() as usize;
    (chunk, index + 1 - (1 << chunk))
}

/// How many slots share a word. One under loom, so that a model of three slots
/// already grows.
pub(super) const WORD_BITS: usize = if cfg!(all(test, ferrio_loom)) { 1 } else { 64 };

/// How many chunks there can be.
const CHUNKS_MAX: usize = 20;

/// How many slots there can be: 67 million, far more than descriptors.
const SLOTS_MAX: usize = ((1 << CHUNKS_MAX) - 1) * WORD_BITS;

#[cfg(all(test, not(ferrio_loom)))]
mod tests {
    use super::*;

    #[test]
    fn every_slot_has_a_bit_of_its_own() {
        let words = Words::new();
        for slot in 0..1000 {
            words.reserve(slot);
            let (word, bit) = words.of_slot(slot);
            assert_eq!(word.fetch_or(bit, Ordering::Relaxed) & bit, 0, "slot {slot} shares a bit");
        }
        let ones: u32 = (0..words.len()).map(|i| words.word(i).load(Ordering::Relaxed).count_ones()).sum();
        assert_eq!(ones, 1000);
    }

    #[test]
    fn words_stay_where_they_are_while_others_are_added() {
        let words = Words::new();
        words.reserve(0);
        let before: *const AtomicU64 = words.word(0);
        words.reserve(5000);
        assert_eq!(before, words.word(0) as *const AtomicU64);
    }
}
