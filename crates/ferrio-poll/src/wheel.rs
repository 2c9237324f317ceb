//! Deadlines in a hierarchy of wheels.
//!
//! The idea: time is counted in ticks, and a tick is written as eight digits of six
//! bits. Each digit is a *level* with 64 slots. An entry waits at the level of the
//! highest digit in which its deadline differs from the current tick, in the slot of
//! that digit. So level 0 tells apart the ticks of the current 64, level 1 the blocks
//! of 64 of the current 4096, and so on:
//!
//! ```text
//! current tick    0 0 0 0 0 2 10 17
//! deadline        0 0 0 0 0 2 10 40    level 0, slot 40: due in 23 ticks
//! deadline        0 0 0 0 0 2 31  5    level 1, slot 31: somewhere in that block
//! deadline        0 0 0 9 0 0  0  0    level 4, slot 9
//! ```
//!
//! - The place of an entry follows from its deadline and the current tick alone. It
//!   is found by an xor and a count of leading zeros, and stored nowhere.
//! - A bit per slot says whether it has entries. The first bit of the lowest level
//!   that has one is the next slot: entries of a higher level are due later, and none
//!   is due before now. A jump over years costs as much as one over a tick.
//! - When time reaches a slot above level 0, its entries are dealt out again. They
//!   agree with the current tick in that digit now, so that each falls to a lower
//!   level: seven times at most, whatever the deadline.
//! - The current tick moves to the first deadline of that slot or to now, whichever
//!   is earlier, rather than to the start of the slot: an entry that is alone falls to
//!   level 0 at once.
//! - Equal ticks are always in the same slot, and every list is served from the front
//!   and fed at the back. So they keep their order through all levels.
//!
//! **Invariant:** no entry is due before the current tick, and each is at its place
//! with regard to the current tick. Time moves only to where no slot is skipped that
//! has entries, and within such a move no place changes but those of the slot which
//! is dealt out.

mod entry;
mod key;
mod slots;
#[cfg(test)]
mod tests;
mod ticks;

use std::fmt;
use std::time::Instant;

use crate::slab::{NIL, Slab};
use crate::wheel::entry::{Entries, Entry};
pub use crate::wheel::key::TimerKey;
use crate::wheel::slots::{Position, Slots};
use crate::wheel::ticks::Ticks;

/// Values with deadlines, taken out when they are due.
///
/// A hierarchical timer wheel: to insert, to remove and to move an entry takes
/// constant time, however many there are. The wheel reads no clock and makes no system
/// call; `now` is an argument. Memory is allocated only when there are more entries
/// than ever before, and 1,000,000 entries of a [`Token`](crate::Token) take 34 bytes
/// each.
///
/// # Precision
///
/// A deadline is rounded up to a tick of 2<sup>16</sup> ns, 65.5 µs. So an entry is
/// never early, and it is late by less than a tick if [`expire`](Wheel::expire) is
/// called often enough. Earlier ticks come first, and equal ticks in the order in
/// which they were set.
///
/// A deadline that has passed is due with the current tick. One more than 584 years after the
/// `start` of the wheel never comes: its entry waits to be removed. A timeout that is
/// too long for `Instant::checked_add` needs no entry at all.
///
/// Time does not go back: a `now` before an earlier one counts as that earlier one
/// for everything that is due already, and moves nothing.
///
/// # Examples
///
/// A loop sleeps until something is ready or due:
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use std::time::{Duration, Instant};
/// use ferrio::time::Wheel;
/// use ferrio::{Events, Poll, Token};
///
/// let mut poll = Poll::new()?;
/// let mut events = Events::with_capacity(128);
/// let start = Instant::now();
/// let mut wheel = Wheel::new(start);
/// wheel.insert(start + Duration::from_millis(2), Token(1));
/// let never = wheel.insert(start + Duration::from_millis(1), Token(2));
/// assert_eq!(wheel.remove(never), Some(Token(2)));
///
/// while !wheel.is_empty() {
///     let timeout = wheel.next_deadline().map(|at| at.saturating_duration_since(Instant::now()));
///     poll.poll(&mut events, timeout)?;
///     let now = Instant::now();
///     while let Some((_, token)) = wheel.expire(now) {
///         assert_eq!(token, Token(1));
///         assert!(now >= start + Duration::from_millis(2));
///     }
/// }
/// # Ok(())
/// # }
/// ```
pub struct Wheel<T> {
    ticks: Ticks,
    /// The current tick.
    elapsed: u64,
    entries: Entries<T>,
    slots: Slots,
}

impl<T> Wheel<T> {
    /// A wheel without entries, whose time begins at `start`.
    pub fn new(start: Instant) -> Wheel<T> {
        Wheel::with_capacity(start, 0)
    }

    /// The same, with room for `capacity` entries before it grows.
    ///
    /// # Panics
    ///
    /// If that is more than a `Vec` can hold.
    pub fn with_capacity(start: Instant, capacity: usize) -> Wheel<T> {
        Wheel {
            ticks: Ticks::new(start),
            elapsed: 0,
            entries: Slab::with_capacity(capacity, u32::MAX),
            slots: Slots::new(),
        }
    }

    /// Adds `value`, due at `deadline`.
    ///
    /// # Panics
    ///
    /// If there are 2<sup>32</sup> - 1 entries, and if memory runs out.
    #[inline]
    pub fn insert(&mut self, deadline: Instant, value: T) -> TimerKey {
        let tick = self.ticks.at_or_after(deadline).max(self.elapsed);
        let position = Position::of(tick, self.elapsed);
        let key = self.entries.insert(Entry { tick, next: NIL, prev: self.slots.tail(position), value });
        self.slots.append(&mut self.entries, position, key.index, tick);
        TimerKey(key)
    }

    /// Takes out the entry of `key`; `None` if the key is stale.
    #[inline]
    pub fn remove(&mut self, key: TimerKey) -> Option<T> {
        let entry = self.entries.remove(key.0)?;
        self.unlink(entry.tick, entry.prev, entry.next);
        Some(entry.value)
    }

    /// Gives the entry of `key` another deadline, as if it were inserted anew under
    /// the same key; false if the key is stale.
    #[inline]
    pub fn reset(&mut self, key: TimerKey, deadline: Instant) -> bool {
        let Some(entry) = self.entries.get(key.0) else {
            return false;
        };
        self.unlink(entry.tick, entry.prev, entry.next);
        let tick = self.ticks.at_or_after(deadline).max(self.elapsed);
        self.link(key.0.index, tick);
        true
    }

    /// The next entry that is due at `now`, taken out; its key is stale from then on.
    ///
    /// To be called until it returns `None`. In between, entries may be inserted,
    /// removed and reset; one that is inserted or reset to a deadline at or before `now`
    /// comes in the same round, so a loop that does so each time does not end.
    #[inline]
    pub fn expire(&mut self, now: Instant) -> Option<(TimerKey, T)> {
        let now = self.ticks.at_or_before(now).max(self.elapsed);
        loop {
            let Some(position) = self.slots.first().filter(|position| position.start(self.elapsed) <= now)
            else {
                self.elapsed = now;
                return None;
            };
            self.elapsed = self.slots.earliest(position).min(now);
            if position.level == 0 {
                return self.pop(position);
            }
            self.deal_out(position);
        }
    }

    /// Takes out all entries.
    pub fn clear(&mut self) {
        while let Some(position) = self.slots.first() {
            drop(self.pop(position));
        }
    }

    /// The value of `key`, to be changed in place; `None` if the key is stale.
    #[inline]
    pub fn get_mut(&mut self, key: TimerKey) -> Option<&mut T> {
        self.entries.get_mut(key.0).map(|entry| &mut entry.value)
    }

    /// The value of `key`; `None` if the key is stale.
    #[inline]
    pub fn get(&self, key: TimerKey) -> Option<&T> {
        self.entries.get(key.0).map(|entry| &entry.value)
    }

    /// When [`expire`](Wheel::expire) is to be called next; `None` if nothing will ever
    /// be due.
    ///
    /// Nothing becomes due before that. It takes constant time, and this has a price:
    /// after an entry was removed or reset, the deadline which it had may still be
    /// named for others that are due later, in the same slot. A loop then
    /// wakes once for nothing, and the [`expire`](Wheel::expire) that finds nothing
    /// makes the answer exact. In all other cases it is exact: the first deadline,
    /// rounded up to a tick, or for one that has passed, the end of the current tick at the
    /// latest.
    ///
    /// `None` also stands for a time that an `Instant` of this system cannot show.
    #[inline]
    pub fn next_deadline(&self) -> Option<Instant> {
        let position = self.slots.first()?;
        self.ticks.instant(self.slots.earliest(position))
    }

    /// How many entries there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// True if there is none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Puts the entry at `index`, which is in no list, where `tick` belongs.
    #[inline]
    fn link(&mut self, index: u32, tick: u64) {
        let position = Position::of(tick, self.elapsed);
        let entry = self.entries.at(index);
        entry.tick = tick;
        entry.next = NIL;
        entry.prev = self.slots.tail(position);
        self.slots.append(&mut self.entries, position, index, tick);
    }

    /// Closes the gap that an entry which is due at `tick` leaves between its neighbours.
    #[inline]
    fn unlink(&mut self, tick: u64, prev: u32, next: u32) {
        let position = Position::of(tick, self.elapsed);
        self.slots.unlink(&mut self.entries, position, prev, next);
    }

    /// Takes out the first entry at `position`, which has one.
    fn pop(&mut self, position: Position) -> Option<(TimerKey, T)> {
        let key = self.entries.key(self.slots.head(position))?;
        let entry = self.entries.remove(key)?;
        self.slots.unlink(&mut self.entries, position, entry.prev, entry.next);
        Some((TimerKey(key), entry.value))
    }

    /// Moves the entries at `position` to where they belong now.
    fn deal_out(&mut self, position: Position) {
        // A list says only where its next entry is, so that a walk waits for memory at each
        // of them. A second walk, from the other end, waits at the same time: what it has
        // seen is near when the first one comes there.
        let (mut index, mut ahead) = self.slots.take(position);
        while index != NIL {
            let entry = self.entries.at(index);
            let (tick, next) = (entry.tick, entry.next);
            if ahead != NIL {
                let have_met = ahead == index || ahead == next;
                ahead = if have_met { NIL } else { self.entries.at(ahead).prev };
            }
            self.link(index, tick);
            index = next;
        }
    }
}

impl<T> fmt::Debug for Wheel<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut wheel = f.debug_struct("Wheel");
        wheel.field("len", &self.len()).field("next_deadline", &self.next_deadline());
        wheel.finish_non_exhaustive()
    }
}
