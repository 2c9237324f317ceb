//! An entry of a wheel.

use crate::slab::Slab;

/// An entry of a wheel: a value, its deadline, and its neighbours.
pub(super) struct Entry<T> {
    /// When it is due.
    pub(super) tick: u64,
    /// The neighbours in the list of its slot.
    pub(super) next: u32,
    pub(super) prev: u32,
    pub(super) value: T,
}

/// The entries of a wheel.
pub(super) type Entries<T> = Slab<Entry<T>>;
