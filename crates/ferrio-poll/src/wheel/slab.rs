//! Where the entries of a wheel live.

use crate::wheel::key::TimerKey;

/// The end of a list.
pub(super) const NIL: u32 = u32::MAX;

/// A place in the slab: an entry, or free.
pub(super) struct Entry<T> {
    /// When it is due. Means nothing if the place is free.
    pub(super) tick: u64,
    /// The neighbours in the list of its slot. `next` also links the free places.
    pub(super) next: u32,
    pub(super) prev: u32,
    /// How often the place was given back.
    generation: u32,
    /// `None` if the place is free.
    value: Option<T>,
}

/// Entries by index. A place is used again, under another generation.
pub(super) struct Slab<T> {
    entries: Vec<Entry<T>>,
    /// The first free place.
    free: u32,
    len: usize,
}

impl<T> Slab<T> {
    pub(super) fn with_capacity(capacity: usize) -> Slab<T> {
        Slab { entries: Vec::with_capacity(capacity), free: NIL, len: 0 }
    }

    /// Stores `value`. The entry is in no list yet.
    ///
    /// # Panics
    ///
    /// If every index is in use.
    #[inline]
    pub(super) fn insert(&mut self, value: T) -> TimerKey {
        self.len += 1;
        let index = self.free;
        if index == NIL {
            return self.grow(value);
        }
        let entry = self.entry(index);
        entry.value = Some(value);
        let generation = entry.generation;
        self.free = entry.next;
        TimerKey { index, generation }
    }

    fn grow(&mut self, value: T) -> TimerKey {
        let index = u32::try_from(self.entries.len()).ok().filter(|index| *index != NIL);
        let index = index.expect("a wheel holds fewer than 2^32 entries");
        self.entries.push(Entry { tick: 0, next: NIL, prev: NIL, generation: 0, value: Some(value) });
        TimerKey { index, generation: 0 }
    }

    /// Gives up the place at `index`, whose entry is in no list any more. A place
    /// that has been through all generations is not used again: its first keys must
    /// not come to life.
    #[inline]
    pub(super) fn remove(&mut self, index: u32) -> Option<T> {
        let free = self.free;
        let entry = self.entry(index);
        let value = entry.value.take()?;
        if let Some(generation) = entry.generation.checked_add(1) {
            entry.generation = generation;
            entry.next = free;
            self.free = index;
        }
        self.len -= 1;
        Some(value)
    }

    /// The index of `key`, if it is not stale.
    #[inline]
    pub(super) fn find(&self, key: TimerKey) -> Option<u32> {
        self.value(key).map(|_| key.index)
    }

    #[inline]
    pub(super) fn value(&self, key: TimerKey) -> Option<&T> {
        let entry = self.entries.get(key.index as usize)?;
        if entry.generation == key.generation { entry.value.as_ref() } else { None }
    }

    #[inline]
    pub(super) fn value_mut(&mut self, key: TimerKey) -> Option<&mut T> {
        let entry = self.entries.get_mut(key.index as usize)?;
        if entry.generation == key.generation { entry.value.as_mut() } else { None }
    }

    /// The place at `index`, which exists.
    #[inline]
    pub(super) fn entry(&mut self, index: u32) -> &mut Entry<T> {
        &mut self.entries[index as usize]
    }

    /// The key of the entry at `index`.
    #[inline]
    pub(super) fn key(&self, index: u32) -> TimerKey {
        TimerKey { index, generation: self.entries[index as usize].generation }
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len
    }
}

#[cfg(test)]
mod tests {
    use super::{NIL, Slab};

    #[test]
    fn a_place_that_has_been_through_all_generations_is_not_used_again() {
        let mut slab = Slab::with_capacity(1);
        let first = slab.insert('a');
        slab.entry(first.index).generation = u32::MAX;
        let last = slab.key(first.index);
        assert_eq!(slab.remove(first.index), Some('a'));
        assert_eq!((slab.len(), slab.free), (0, NIL));
        assert_eq!(slab.find(last), None);
        assert_eq!(slab.insert('b').index, 1);
    }

    #[test]
    fn a_million_entries_take_at_most_64_bytes_each() {
        let mut slab = Slab::with_capacity(0);
        let count = 1_000_000;
        for value in 0..count {
            slab.insert(value as u64);
        }
        let bytes = slab.entries.capacity() * size_of_val(&slab.entries[0]);
        println!("{} bytes each", bytes / count);
        assert!(bytes <= 64 * count, "{bytes} bytes");
    }
}
