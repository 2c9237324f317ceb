//! Watched paths.

use std::io;
use std::path::Path;

use crate::error;
use crate::fs::change::{Change, WatchId};
use crate::fs::kinds::Kinds;
use crate::source::impls::source_impls;
use crate::source::io_source::IoSource;
use crate::sys::handle::object_impls;
use crate::sys::watch::{Records, Watcher};

/// Paths that are watched: readable when something happened to one of them.
///
/// Register it as readable, and on each event [take](Watch::take) changes
/// until there is none, whatever the [mode](crate::Mode): what was read ahead is no
/// longer the system's to report. A file or a directory can be watched; a watched directory also
/// reports its entries, but not what is below those: add a watch for each.
///
/// What a path names is looked up once, by [`add`](Watch::add), through symbolic links.
/// From then on the file or directory itself is watched, whatever its name becomes.
/// To wait for a file that may not exist yet, or that is replaced as a whole, watch the
/// directory.
///
/// # Implementation notes
///
/// inotify(7). It says nothing about writes through a memory map, nor about what other
/// machines do to a network file system.
///
/// # Examples
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// use ferrio_poll::fs::{Kind, Kinds, Watch};
/// use ferrio_poll::{Events, Interest, Poll, Token};
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
    /// left. Each error names the path.
    pub fn add(&mut self, path: impl AsRef<Path>, kinds: Kinds) -> io::Result<WatchId> {
        let path = path.as_ref();
        if kinds.is_empty() {
            return Err(error::no_kinds_of_changes(path));
        }
        self.inner.add(path, kinds.bits()).map(WatchId)
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
    /// Nothing is allocated: the name is borrowed from a buffer of 4 KiB.
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
}

source_impls!(Watch);
object_impls!(Watch);
