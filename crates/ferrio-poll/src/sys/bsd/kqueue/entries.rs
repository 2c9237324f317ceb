//! What is in a directory, and what two looks at it differ in.
//!
//! A kqueue says that a directory has changed and not how. So it is read again, and compared
//! with what was there before. What came and went between two looks is not seen, and the order
//! of what is seen is not that in which it happened.
//!
//! A file is known by its device, its inode and the time of its making: a name that went and one
//! that came, both of one file, are a move. Some file systems give the inode of a deleted file to
//! the next one, which was made later then; a time that went back is that of the same file, for
//! some systems set it to that of the last change if that is set to an earlier time.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};

/// What is in a directory, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Entries(pub(crate) BTreeMap<OsString, Entry>);

/// An entry of a directory.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) device: u64,
    pub(crate) inode: u64,
    /// When it was made, in nanoseconds; 0 where nothing tells it.
    pub(crate) born: i128,
    pub(crate) is_directory: bool,
}

/// Two looks at a watched directory.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Look<'a> {
    pub(crate) watch: i32,
    pub(crate) before: &'a Entries,
    pub(crate) after: &'a Entries,
}

/// What happened to an entry.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Action {
    Created,
    Deleted,
    MovedFrom,
    MovedTo,
}

/// A difference between two looks.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference<'a> {
    pub(crate) watch: i32,
    pub(crate) action: Action,
    pub(crate) name: &'a OsStr,
    /// Joins both halves of a move, counted from 1; 0 for what is no move.
    pub(crate) pair: u32,
    pub(crate) is_directory: bool,
}

/// A name that went or came.
#[derive(Copy, Clone, Debug)]
struct Name<'a> {
    watch: i32,
    name: &'a OsStr,
    entry: Entry,
}

/// What has happened between two looks at each of some directories, in an order in which no step
/// needs a name that a later one makes free: what was deleted, what was moved, what is new. Where
/// one file was moved to the name of another, the move is all that is said.
pub(crate) fn differences<'a>(looks: &[Look<'a>]) -> Vec<Difference<'a>> {
    let mut gone = Vec::new();
    let mut new: BTreeMap<(u64, u64), Vec<Name<'_>>> = BTreeMap::new();
    for look in looks {
        gone.extend(look.gone());
        for name in look.came() {
            new.entry(name.entry.file()).or_default().push(name);
        }
    }
    let mut moves = Vec::new();
    gone.retain(|from| {
        let candidates = new.get_mut(&from.entry.file());
        let Some(candidates) =
            candidates.filter(|names| names.iter().any(|to| is_same(from.entry, to.entry)))
        else {
            return true;
        };
        // All of them are names of one file.
        moves.push((*from, candidates.remove(0)));
        false
    });
    let taken: BTreeSet<_> = moves.iter().map(|(_, to)| to.place()).collect();
    gone.retain(|name| !taken.contains(&name.place()));
    let mut created: Vec<_> = new.into_values().flatten().collect();
    created.sort_by_key(Name::place);

    let mut found: Vec<_> = gone.iter().map(|name| name.difference(Action::Deleted, 0)).collect();
    add_moves(&moves, &mut found);
    found.extend(created.iter().map(|name| name.difference(Action::Created, 0)));
    found
}

/// Adds `moves` to `found`. One that makes a name free comes before the one that takes it. Where
/// they go round in a circle all names are left before one is taken.
fn add_moves<'a>(moves: &[(Name<'a>, Name<'a>)], found: &mut Vec<Difference<'a>>) {
    let sources: BTreeMap<_, _> =
        moves.iter().enumerate().map(|(at, (from, _))| (from.place(), at)).collect();
    let mut is_added = vec![false; moves.len()];
    let mut pair = 0;
    for first in 0..moves.len() {
        let mut chain = Vec::new();
        let mut next = Some(first);
        // No name is left twice or taken twice, so that this ends, if not in a circle.
        while let Some(at) = next.filter(|at| !is_added[*at]) {
            is_added[at] = true;
            chain.push(at);
            next = sources.get(&moves[at].1.place()).copied();
        }
        let is_circle = chain.len() > 1 && next == Some(first);
        let mut last_halves = Vec::new();
        for at in chain.into_iter().rev() {
            pair += 1;
            let (from, to) = &moves[at];
            found.push(from.difference(Action::MovedFrom, pair));
            let to = to.difference(Action::MovedTo, pair);
            if is_circle { last_halves.push(to) } else { found.push(to) }
        }
        found.extend(last_halves);
    }
}

impl<'a> Look<'a> {
    /// The names that are not there any more, or are those of other files.
    fn gone(self) -> impl Iterator<Item = Name<'a>> {
        let after = &self.after.0;
        self.names(self.before)
            .filter(|it| !after.get(it.name).is_some_and(|after| is_same(it.entry, *after)))
    }

    /// The names that were not there before, or were those of other files.
    fn came(self) -> impl Iterator<Item = Name<'a>> {
        let before = &self.before.0;
        self.names(self.after)
            .filter(|it| !before.get(it.name).is_some_and(|before| is_same(*before, it.entry)))
    }

    fn names(self, entries: &'a Entries) -> impl Iterator<Item = Name<'a>> {
        entries.0.iter().map(move |(name, entry)| Name { watch: self.watch, name, entry: *entry })
    }
}

impl<'a> Name<'a> {
    fn place(&self) -> (i32, &'a OsStr) {
        (self.watch, self.name)
    }

    fn difference(&self, action: Action, pair: u32) -> Difference<'a> {
        Difference { watch: self.watch, action, name: self.name, pair, is_directory: self.entry.is_directory }
    }
}

impl Entry {
    fn file(&self) -> (u64, u64) {
        (self.device, self.inode)
    }
}

/// True if `after` is the file that was `before`.
fn is_same(before: Entry, after: Entry) -> bool {
    before.file() == after.file() && after.born <= before.born
}

#[cfg(all(test, not(ferrio_loom)))]
mod tests;
