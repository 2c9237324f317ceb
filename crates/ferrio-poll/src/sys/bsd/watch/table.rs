//! The watches of a `Watcher`, and what the kernel has to tell of them.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use rustix::io::Errno;

use super::super::kqueue::entries::{self, Entries, Look};
use super::super::kqueue::kevent::{
    Kevent, NOTE_ATTRIB, NOTE_DELETE, NOTE_EXTEND, NOTE_LINK, NOTE_RENAME, NOTE_REVOKE, NOTE_WRITE,
};
use super::super::kqueue::queue::{NOTE_TRUNCATE, Queue, ROOM};
use super::super::kqueue::wake::Wake;
use super::changes::{Changes, OF_NAMES, Pending};
use super::node::{FileId, Node};
use super::{ATTRIBUTES, ENDED, MODIFIED, MORE_KINDS, SELF_DELETED, SELF_MOVED, UNMOUNTED, directory};

/// The watches, and the changes that were not taken yet.
#[derive(Debug, Default)]
pub(super) struct Table {
    watches: BTreeMap<i32, Watched>,
    /// The watch of each file.
    ids: BTreeMap<FileId, i32>,
    changes: Changes,
    last_id: i32,
    /// What the kernel has reported.
    found: Vec<Kevent>,
}

/// A watched file or directory.
#[derive(Debug)]
struct Watched {
    node: Node,
    kinds: u32,
    /// What was in the directory at the last look, if it is watched for that.
    entries: Option<Entries>,
}

impl Table {
    /// The next change.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is none and the kernel has no event left.
    pub(super) fn next(&mut self, queue: &Queue, wake: &Wake) -> io::Result<Pending> {
        loop {
            if let Some(change) = self.changes.pop() {
                return Ok(change);
            }
            let may_have_more = self.collect(queue, wake)?;
            if self.changes.is_empty() && !may_have_more {
                return Err(io::ErrorKind::WouldBlock.into());
            }
        }
    }

    /// True if there are changes that were not taken yet.
    pub(super) fn has_changes(&self) -> bool {
        !self.changes.is_empty()
    }

    /// Watches `node` for the kinds in `bits`, which are added to those of before or replace them.
    /// All that the kernel had to tell was collected.
    pub(super) fn add(&mut self, queue: &Queue, node: Node, bits: u32) -> Result<i32, Errno> {
        let kinds = node.told(bits);
        if let Some(id) = self.ids.get(&node.file) {
            let known = self.watches.get_mut(id).expect("a watch for each id");
            let kinds = if bits & MORE_KINDS == 0 { kinds } else { kinds | known.kinds };
            known.watch_for(queue, *id, kinds)?;
            return Ok(*id);
        }
        let id = self.last_id + 1;
        let file = node.file;
        let mut watched = Watched { node, kinds: 0, entries: None };
        watched.watch_for(queue, id, kinds)?;
        // It may have been deleted before the kernel looked at it.
        if watched.node.is_deleted() {
            return Err(Errno::NOENT);
        }
        self.last_id = id;
        self.watches.insert(id, watched);
        self.ids.insert(file, id);
        Ok(id)
    }

    /// Ends a watch; false if there is none of this number.
    pub(super) fn remove(&mut self, id: i32) -> bool {
        let removed = self.watches.remove(&id);
        if let Some(watched) = &removed {
            self.ids.remove(&watched.node.file);
            self.changes.push(Pending { watch: id, bit: ENDED, ..Pending::default() });
        }
        removed.is_some()
    }

    /// Collects all that the kernel has to tell now.
    pub(super) fn collect_all(&mut self, queue: &Queue, wake: &Wake) -> io::Result<()> {
        // Each watch is told of once in this many steps, whatever is added meanwhile.
        for _ in 0..=self.watches.len() / ROOM + 1 {
            if !self.collect(queue, wake)? {
                break;
            }
        }
        Ok(())
    }

    /// Collects one list of what the kernel has to tell. True if it may have more.
    fn collect(&mut self, queue: &Queue, wake: &Wake) -> io::Result<bool> {
        loop {
            match queue.wait(&mut self.found, ROOM, Some(Duration::ZERO)) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result?,
            }
        }
        let is_full = self.found.len() == ROOM;
        if self.found.iter().any(|kevent| wake.is_meant(kevent)) {
            wake.taken();
        }
        self.found.retain(|kevent| !wake.is_meant(kevent));
        self.look_again();
        for at in 0..self.found.len() {
            let Kevent { udata, fflags, .. } = self.found[at];
            self.tell_of_itself(udata as i32, fflags);
        }
        Ok(is_full)
    }

    /// Looks at the directories in which names came or went, all before one is compared: a name
    /// may have moved from one to another.
    fn look_again(&mut self) {
        let mut looked = Vec::new();
        for kevent in &self.found {
            let id = kevent.udata as i32;
            let Some(watched) = self.watches.get_mut(&id) else { continue };
            if kevent.fflags & OF_ENTRIES == 0 || watched.entries.is_none() {
                continue;
            }
            let after = match directory::read(watched.node.as_fd()) {
                // Nothing is in it any more, whatever a system says of reading it.
                Err(_) if kevent.fflags & NOTE_DELETE != 0 => Ok(Entries::default()),
                result => result,
            };
            match after {
                Ok(after) => looked.extend(watched.entries.replace(after).map(|before| (id, before))),
                // The next look tells what is missing now.
                Err(_) => self.changes.overflow(),
            }
        }
        let watches = &self.watches;
        let looks: Vec<_> = looked
            .iter()
            .filter_map(|(id, before)| {
                let after = watches[id].entries.as_ref()?;
                Some(Look { watch: *id, before, after })
            })
            .collect();
        self.changes.push_differences(&entries::differences(&looks), |id| watches[&id].kinds);
    }

    /// Tells what happened to a watched file or directory itself.
    fn tell_of_itself(&mut self, id: i32, notes: u32) {
        let Table { watches, changes, .. } = self;
        let Some(Watched { node, kinds, .. }) = watches.get_mut(&id) else { return };
        let (kinds, is_directory) = (*kinds, node.is_directory);
        let mut push = |is_so: bool, bit| {
            if is_so && (kinds & bit != 0 || bit == UNMOUNTED) {
                changes.push(Pending { watch: id, bit, is_directory, ..Pending::default() });
            }
        };
        let is_gone = notes & NOTE_DELETE != 0 && is_directory
            || notes & (NOTE_DELETE | NOTE_LINK) != 0 && node.is_deleted();
        let is_revoked = notes & NOTE_REVOKE != 0;
        push(notes & NOTE_RENAME != 0, SELF_MOVED);
        let is_written = notes & OF_CONTENTS != 0;
        let is_resized = notes & (OF_CONTENTS | NOTE_ATTRIB) != 0 && node.is_resized();
        push((is_written || is_resized) && !is_directory, MODIFIED);
        // It lost a name.
        let is_changed = notes & (NOTE_DELETE | NOTE_LINK) != 0 && !is_directory;
        push(notes & NOTE_ATTRIB != 0 || is_changed, ATTRIBUTES);
        push(is_gone, SELF_DELETED);
        push(is_revoked, UNMOUNTED);
        if is_gone || is_revoked {
            self.remove(id);
        }
    }
}

impl Watched {
    /// Watches for `kinds` from here on.
    fn watch_for(&mut self, queue: &Queue, id: i32, kinds: u32) -> Result<(), Errno> {
        self.node.register(queue, id, kinds)?;
        if kinds & !self.kinds & MODIFIED != 0 {
            self.node.remember_size();
        }
        // After it is watched, so that nothing is between.
        if !self.node.is_directory || kinds & OF_NAMES == 0 {
            self.entries = None;
        } else if self.entries.is_none() {
            let entries = directory::read(self.node.as_fd()).inspect_err(|_| {
                // The watch of before goes on. A new one ends with its node.
                let _ = self.node.register(queue, id, self.kinds);
            });
            self.entries = Some(entries?);
        }
        self.kinds = kinds;
        Ok(())
    }
}

/// The notes of a directory after which its entries may be others.
const OF_ENTRIES: u32 = NOTE_WRITE | NOTE_EXTEND | NOTE_LINK | NOTE_DELETE;

/// The notes of a file whose contents changed.
const OF_CONTENTS: u32 = NOTE_WRITE | NOTE_EXTEND | NOTE_TRUNCATE;
