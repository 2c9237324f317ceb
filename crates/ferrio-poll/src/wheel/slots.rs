//! The slots of a wheel: which are in use, and the list of each.

use crate::slab::NIL;
use crate::wheel::entry::Entries;

/// The bits of a tick that choose a slot of a level.
const DIGIT_BITS: u32 = 6;

/// The slots of a level. As many as a word has bits.
const SLOTS: usize = 1 << DIGIT_BITS;

/// The levels. Their digits are all 48 bits of a tick.
const LEVELS: usize = 8;

/// A list of entries, in the order of their arrival.
#[derive(Copy, Clone, Debug)]
struct Slot {
    head: u32,
    tail: u32,
    /// No entry of the list is due before this tick. It is the first deadline, unless
    /// that one was removed while others stayed.
    earliest: u64,
}

const EMPTY: Slot = Slot { head: NIL, tail: NIL, earliest: u64::MAX };

/// Which slot, of which level.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) level: usize,
    slot: usize,
}

impl Position {
    /// Where an entry for `tick` belongs while `elapsed` is the current tick.
    #[inline]
    pub(super) fn of(tick: u64, elapsed: u64) -> Position {
        // Equal ticks differ nowhere and belong to the lowest level.
        let highest = (SLOTS as u64 - 1) | (tick ^ elapsed);
        let level = highest.ilog2() / DIGIT_BITS;
        Position { level: level as usize, slot: (tick >> (level * DIGIT_BITS)) as usize % SLOTS }
    }

    /// The first tick of the slot, which must not lie behind `elapsed`.
    #[inline]
    pub(super) fn start(self, elapsed: u64) -> u64 {
        let shift = self.level as u32 * DIGIT_BITS;
        let above = shift + DIGIT_BITS;
        (elapsed >> above << above) | ((self.slot as u64) << shift)
    }
}

/// All slots.
pub(super) struct Slots {
    /// A bit for each slot of each level: set if it has an entry.
    occupied: [u64; LEVELS],
    levels: Box<[[Slot; SLOTS]; LEVELS]>,
}

impl Slots {
    pub(super) fn new() -> Slots {
        Slots { occupied: [0; LEVELS], levels: Box::new([[EMPTY; SLOTS]; LEVELS]) }
    }

    /// The first slot that has an entry. None of a higher level comes before one of a
    /// lower level, and none behind the current tick has any.
    #[inline]
    pub(super) fn first(&self) -> Option<Position> {
        let level = self.occupied.iter().position(|bits| *bits != 0)?;
        Some(Position { level, slot: self.occupied[level].trailing_zeros() as usize })
    }

    /// A tick before which nothing at `position` is due.
    #[inline]
    pub(super) fn earliest(&self, position: Position) -> u64 {
        self.levels[position.level][position.slot].earliest
    }

    /// The first entry at `position`.
    #[inline]
    pub(super) fn head(&self, position: Position) -> u32 {
        self.levels[position.level][position.slot].head
    }

    /// The last entry at `position`, which the next one comes after.
    #[inline]
    pub(super) fn tail(&self, position: Position) -> u32 {
        self.levels[position.level][position.slot].tail
    }

    /// Appends the entry at `index`, which is due at `tick` and knows its neighbours: the
    /// [`tail`](Slots::tail), and none behind it.
    #[inline]
    pub(super) fn append<T>(&mut self, entries: &mut Entries<T>, position: Position, index: u32, tick: u64) {
        let slot = &mut self.levels[position.level][position.slot];
        slot.earliest = slot.earliest.min(tick);
        match slot.tail {
            NIL => {
                slot.head = index;
                self.occupied[position.level] |= 1 << position.slot;
            }
            tail => entries.at(tail).next = index,
        }
        slot.tail = index;
    }

    /// Closes the gap that an entry leaves in the list of `position`, between its neighbours.
    #[inline]
    pub(super) fn unlink<T>(&mut self, entries: &mut Entries<T>, position: Position, prev: u32, next: u32) {
        let slot = &mut self.levels[position.level][position.slot];
        match prev {
            NIL => slot.head = next,
            prev => entries.at(prev).next = next,
        }
        match next {
            NIL => slot.tail = prev,
            next => entries.at(next).prev = prev,
        }
        if slot.head == NIL {
            self.empty(position);
        }
    }

    /// Forgets the list of `position` and returns its first and its last entry.
    pub(super) fn take(&mut self, position: Position) -> (u32, u32) {
        let Slot { head, tail, .. } = self.levels[position.level][position.slot];
        self.empty(position);
        (head, tail)
    }

    #[inline]
    fn empty(&mut self, position: Position) {
        self.levels[position.level][position.slot] = EMPTY;
        self.occupied[position.level] &= !(1 << position.slot);
    }
}
