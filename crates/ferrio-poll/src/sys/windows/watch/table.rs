//! The watches of a `Watcher`, and what their directories have to tell.
//!
//! A directory is watched by its own changes, which are those of its entries. What happens to a
//! file, or to the directory itself, is a change of the directory around it.

use std::collections::{BTreeMap, VecDeque};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::mem;
use std::path::Path;
use std::sync::Arc;

use windows_sys::Win32::Storage::FileSystem::{
    FILE_NOTIFY_CHANGE, FILE_NOTIFY_CHANGE_ATTRIBUTES, FILE_NOTIFY_CHANGE_CREATION,
    FILE_NOTIFY_CHANGE_DIR_NAME, FILE_NOTIFY_CHANGE_FILE_NAME, FILE_NOTIFY_CHANGE_LAST_WRITE,
    FILE_NOTIFY_CHANGE_SECURITY, FILE_NOTIFY_CHANGE_SIZE,
};

use crate::sys::windows::watch::directory::{Directory, Ended};
use crate::sys::windows::watch::lookup::{self, Identity, Lookup};
use crate::sys::windows::watch::manual_event::ManualEvent;
use crate::sys::windows::watch::notices::{Action, Notices};
use crate::sys::windows::watch::{
    ATTRIBUTES, CREATED, DELETED, ENDED, MODIFIED, MOVED_FROM, MOVED_TO, OVERFLOW, SELF_DELETED, SELF_MOVED,
};

/// The watches, and the changes that were not taken yet.
#[derive(Debug)]
pub(super) struct Table {
    /// Signalled while there is something to take.
    pub(super) event: Arc<ManualEvent>,
    watches: BTreeMap<i32, Watched>,
    changes: Changes,
    last_id: i32,
    /// The records that are being read.
    records: Vec<u8>,
}

/// A watched file or directory.
#[derive(Debug)]
struct Watched {
    identity: Identity,
    is_directory: bool,
    kinds: u32,
    /// The directory itself, for its entries.
    entries: Option<Directory>,
    /// The directory around it, and its name in there.
    around: Option<(Directory, OsString)>,
    /// The number of the rename whose second half is still to come.
    cookie: u32,
}

/// A change that was not taken yet.
#[derive(Debug, Default)]
pub(super) struct Pending {
    pub(super) watch: i32,
    pub(super) bit: u32,
    pub(super) cookie: u32,
    pub(super) is_directory: bool,
    pub(super) name: Option<OsString>,
}

#[derive(Debug, Default)]
struct Changes {
    pending: VecDeque<Pending>,
    last_cookie: u32,
}

impl Table {
    pub(super) fn new() -> io::Result<Table> {
        Ok(Table {
            event: Arc::new(ManualEvent::new()?),
            watches: BTreeMap::new(),
            changes: Changes::default(),
            last_id: 0,
            records: Vec::new(),
        })
    }

    /// The next change, if there is one.
    pub(super) fn next(&mut self) -> Option<Pending> {
        if self.changes.pending.is_empty() {
            // Before the look: what ends after it signals again.
            self.event.reset();
            self.collect();
            self.settle();
        }
        self.changes.pending.pop_front()
    }

    /// Watches what `lookup` found for `kinds`, which are added to those of before or replace
    /// them.
    pub(super) fn add(&mut self, lookup: &Lookup, kinds: u32, adds: bool) -> io::Result<i32> {
        // What has happened so far is told by the kinds of before.
        self.collect();
        let known = self.watches.iter().find(|(_, watched)| watched.identity == lookup.identity);
        let (id, before) = known.map_or((self.last_id + 1, 0), |(id, watched)| (*id, watched.kinds));
        let kinds = if adds { kinds | before } else { kinds };
        let result = Watched::open(lookup, kinds, &self.event).map(|watched| {
            self.watches.insert(id, watched);
            self.last_id = self.last_id.max(id);
            id
        });
        self.settle();
        result
    }

    /// Ends a watch; false if there is none of this number.
    pub(super) fn remove(&mut self, id: i32) -> bool {
        self.collect();
        let removed = self.watches.remove(&id);
        let is_removed = removed.is_some();
        drop(removed);
        if is_removed {
            self.changes.push(Pending { watch: id, bit: ENDED, ..Pending::default() });
        }
        self.settle();
        is_removed
    }

    /// Signals the event if there is something to take, after whatever may have reset it.
    fn settle(&mut self) {
        if !self.changes.pending.is_empty() || self.watches.values().any(Watched::has_ended) {
            self.event.set();
        }
    }

    /// Takes what the directories have to tell, and has them go on.
    fn collect(&mut self) {
        let Table { watches, changes, records, .. } = self;
        watches.retain(|id, watched| watched.collect(*id, changes, records));
    }
}

impl Watched {
    fn open(lookup: &Lookup, kinds: u32, event: &Arc<ManualEvent>) -> io::Result<Watched> {
        let &Lookup { identity, ref path, is_directory } = lookup;
        let entries =
            if is_directory { Some(Directory::open(path, filter_of_entries(kinds), event)?) } else { None };
        // The end of a directory is the end of reading it as well.
        let needs_around = !is_directory || kinds & (SELF_DELETED | SELF_MOVED) != 0;
        let around = match (path.parent(), path.file_name()) {
            (Some(parent), Some(name)) if needs_around => {
                Some((Directory::open(parent, filter_around(kinds, is_directory), event)?, name.to_owned()))
            }
            // The top of a volume stays where it is.
            _ => None,
        };
        Ok(Watched { identity, is_directory, kinds, entries, around, cookie: 0 })
    }

    /// True if an operation has ended that was not taken yet.
    fn has_ended(&self) -> bool {
        self.entries.as_ref().is_some_and(Directory::has_ended)
            || self.around.as_ref().is_some_and(|(directory, _)| directory.has_ended())
    }

    /// Takes what there is to tell; false if the watch is over.
    fn collect(&mut self, id: i32, changes: &mut Changes, records: &mut Vec<u8>) -> bool {
        let goes_on = self.collect_entries(id, changes, records) && self.collect_around(id, changes, records);
        if !goes_on {
            self.push(id, changes, SELF_DELETED, None);
            changes.push(Pending { watch: id, bit: ENDED, ..Pending::default() });
        }
        goes_on
    }

    fn collect_entries(&mut self, id: i32, changes: &mut Changes, records: &mut Vec<u8>) -> bool {
        let Some(mut directory) = self.entries.take() else {
            return true;
        };
        while let Some(ended) = directory.take(records) {
            match ended {
                Ended::Records(_) => {
                    for (action, name) in Notices::new(records) {
                        self.entry_changed(id, action, name, &directory, changes);
                    }
                }
                Ended::Overflow => changes.overflow(),
                Ended::Cancelled => {}
                Ended::Gone => return false,
            }
            if directory.begin().is_err() {
                return false;
            }
        }
        self.entries = Some(directory);
        true
    }

    fn collect_around(&mut self, id: i32, changes: &mut Changes, records: &mut Vec<u8>) -> bool {
        let Some((mut directory, mut own_name)) = self.around.take() else {
            return true;
        };
        while let Some(ended) = directory.take(records) {
            match ended {
                Ended::Records(_) => {
                    let mut is_renamed = false;
                    for (action, name) in Notices::new(records) {
                        // The second half of a rename comes right after the first one.
                        if mem::take(&mut is_renamed) && action == Some(Action::RenamedTo) {
                            own_name = name;
                        } else if is_same(&name, &own_name) {
                            is_renamed = action == Some(Action::RenamedFrom);
                            if !self.itself_changed(id, action, changes) {
                                return false;
                            }
                        }
                    }
                }
                Ended::Overflow => changes.overflow(),
                Ended::Cancelled => {}
                // So is what is in it.
                Ended::Gone => return false,
            }
            if directory.begin().is_err() {
                return false;
            }
        }
        self.around = Some((directory, own_name));
        true
    }

    /// Something happened to an entry of the directory.
    fn entry_changed(
        &mut self,
        id: i32,
        action: Option<Action>,
        name: OsString,
        directory: &Directory,
        changes: &mut Changes,
    ) {
        let bit = match action {
            Some(Action::Added) => CREATED,
            Some(Action::Modified) => self.modified(),
            Some(Action::Removed) => DELETED,
            Some(Action::RenamedFrom) => MOVED_FROM,
            Some(Action::RenamedTo) => MOVED_TO,
            None => return,
        };
        let cookie = match bit {
            MOVED_FROM => {
                self.cookie = changes.next_cookie();
                self.cookie
            }
            MOVED_TO => mem::take(&mut self.cookie),
            _ => 0,
        };
        if bit & self.kinds == 0 {
            return;
        }
        // What is gone cannot be asked any more.
        let is_there = matches!(bit, CREATED | MODIFIED | MOVED_TO | ATTRIBUTES);
        let is_directory = is_there && is_directory(directory, &name);
        // That of a directory says that its entries changed.
        if !(bit == MODIFIED && is_directory) {
            changes.push(Pending { watch: id, bit, cookie, is_directory, name: Some(name) });
        }
    }

    /// Something happened to what is watched; false if it is gone.
    fn itself_changed(&mut self, id: i32, action: Option<Action>, changes: &mut Changes) -> bool {
        match action {
            Some(Action::Modified) if !self.is_directory => self.push(id, changes, self.modified(), None),
            Some(Action::RenamedFrom) => self.push(id, changes, SELF_MOVED, None),
            // A directory that went elsewhere still has its entries.
            Some(Action::Removed)
                if self.entries.as_ref().is_some_and(|it| !lookup::is_deleted(it.file())) =>
            {
                self.push(id, changes, SELF_MOVED, None);
            }
            Some(Action::Removed) => return false,
            // It was replaced, which is told as its removal before.
            _ => {}
        }
        true
    }

    /// What a modification is told as: Windows does not say whether it is one of the data.
    fn modified(&self) -> u32 {
        if self.kinds & MODIFIED != 0 { MODIFIED } else { ATTRIBUTES }
    }

    fn push(&self, id: i32, changes: &mut Changes, bit: u32, name: Option<OsString>) {
        if bit & self.kinds != 0 {
            let is_directory = self.is_directory;
            changes.push(Pending { watch: id, bit, cookie: 0, is_directory, name });
        }
    }
}

impl Changes {
    fn push(&mut self, change: Pending) {
        let is_repeated = self.pending.back().is_some_and(|last| {
            // A write is told as one of the data and one of the size.
            change.bit == MODIFIED
                && (last.watch, last.bit, &last.name) == (change.watch, MODIFIED, &change.name)
        });
        if is_repeated {
            return;
        }
        // The end of a watch is never missing.
        if self.pending.len() < PENDING_MAX || change.bit == ENDED {
            self.pending.push_back(change);
        } else {
            self.overflow();
        }
    }

    /// Changes of some watch are missing here.
    fn overflow(&mut self) {
        if self.pending.back().is_none_or(|last| last.bit != OVERFLOW) {
            self.pending.push_back(Pending { watch: -1, bit: OVERFLOW, ..Pending::default() });
        }
    }

    fn next_cookie(&mut self) -> u32 {
        self.last_cookie = self.last_cookie.wrapping_add(1).max(1);
        self.last_cookie
    }
}

/// True if the entry `name` is a directory now, and no link to one.
fn is_directory(directory: &Directory, name: &OsStr) -> bool {
    let path = lookup::final_path(directory.file());
    path.is_ok_and(|path| is_directory_at(&path.join(name)))
}

fn is_directory_at(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

/// Windows gives the name as it was made, whatever it was called by.
fn is_same(name: &OsStr, own: &OsStr) -> bool {
    name == own || name.to_string_lossy().to_lowercase() == own.to_string_lossy().to_lowercase()
}

/// What the entries of a directory are watched for.
fn filter_of_entries(kinds: u32) -> FILE_NOTIFY_CHANGE {
    // Something has to be asked for, to hear of the end.
    let names = FILE_NOTIFY_CHANGE_DIR_NAME;
    let all_names = if kinds & (CREATED | DELETED | MOVED_FROM | MOVED_TO) != 0 {
        FILE_NOTIFY_CHANGE_FILE_NAME
    } else {
        0
    };
    names | all_names | filter_of_contents(kinds)
}

/// What is watched for around a file, or around a directory.
fn filter_around(kinds: u32, is_directory: bool) -> FILE_NOTIFY_CHANGE {
    if is_directory {
        FILE_NOTIFY_CHANGE_DIR_NAME
    } else {
        // A link to a directory is one by its name.
        FILE_NOTIFY_CHANGE_FILE_NAME | FILE_NOTIFY_CHANGE_DIR_NAME | filter_of_contents(kinds)
    }
}

fn filter_of_contents(kinds: u32) -> FILE_NOTIFY_CHANGE {
    let mut filter = 0;
    if kinds & MODIFIED != 0 {
        filter |= FILE_NOTIFY_CHANGE_LAST_WRITE | FILE_NOTIFY_CHANGE_SIZE;
    }
    if kinds & ATTRIBUTES != 0 {
        filter |= FILE_NOTIFY_CHANGE_ATTRIBUTES | FILE_NOTIFY_CHANGE_SECURITY | FILE_NOTIFY_CHANGE_CREATION;
    }
    filter
}

/// The most changes that wait to be taken, as with inotify(7).
const PENDING_MAX: usize = 16_384;
