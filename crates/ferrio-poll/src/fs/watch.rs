//! Watched paths.

use std::io;
use std::path::Path;

use crate::fs::change::{Change, WatchId};
use crate::fs::kinds::Kinds;
use crate::fs::tree::Tree;
use crate::source::impls::source_impls;
use crate::source::io_source::IoSource;
use crate::sys::handle::object_impls;
use crate::sys::watch::{self, Records, Watcher};

/// Paths that are watched: readable when something happened to one of them.
///
/// Register it as readable, and on each event [take](Watch::take) changes
/// until there is none, whatever the [mode](crate::Mode): what was read ahead is no
/// longer the system's to report. A file or a directory can be watched; a watched directory also
/// reports its entries, but not what is below those: [`add_tree`](Watch::add_tree) adds a watch
/// for each directory.
///
/// What a path names is looked up once, by [`add`](Watch::add), through symbolic links.
/// From then on the file or directory itself is watched, whatever its name becomes.
/// To wait for a file that may not exist yet, or that is replaced as a whole, watch the
/// directory.
///
/// # Implementation notes
///
/// On Linux and Android inotify(7); on Apple's systems and the BSDs kqueue(2) with `EVFILT_VNODE`;
/// on other Unixes making one is `Unsupported`. None of them says anything
/// about writes through a memory map, nor about what other
/// machines do to a network file system.
///
/// With kqueue(2) these differ:
///
/// - A directory says that a name came or went, and not which. It is read again when changes are
///   taken, with the time of making of each entry, and told is what differs from the last look: what
///   came and went in between is not seen, and the order is not that in which it happened.
/// - A move is known by the file, and by its time of making where that is there. One that leads out
///   of what is watched is `Deleted`, one that leads into it `Created`.
/// - What happens inside of the entries of a directory is not told: `MODIFIED` and `ATTRIBUTES` are
///   of the watched file or directory itself. To watch a directory for `MODIFIED` alone is
///   `Unsupported`; watch the files.
/// - A look at a file and its close are not told: `OPENED`, `ACCESSED`, `CLOSED_WITHOUT_WRITE` and
///   `CLOSED_AFTER_WRITE` are `Unsupported`, and not part of [`Kinds::ALL`].
/// - Changes of one kind of a file are one until they are taken. An event may come for a change
///   that is not asked for, and then there is nothing to take.
/// - A file is `SelfDeleted` when its last name is gone, whoever has it open.
/// - Each watch costs a descriptor. NetBSD, OpenBSD and DragonFly have to open a file to read it for
///   that: this opens a FIFO or a device too, and keeps a volume from being unmounted.
///
/// On Windows ReadDirectoryChangesW: a directory is watched by a handle of it, and a file by one
/// of the directory around it. These differ:
///
/// - A look at a file and its close are not told: `OPENED`, `ACCESSED`, `CLOSED_WITHOUT_WRITE` and
///   `CLOSED_AFTER_WRITE` are `Unsupported`, and not part of [`Kinds::ALL`]. One change may be
///   told as several.
/// - A change of attributes is not told apart from one of the data: it is `Modified` if that was
///   asked for, and `Attributes` otherwise. Those of a watched directory itself are not told.
/// - A move from one directory to another is a deletion and a creation, also if both are watched.
///   A watched file that goes to another directory is `SelfDeleted`, and its watch ends.
/// - Whether something is a directory is looked up when the change is read, and is false for
///   what is gone by then.
/// - A watched directory keeps those above it from being renamed, and one that is deleted is gone
///   only when its end was taken.
/// - A watch costs one or two handles and 16 KiB for each. Taking a change allocates its name.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use ferrio::fs::{Kind, Kinds, Watch};
/// use ferrio::{Events, Interest, Poll, Token};
///
/// # let directory = std::env::temp_dir().join(format!("ferrio-doc-{}", std::process::id()));
/// # std::fs::create_dir(&directory)?;
/// let mut poll = Poll::new()?;
/// let mut watch = Watch::new()?;
/// let id = watch.add(&directory, Kinds::CREATED | Kinds::DELETED)?;
/// poll.registry().register(&mut watch, Token(0), Interest::READABLE)?;
///
/// std::fs::write(directory.join("news"), "it rains")?;
/// poll.wait(&mut Events::with_capacity(1), None)?;
/// while let Some(change) = watch.take()? {
///     assert_eq!((change.id(), change.kind()), (Some(id), Kind::Created));
///     assert_eq!(change.name(), Some("news".as_ref()));
/// }
/// # std::fs::remove_dir_all(&directory)?;
/// # Ok(())
/// # }
/// ```
#[doc(alias = "inotify")]
#[doc(alias = "ev_stat")]
#[doc(alias = "uv_fs_event_t")]
#[derive(Debug)]
pub struct Watch {
    /// What becomes readable.
    inner: IoSource<Watcher>,
    /// What was read of it and not taken yet.
    records: Records,
}

impl Watch {
    /// A watch of nothing yet.
    ///
    /// # Errors
    ///
    /// What the system says, with an advice if one of its limits is reached.
    pub fn new() -> io::Result<Watch> {
        Ok(Watch { inner: IoSource::new(Watcher::new()?), records: Records::new() })
    }

    /// Watches `path` for `kinds` of changes.
    ///
    /// A file or directory that is watched already, be it under another name, keeps its
    /// id, and `kinds` replace those it was watched for.
    ///
    /// [`Ended`](crate::fs::Kind::Ended), [`Unmounted`](crate::fs::Kind::Unmounted) and
    /// [`Overflow`](crate::fs::Kind::Overflow) are always reported.
    ///
    /// # Errors
    ///
    /// `InvalidInput` if `kinds` is empty, `NotFound` if there is nothing at `path`,
    /// `PermissionDenied` if it may not be read, `StorageFull` if the user has no watches
    /// left, `Unsupported` for a kind that the system cannot tell. Each error names the path.
    pub fn add(&mut self, path: impl AsRef<Path>, kinds: Kinds) -> io::Result<WatchId> {
        self.add_with(path.as_ref(), kinds, 0)
    }

    /// Watches `path` for `kinds` of changes, and if it is a symbolic link, the link itself: its
    /// removal, its new name, its attributes. A link cannot be changed otherwise.
    ///
    /// A link and what it leads to have an id each.
    ///
    /// # Errors
    ///
    /// As [`add`](Watch::add); a link that leads to nothing can be watched.
    ///
    /// # Implementation notes
    ///
    /// On Linux `IN_DONT_FOLLOW`. NetBSD, OpenBSD and DragonFly cannot open a symbolic link itself,
    /// so that it is `Unsupported` there; what is no link can be added.
    ///
    /// # Examples
    ///
    /// ```
    /// # extern crate ferrio_poll as ferrio;
    /// # fn main() -> std::io::Result<()> {
    /// use ferrio::fs::{Kind, Kinds, Watch};
    ///
    /// # let directory = std::env::temp_dir().join(format!("ferrio-link-{}", std::process::id()));
    /// # std::fs::create_dir(&directory)?;
    /// # let current = directory.join("current");
    /// std::os::unix::fs::symlink("release-1", &current)?;
    /// let mut watch = Watch::new()?;
    /// let id = watch.add_link(&current, Kinds::SELF_MOVED | Kinds::SELF_DELETED)?;
    /// std::fs::remove_file(&current)?;
    /// let change = watch.take()?.unwrap();
    /// assert_eq!((change.id(), change.kind()), (Some(id), Kind::SelfDeleted));
    /// # std::fs::remove_dir_all(&directory)?;
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "IN_DONT_FOLLOW")]
    pub fn add_link(&mut self, path: impl AsRef<Path>, kinds: Kinds) -> io::Result<WatchId> {
        self.add_with(path.as_ref(), kinds, watch::LINK_ITSELF)
    }

    /// Watches `path` for `kinds` of changes beside those that it is watched for already. One
    /// that is not watched yet is, for `kinds`.
    ///
    /// # Errors
    ///
    /// As [`add`](Watch::add).
    ///
    /// # Implementation notes
    ///
    /// On Linux `IN_MASK_ADD`. On Windows the watch is opened anew, after what it had to tell was
    /// read, as by [`add`](Watch::add); what changes in that moment is not told.
    #[doc(alias = "IN_MASK_ADD")]
    pub fn add_kinds(&mut self, path: impl AsRef<Path>, kinds: Kinds) -> io::Result<WatchId> {
        self.add_with(path.as_ref(), kinds, watch::MORE_KINDS)
    }

    /// Watches the directory at `path` and each directory below it for `kinds` of changes, one
    /// in each step of the iterator: nothing is watched until it is asked for the next one.
    ///
    /// A directory comes before those in it, with its path, which begins with `path`. Symbolic
    /// links below `path` are not followed, unless somebody puts one in the place of a directory
    /// during the walk: this is no border against a program that may write there. A directory
    /// that vanishes meanwhile is passed over.
    ///
    /// A directory that is made later is not watched: the system watches single directories,
    /// and between its making and a watch on it anything may happen inside. So when a change
    /// of a [directory](crate::fs::Change::is_directory) is `Created` or `MovedTo`, call this
    /// with its path, and look into each directory that it gives: what is in there may be older
    /// than the watch and is then no change. It does no harm to find the same thing both by the
    /// look and by a change. For this `kinds` must include [`CREATED`](Kinds::CREATED) and
    /// [`MOVED_TO`](Kinds::MOVED_TO).
    ///
    /// When a directory moves, the paths that were given for it and those below it are no longer
    /// right, for its watches go with it: take `MovedFrom` as the end of all whose path begins
    /// with that one, and [`remove`](Watch::remove) them.
    ///
    /// # Errors
    ///
    /// Those of [`add`](Watch::add) for a directory, and those of reading it, as an item of the
    /// iterator; each names the path. It goes on after an error: `collect` into a `Result` to
    /// stop at the first one. What was watched before it stays watched. `NotADirectory` if
    /// `path` is none. `StorageFull` if the user has no watches left, of which each directory
    /// costs one: fs.inotify.max_user_watches is the limit of all programs of a user together,
    /// and about 1 KiB of kernel memory goes with each watch.
    ///
    /// # Examples
    ///
    /// ```
    /// # extern crate ferrio_poll as ferrio;
    /// # fn main() -> std::io::Result<()> {
    /// use std::collections::HashMap;
    /// use std::io;
    /// use std::path::PathBuf;
    /// use ferrio::fs::{Kind, Kinds, Watch, WatchId};
    ///
    /// # let top = std::env::temp_dir().join(format!("ferrio-tree-{}", std::process::id()));
    /// # std::fs::create_dir_all(top.join("a"))?;
    /// let mut watch = Watch::new()?;
    /// let mut paths: HashMap<WatchId, PathBuf> = HashMap::new();
    /// for directory in watch.add_tree(&top, Kinds::ALL) {
    ///     let (path, id) = directory?;
    ///     paths.insert(id, path);
    /// }
    /// assert_eq!(paths.len(), 2);
    ///
    /// // On each event of the watch:
    /// std::fs::create_dir_all(top.join("b/c"))?;
    /// let mut new = Vec::new();
    /// while let Some(change) = watch.take()? {
    ///     let is_new = matches!(change.kind(), Kind::Created | Kind::MovedTo);
    ///     if let (Some(id), Some(name), true) = (change.id(), change.name(), is_new && change.is_directory()) {
    ///         new.extend(paths.get(&id).map(|path| path.join(name)));
    ///     }
    /// }
    /// for path in new {
    ///     for directory in watch.add_tree(&path, Kinds::ALL) {
    ///         match directory {
    ///             // Look for files in here, too: they may be older than the watch.
    ///             Ok((path, id)) => drop(paths.insert(id, path)),
    ///             // It is gone again, or a file has its name now.
    ///             Err(error)
    ///                 if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {}
    ///             Err(error) => return Err(error),
    ///         }
    ///     }
    /// }
    /// assert_eq!(paths.len(), 4);
    /// # std::fs::remove_dir_all(&top)?;
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "recursive")]
    pub fn add_tree(&mut self, path: impl AsRef<Path>, kinds: Kinds) -> Tree<'_> {
        Tree::new(&self.inner, path.as_ref(), kinds)
    }

    /// Ends the watch of `id`.
    ///
    /// Changes from before are still given, and then one of the kind
    /// [`Ended`](crate::fs::Kind::Ended).
    ///
    /// # Errors
    ///
    /// `NotFound` if that watch has ended already. An id is a number that counts the
    /// watches of its own `Watch`: one of another may be that of a watch here.
    pub fn remove(&mut self, id: WatchId) -> io::Result<()> {
        self.inner.remove(id.0)
    }

    /// The next change, in the order in which they happened; `None` if there is none
    /// now. Only after that does the next event come.
    ///
    /// Nothing is allocated on Linux: the name is borrowed from a buffer of 4 KiB.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn take(&mut self) -> io::Result<Option<Change<'_>>> {
        let Watch { inner, records } = self;
        match inner.take(move |watcher| records.next(watcher)) {
            Ok(record) => Ok(Some(Change::new(record))),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Adds a watch in the way that the bits in `how` say.
    fn add_with(&mut self, path: &Path, kinds: Kinds, how: u32) -> io::Result<WatchId> {
        self.inner.add(path, kinds.checked(path)? | how).map(WatchId)
    }
}

source_impls!(Watch);
object_impls!(Watch);
