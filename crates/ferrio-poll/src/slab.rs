//! Values by index, each index with a generation.

/// Values by index. An index is used again, under another generation, so that the key of
/// a value that was removed finds nothing.
#[derive(Debug)]
pub(crate) struct Slab<T> {
    entries: Vec<Entry<T>>,
    /// The first free index.
    free: u32,
    len: usize,
    /// An index that has been through all generations up to this one is not used again:
    /// its first keys must not come to life.
    generation_last: u32,
}

/// The name of a value.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) index: u32,
    /// How often the index was in use when the value took it, this time included.
    pub(crate) generation: u32,
}

/// What an index holds. The generation stands in either variant: there it takes no room
/// beside the tag.
#[derive(Debug)]
enum Entry<T> {
    Free {
        /// That of the next value.
        generation: u32,
        /// The free index after this one.
        next: u32,
    },
    Value {
        generation: u32,
        value: T,
    },
}

/// No index: the end of a list of them.
pub(crate) const NIL: u32 = u32::MAX;

impl<T> Slab<T> {
    /// A slab with room for `capacity` values before it grows, and with generations from 1
    /// to `generation_last`.
    pub(crate) fn with_capacity(capacity: usize, generation_last: u32) -> Slab<T> {
        Slab { entries: Vec::with_capacity(capacity), free: NIL, len: 0, generation_last }
    }

    /// Stores `value` under [`next_key`](Slab::next_key).
    ///
    /// # Panics
    ///
    /// If every index is in use.
    #[inline]
    pub(crate) fn insert(&mut self, value: T) -> Key {
        self.len += 1;
        let index = self.free;
        let Some(entry) = self.entries.get_mut(index as usize) else {
            return self.grow(value);
        };
        let Entry::Free { generation, next } = *entry else { unreachable!("index {index} is in use") };
        *entry = Entry::Value { generation, value };
        self.free = next;
        Key { index, generation }
    }

    fn grow(&mut self, value: T) -> Key {
        let key = self.next_key();
        assert!(key.index != NIL, "a table holds fewer than 2^32 values");
        self.entries.push(Entry::Value { generation: key.generation, value });
        key
    }

    /// The key that the next value gets.
    pub(crate) fn next_key(&self) -> Key {
        match self.entries.get(self.free as usize) {
            Some(Entry::Free { generation, .. }) => Key { index: self.free, generation: *generation },
            // More than 2^32 - 1 entries cannot exist: `grow` sees to it.
            _ => Key { index: self.entries.len() as u32, generation: 1 },
        }
    }

    /// Takes out the value of `key`; `None` if the key is stale.
    #[inline]
    pub(crate) fn remove(&mut self, key: Key) -> Option<T> {
        let free = self.free;
        let entry = self.entries.get_mut(key.index as usize)?;
        if !matches!(entry, Entry::Value { generation, .. } if *generation == key.generation) {
            return None;
        }
        let is_used_up = key.generation >= self.generation_last;
        let freed = Entry::Free { generation: key.generation.wrapping_add(1), next: free };
        let Entry::Value { value, .. } = std::mem::replace(entry, freed) else { return None };
        if !is_used_up {
            self.free = key.index;
        }
        self.len -= 1;
        Some(value)
    }

    /// The value of `key`, to be changed; `None` if the key is stale.
    #[inline]
    pub(crate) fn get_mut(&mut self, key: Key) -> Option<&mut T> {
        match self.entries.get_mut(key.index as usize)? {
            Entry::Value { generation, value } if *generation == key.generation => Some(value),
            _ => None,
        }
    }

    /// The value of `key`; `None` if the key is stale.
    #[inline]
    pub(crate) fn get(&self, key: Key) -> Option<&T> {
        match self.entries.get(key.index as usize)? {
            Entry::Value { generation, value } if *generation == key.generation => Some(value),
            _ => None,
        }
    }

    /// The values of two keys, to be changed; `None` if either is stale or both are the same.
    pub(crate) fn get_two_mut(&mut self, one: Key, other: Key) -> Option<(&mut T, &mut T)> {
        if one.index == other.index {
            return None;
        }
        let (low, high) = (one.index.min(other.index) as usize, one.index.max(other.index) as usize);
        let (below, above) = self.entries.split_at_mut_checked(high)?;
        let (first, second) = (below.get_mut(low)?, above.first_mut()?);
        let (for_one, for_other) = if one.index < other.index { (first, second) } else { (second, first) };
        match (for_one, for_other) {
            (
                Entry::Value { generation: at_one, value: first },
                Entry::Value { generation: at_other, value: second },
            ) if *at_one == one.generation && *at_other == other.generation => Some((first, second)),
            _ => None,
        }
    }

    /// The value at `index`, which has one.
    #[inline]
    pub(crate) fn at(&mut self, index: u32) -> &mut T {
        match &mut self.entries[index as usize] {
            Entry::Value { value, .. } => value,
            Entry::Free { .. } => unreachable!("index {index} has no value"),
        }
    }

    /// The key of the value at `index`; `None` if there is no value.
    #[inline]
    pub(crate) fn key(&self, index: u32) -> Option<Key> {
        match self.entries.get(index as usize)? {
            Entry::Value { generation, .. } => Some(Key { index, generation: *generation }),
            Entry::Free { .. } => None,
        }
    }

    /// How many values there are.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// One more than the highest index that ever had a value.
    pub(crate) fn index_end(&self) -> u32 {
        // `grow` keeps it below 2^32.
        self.entries.len() as u32
    }

    /// How many bytes the entries take, those without a value included.
    #[cfg(test)]
    pub(crate) fn bytes(&self) -> usize {
        self.entries.capacity() * size_of::<Entry<T>>()
    }

    /// All values with their keys, in the order of their indices.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Key, &T)> {
        self.entries.iter().zip(0..).filter_map(|(entry, index)| match entry {
            Entry::Value { generation, value } => Some((Key { index, generation: *generation }, value)),
            Entry::Free { .. } => None,
        })
    }

    /// The same, to be changed.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (Key, &mut T)> {
        self.entries.iter_mut().zip(0..).filter_map(|(entry, index)| match entry {
            Entry::Value { generation, value } => Some((Key { index, generation: *generation }, value)),
            Entry::Free { .. } => None,
        })
    }
}

#[cfg(all(test, not(ferrio_loom)))]
mod tests {
    use super::{Key, Slab};

    #[test]
    fn a_stale_key_finds_nothing_though_its_index_is_used_again() {
        let mut slab = Slab::with_capacity(1, u32::MAX);
        let first = slab.insert("first");
        assert_eq!(slab.remove(first), Some("first"));
        assert_eq!(slab.key(first.index), None);
        let promised = slab.next_key();
        let second = slab.insert("second");
        assert_eq!((promised, second.index), (second, first.index));
        assert!(slab.get(first).is_none() && slab.get_mut(first).is_none() && slab.remove(first).is_none());
        assert_eq!((slab.get(second), slab.len()), (Some(&"second"), 1));
    }

    #[test]
    fn an_index_that_has_been_through_all_generations_is_not_used_again() {
        let mut slab = Slab::with_capacity(1, 2);
        let keys: Vec<Key> = (0..2)
            .map(|n| {
                let key = slab.insert(n);
                assert_eq!(slab.remove(key), Some(n));
                key
            })
            .collect();
        assert_eq!((keys[0].index, keys[1].index, keys[1].generation), (0, 0, 2));
        let next = slab.insert(2);
        assert_eq!((next.index, next.generation), (1, 1));
        assert!(keys.iter().all(|key| slab.get(*key).is_none()));
    }

    #[test]
    fn free_indices_are_used_in_turn_and_values_iterate_in_order() {
        let mut slab = Slab::with_capacity(0, u32::MAX);
        let keys: Vec<Key> = (0..4).map(|n| slab.insert(n)).collect();
        slab.remove(keys[1]);
        slab.remove(keys[2]);
        assert_eq!((slab.insert(5).index, slab.insert(6).index), (2, 1));
        assert_eq!(slab.iter().map(|(_, n)| *n).collect::<Vec<_>>(), [0, 6, 5, 3]);
        slab.iter_mut().for_each(|(_, n)| *n += 1);
        assert_eq!((*slab.at(2), slab.index_end()), (6, 4));
    }
}
