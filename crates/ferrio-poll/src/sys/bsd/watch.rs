//! Changes of paths, by `EVFILT_VNODE` of kqueue(2).
//!
//! Each watched file or directory is open for as long as it is watched. The filter says that
//! something of one kind has happened to it, once for however often. A directory is read again
//! then, see [`entries`](super::kqueue::entries), so that what is told of its entries is
//! what differs from the last look, and nothing of what happens inside of them.

mod changes;
mod directory;
mod node;
mod table;

use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

use rustix::io::Errno;

use self::changes::Pending;
use self::node::Node;
use self::table::Table;
use super::kqueue::queue::Queue;
use super::kqueue::wake::Wake;
use crate::error::watches;
use crate::sync::{Mutex, lock};

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
pub(crate) const UNMOUNTED: u32 = 1 << 14;

/// To be added to the bits of a watch: it watches a symbolic link, and not what that leads to.
pub(crate) const LINK_ITSELF: u32 = 1 << 15;
/// The bits are added to those that the path is watched for.
pub(crate) const MORE_KINDS: u32 = 1 << 16;
/// What is no directory is refused.
pub(crate) const ONLY_DIRECTORIES: u32 = 1 << 17;

/// The kinds that this system does not tell.
pub(crate) const UNTOLD: u32 = ACCESSED | CLOSED_AFTER_WRITE | CLOSED_WITHOUT_WRITE | OPENED;

/// Watched paths: readable when one of them changed.
#[derive(Debug)]
pub(crate) struct Watcher {
    queue: Queue,
    /// Makes it readable while there are changes that were read and not taken.
    wake: Wake,
    table: Mutex<Table>,
}

impl Watcher {
    pub(crate) fn new() -> io::Result<Watcher> {
        let queue = Queue::new()?;
        let wake = Wake::new(&queue)?;
        Ok(Watcher { queue, wake, table: Mutex::new(Table::default()) })
    }

    /// Watches `path` for the changes in `bits`, in the way that they say; the number of the
    /// watch.
    pub(crate) fn add(&self, path: &Path, bits: u32) -> io::Result<i32> {
        if bits & UNTOLD != 0 {
            return Err(watches::kinds_not_told(path, &names(bits & UNTOLD)));
        }
        let node = Node::open(path, bits).map_err(|errno| refusal(errno, path, bits))?;
        if node.told(bits) == 0 {
            return Err(watches::entries_not_told(path));
        }
        let mut table = lock(&self.table);
        table.collect_all(&self.queue, &self.wake)?;
        let result = table.add(&self.queue, node, bits);
        self.settle(&table)?;
        result.map_err(|errno| refusal(errno, path, bits))
    }

    /// Ends a watch.
    pub(crate) fn remove(&self, watch: i32) -> io::Result<()> {
        let mut table = lock(&self.table);
        table.collect_all(&self.queue, &self.wake)?;
        let is_removed = table.remove(watch);
        self.settle(&table)?;
        if is_removed { Ok(()) } else { Err(watches::watch_missing(watch)) }
    }

    /// Makes it readable if there is something to take: what the kernel had to say of that was
    /// taken from it.
    fn settle(&self, table: &Table) -> io::Result<()> {
        if table.has_changes() { self.wake.signal(&self.queue) } else { Ok(()) }
    }
}

impl AsFd for Watcher {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.queue.descriptor()
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
        self.last = lock(&watcher.table).next(&watcher.queue, &watcher.wake)?;
        let Pending { watch, bit, cookie, is_directory, ref name } = self.last;
        Ok(Record { watch, bit, cookie, is_directory, name: name.as_deref() })
    }
}

impl fmt::Debug for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records").finish_non_exhaustive()
    }
}

/// The answer to a watch on `path` in the way that `bits` say, which the kernel refused with
/// `errno`.
fn refusal(errno: Errno, path: &Path, bits: u32) -> io::Error {
    let kind = io::Error::from(errno).kind();
    let advice = match errno {
        Errno::NOENT => "there is nothing of that name: make it first, or watch the directory it will be in",
        // The last is that of a kernel that may not watch what it has opened.
        Errno::ACCESS | Errno::PERM => NOT_READ,
        Errno::BADF => return watches::path_not_watched(io::ErrorKind::PermissionDenied, path, NOT_READ),
        Errno::MFILE | Errno::NFILE => {
            "each watched path costs a descriptor here, and there is none left: raise the limit, or watch the \
             directory around several files"
        }
        Errno::NOTDIR => "it, or a part of the path, is no directory",
        Errno::LOOP if bits & LINK_ITSELF != 0 && !node::OPENS_LINKS => {
            let advice =
                "a symbolic link itself cannot be watched on this system: watch the directory it is in";
            return watches::path_not_watched(io::ErrorKind::Unsupported, path, advice);
        }
        Errno::LOOP => "its symbolic links lead in a circle",
        Errno::NAMETOOLONG => "a name in it is longer than the system allows",
        Errno::INVAL if path.as_os_str().as_encoded_bytes().contains(&0) => {
            "there is a null byte in the path"
        }
        Errno::INVAL | Errno::OPNOTSUPP | Errno::NODEV => "the file system does not tell of changes",
        _ => return watches::path_not_watched(kind, path, errno),
    };
    watches::path_not_watched(kind, path, advice)
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

const NOT_READ: &str =
    "it may not be read: a watch needs the permission to read it and to pass the folders above";
