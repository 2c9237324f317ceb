//! Changes of paths, by ReadDirectoryChangesW.
//!
//! Each watch has one or two directories open, see `table`. Their operations all signal one
//! event, and that is what a Poll sees.

mod directory;
mod lookup;
mod manual_event;
mod notices;
mod table;

use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::os::windows::io::{AsHandle, BorrowedHandle};
use std::path::Path;
use std::sync::Arc;

use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_DIRECTORY, ERROR_FILE_NOT_FOUND, ERROR_INVALID_FUNCTION, ERROR_INVALID_NAME,
    ERROR_PATH_NOT_FOUND,
};

use crate::error::watches;
use crate::sync::{Mutex, lock};
use crate::sys::windows::handle::{AsSource, Handle};
use crate::sys::windows::watch::manual_event::ManualEvent;
use crate::sys::windows::watch::table::{Pending, Table};

pub(crate) const ACCESSED: u32 = 1;
pub(crate) const ATTRIBUTES: u32 = 1 << 1;
pub(crate) const CLOSED_AFTER_WRITE: u32 = 1 << 2;
pub(crate) const CLOSED_WITHOUT_WRITE: u32 = 1 << 3;
pub(crate) const CREATED: u32 = 1 << 4;
pub(crate) const DELETED: u32 = 1 << 5;
pub(crate) const ENDED: u32 = 1 << 6;
pub(crate) const MODIFIED: u32 = 1 << 7;
pub(crate) const MOVED_FROM: u32 = 1 << 8;
pub(crate) const MOVED_TO: u32 = 1 << 9;
pub(crate) const OPENED: u32 = 1 << 10;
pub(crate) const OVERFLOW: u32 = 1 << 11;
pub(crate) const SELF_DELETED: u32 = 1 << 12;
pub(crate) const SELF_MOVED: u32 = 1 << 13;
/// Never given: a volume is not unmounted while a directory of it is open.
pub(crate) const UNMOUNTED: u32 = 1 << 14;

/// To be added to the bits of a watch: it watches a symbolic link, and not what that leads to.
pub(crate) const LINK_ITSELF: u32 = 1 << 15;
/// The bits are added to those that the path is watched for.
pub(crate) const MORE_KINDS: u32 = 1 << 16;
/// What is no directory is refused.
pub(crate) const ONLY_DIRECTORIES: u32 = 1 << 17;

/// The kinds that this system does not tell.
pub(crate) const UNTOLD: u32 = ACCESSED | CLOSED_AFTER_WRITE | CLOSED_WITHOUT_WRITE | OPENED;

/// The kinds that can be asked for.
const KINDS: u32 =
    ATTRIBUTES | CREATED | DELETED | MODIFIED | MOVED_FROM | MOVED_TO | SELF_DELETED | SELF_MOVED;

/// Watched paths, signalled when one of them changed.
#[derive(Debug)]
pub(crate) struct Watcher {
    /// What a Poll sees.
    event: Arc<ManualEvent>,
    table: Mutex<Table>,
}

impl Watcher {
    pub(crate) fn new() -> io::Result<Watcher> {
        let table = Table::new()?;
        Ok(Watcher { event: Arc::clone(&table.event), table: Mutex::new(table) })
    }

    /// Watches `path` for the changes in `bits`, in the way that they say; the number of the
    /// watch.
    pub(crate) fn add(&self, path: &Path, bits: u32) -> io::Result<i32> {
        if bits & UNTOLD != 0 {
            return Err(watches::kinds_not_told(path, &names(bits & UNTOLD)));
        }
        let refusal = |error| refusal(&error, path);
        let found = lookup::look_up(path, bits & LINK_ITSELF != 0).map_err(refusal)?;
        if bits & ONLY_DIRECTORIES != 0 && !found.is_directory {
            return Err(watches::path_not_watched(io::ErrorKind::NotADirectory, path, NO_DIRECTORY));
        }
        lock(&self.table).add(&found, bits & KINDS, bits & MORE_KINDS != 0).map_err(refusal)
    }

    /// Ends a watch.
    pub(crate) fn remove(&self, watch: i32) -> io::Result<()> {
        if lock(&self.table).remove(watch) { Ok(()) } else { Err(watches::watch_missing(watch)) }
    }
}

impl AsHandle for Watcher {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.event.as_handle()
    }
}

impl AsSource for Watcher {
    fn as_source(&self) -> Handle<'_> {
        Handle::Object(self.as_handle())
    }
}

/// A change.
#[derive(Debug)]
pub(crate) struct Record<'a> {
    pub(crate) watch: i32,
    /// One of the constants above.
    pub(crate) bit: u32,
    pub(crate) cookie: u32,
    pub(crate) is_directory: bool,
    pub(crate) name: Option<&'a OsStr>,
}

/// The change that was taken last; the others wait in the `Watcher`.
pub(crate) struct Records {
    last: Pending,
}

impl Records {
    pub(crate) fn new() -> Records {
        Records { last: Pending::default() }
    }

    /// The next change.
    pub(crate) fn next(&mut self, watcher: &Watcher) -> io::Result<Record<'_>> {
        self.last = lock(&watcher.table).next().ok_or(io::ErrorKind::WouldBlock)?;
        let Pending { watch, bit, cookie, is_directory, ref name } = self.last;
        Ok(Record { watch, bit, cookie, is_directory, name: name.as_deref() })
    }
}

impl fmt::Debug for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records").finish_non_exhaustive()
    }
}

/// The answer to a watch on `path` that the system refused with `error`.
fn refusal(error: &io::Error, path: &Path) -> io::Error {
    let advice = match error.raw_os_error().map(|code| code as u32) {
        Some(ERROR_FILE_NOT_FOUND | ERROR_PATH_NOT_FOUND) => {
            "there is nothing of that name: make it first, or watch the directory it will be in"
        }
        Some(ERROR_ACCESS_DENIED) => {
            "it may not be read, or is about to be deleted: a watch needs the permission to read the \
             directory, or the one around a file"
        }
        Some(ERROR_DIRECTORY) => NO_DIRECTORY,
        Some(ERROR_INVALID_NAME) => "it is no valid name",
        Some(ERROR_INVALID_FUNCTION) => "the file system does not tell of changes",
        _ => return watches::path_not_watched(error.kind(), path, error),
    };
    watches::path_not_watched(error.kind(), path, advice)
}

/// The names of the kinds in `bits`, of those that are not told.
fn names(bits: u32) -> String {
    let names = [
        (ACCESSED, "ACCESSED"),
        (CLOSED_AFTER_WRITE, "CLOSED_AFTER_WRITE"),
        (CLOSED_WITHOUT_WRITE, "CLOSED_WITHOUT_WRITE"),
        (OPENED, "OPENED"),
    ];
    let names: Vec<_> = names.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, name)| *name).collect();
    names.join(" | ")
}

const NO_DIRECTORY: &str = "it, or a part of the path, is no directory";
