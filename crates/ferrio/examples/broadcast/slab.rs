//! Clients by token.

use std::io;

use ferrio::Token;

/// A table whose tokens hold the slot in the low half and its generation in the
/// high half: a stale event finds nobody, even if the slot is in use again.
pub(crate) struct Slab<T> {
    slots: Vec<(usize, Option<T>)>,
    free: Vec<usize>,
}

const HALF: u32 = usize::BITS / 2;
const SLOT: usize = usize::MAX >> HALF;

impl<T> Slab<T> {
    pub(crate) const EMPTY: Self = Self { slots: Vec::new(), free: Vec::new() };

    pub(crate) fn insert(&mut self, make: impl FnOnce(Token) -> io::Result<T>) -> io::Result<()> {
        let slot = self.free.pop().unwrap_or(self.slots.len());
        self.slots.resize_with(self.slots.len().max(slot + 1), || (0, None));
        let (generation, value) = &mut self.slots[slot];
        *value = make(Token(*generation << HALF | slot)).inspect_err(|_| self.free.push(slot)).map(Some)?;
        Ok(())
    }

    pub(crate) fn remove(&mut self, token: Token) -> Option<T> {
        self.get_mut(token)?;
        let (generation, value) = &mut self.slots[token.0 & SLOT];
        *generation = (*generation + 1) & SLOT;
        self.free.push(token.0 & SLOT);
        value.take()
    }

    pub(crate) fn get_mut(&mut self, token: Token) -> Option<&mut T> {
        let (generation, value) = self.slots.get_mut(token.0 & SLOT)?;
        value.as_mut().filter(|_| *generation == token.0 >> HALF)
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (Token, &mut T)> {
        let slots = self.slots.iter_mut().enumerate();
        slots.filter_map(|(i, (at, value))| Some((Token(*at << HALF | i), value.as_mut()?)))
    }
}
