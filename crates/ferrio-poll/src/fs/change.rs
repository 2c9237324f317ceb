//! What happened to a watched path.

use std::ffi::OsStr;
use std::num::NonZeroU32;

use crate::sys::watch::{self, Record};

/// A path that a [`Watch`](super::Watch) watches; made by its `add`.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WatchId(pub(super) i32);

/// What happened.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// The file, or the one named, was read or run.
    Accessed,
    /// Permissions, owner, times or the number of links changed.
    Attributes,
    /// The file, or the one named, was closed after it was open for writing: what was
    /// written is whole now.
    ClosedAfterWrite,
    /// The file, or the one named, was closed, and was open for reading only.
    ClosedWithoutWrite,
    /// The one named was made in the directory.
    Created,
    /// The one named was deleted from the directory.
    Deleted,
    /// The watch is over, because it was removed, or because what it watched is gone.
    /// Nothing comes after this with the same id.
    Ended,
    /// The file, or the one named, was written to or cut.
    Modified,
    /// The one named left the directory. If it came to a watched one, a `MovedTo` with
    /// the same cookie follows.
    MovedFrom,
    /// The one named came to the directory.
    MovedTo,
    /// The file or directory, or the one named, was opened.
    Opened,
    /// Changes of any watch are missing here, for they came faster than they were
    /// taken: look at the directories anew.
    Overflow,
    /// What is watched was deleted.
    SelfDeleted,
    /// What is watched was renamed; it is watched on, under its new name.
    SelfMoved,
    /// The file system of what is watched was unmounted.
    Unmounted,
}

/// Something that happened to a watched path.
///
/// The name is borrowed from the buffer of the [`Watch`](super::Watch) until the next
/// change is taken.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Change<'a> {
    /// Which path. `None` for an overflow, which is of all.
    watch: Option<WatchId>,
    kind: Kind,
    /// The entry of a watched directory.
    name: Option<&'a OsStr>,
    /// Joins both halves of a rename.
    cookie: Option<NonZeroU32>,
    is_directory: bool,
}

impl<'a> Change<'a> {
    pub(super) fn new(record: Record<'a>) -> Change<'a> {
        let kind = Kind::of(record.bit);
        Change {
            watch: (kind != Kind::Overflow).then_some(WatchId(record.watch)),
            kind,
            name: record.name,
            cookie: NonZeroU32::new(record.cookie),
            is_directory: record.is_directory,
        }
    }

    /// Which watched path it is about; `None` for an overflow, which is about all.
    pub fn id(&self) -> Option<WatchId> {
        self.watch
    }

    /// What happened.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The entry of the watched directory that it happened to; `None` if it happened to
    /// the watched file or directory itself. Any bytes but `/` and zero may be in it.
    pub fn name(&self) -> Option<&'a OsStr> {
        self.name
    }

    /// The number that joins the `MovedFrom` and the `MovedTo` of one rename.
    pub fn cookie(&self) -> Option<NonZeroU32> {
        self.cookie
    }

    /// True if it happened to a directory.
    pub fn is_directory(&self) -> bool {
        self.is_directory
    }
}

impl Kind {
    fn of(bit: u32) -> Kind {
        match bit {
            watch::ACCESSED => Kind::Accessed,
            watch::ATTRIBUTES => Kind::Attributes,
            watch::CLOSED_AFTER_WRITE => Kind::ClosedAfterWrite,
            watch::CLOSED_WITHOUT_WRITE => Kind::ClosedWithoutWrite,
            watch::CREATED => Kind::Created,
            watch::DELETED => Kind::Deleted,
            watch::ENDED => Kind::Ended,
            watch::MODIFIED => Kind::Modified,
            watch::MOVED_FROM => Kind::MovedFrom,
            watch::MOVED_TO => Kind::MovedTo,
            watch::OPENED => Kind::Opened,
            watch::OVERFLOW => Kind::Overflow,
            watch::SELF_DELETED => Kind::SelfDeleted,
            watch::SELF_MOVED => Kind::SelfMoved,
            watch::UNMOUNTED => Kind::Unmounted,
            _ => unreachable!("the system gave the bit {bit:#x}, which it does not list"),
        }
    }
}
