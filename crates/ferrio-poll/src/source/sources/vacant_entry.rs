//! A place in a table that has its token already.

use crate::source::sources::Sources;
use crate::token::Token;

/// A place in a table that has its token already; made by [`Sources::vacant_entry`]. If it is
/// dropped the table is as before.
#[derive(Debug)]
pub struct VacantEntry<'a, S> {
    pub(super) sources: &'a mut Sources<S>,
    pub(super) token: Token,
}

impl<'a, S> VacantEntry<'a, S> {
    /// The token of the value that will be put here.
    pub fn token(&self) -> Token {
        self.token
    }

    /// Puts `value` here.
    pub fn insert(self, value: S) -> &'a mut S {
        let key = self.sources.slab.insert(value);
        self.sources.slab.at(key.index)
    }
}
