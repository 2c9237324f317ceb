//! Where the entries of a wheel live.

use std::mem;

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
    content: Content<T>,
}

/// What a place holds, and how often it was given back. That number stands in either
/// variant: there it takes no room beside the tag.
enum Content<T> {
    Free { generation: u32 },
    Value { generation: u32, value: T },
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
        let generation = entry.content.generation();
        entry.content = Content::Value { generation, value };
        self.free = entry.next;
        TimerKey { index, generation }
    }

    fn grow(&mut self, value: T) -> TimerKey {
        let index = u32::try_from(self.entries.len()).ok().filter(|index| *index != NIL);
        let index = index.expect("a wheel holds fewer than 2^32 entries");
        let content = Content::Value { generation: 0, value };
        self.entries.push(Entry { tick: 0, next: NIL, prev: NIL, content });
        TimerKey { index, generation: 0 }
    }

    /// Gives up the place at `index`, whose entry is in no list any more. A place
    /// that has been through all generations is not used again: its first keys must
    /// not come to life.
    #[inline]
    pub(super) fn remove(&mut self, index: u32) -> Option<T> {
        let free = self.free;
        let entry = self.entry(index);
        let old = entry.content.generation();
        let next = old.checked_add(1);
        let content = Content::Free { generation: next.unwrap_or(old) };
        let Content::Value { value, .. } = mem::replace(&mut entry.content, content) else { return None };
        if next.is_some() {
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
        match &entry.content {
            Content::Value { generation, value } if *generation == key.generation => Some(value),
            _ => None,
        }
    }

    #[inline]
    pub(super) fn value_mut(&mut self, key: TimerKey) -> Option<&mut T> {
        let entry = self.entries.get_mut(key.index as usize)?;
        match &mut entry.content {
            Content::Value { generation, value } if *generation == key.generation => Some(value),
            _ => None,
        }
    }

    /// The place at `index`, which exists.
    #[inline]
    pub(super) fn entry(&mut self, index: u32) -> &mut Entry<T> {
        &mut self.entries[index as usize]
    }

    /// The key of the entry at `index`.
    #[inline]
    pub(super) fn key(&self, index: u32) -> TimerKey {
        TimerKey { index, generation: self.entries[index as usize].content.generation() }
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len
    }
}

impl<T> Content<T> {
    #[inline]
    fn generation(&self) -> u32 {
        match self {
            Content::Free { generation } | Content::Value { generation, .. } => *generation,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Content, NIL, Slab};

    #[test]
    fn a_place_that_has_been_through_all_generations_is_not_used_again() {
        let mut slab = Slab::with_capacity(1);
        let first = slab.insert('a');
        slab.entry(first.index).content = Content::Value { generation: u32::MAX, value: 'a' };
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
