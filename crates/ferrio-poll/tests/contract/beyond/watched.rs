//! A directory of its own for each test, and what a watch says about it.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};

use mio::fs::{Kind, Kinds, Watch, WatchId};
use mio::{Events, Interest, Mode, Poll, Token};

use crate::harness::{expect_one_event, poll_with_events};

pub(super) const WATCH: Token = Token(3);

/// An empty directory; removed with all that is in it when dropped.
#[derive(Debug)]
pub(super) struct Directory(PathBuf);

impl Directory {
    pub(super) fn new() -> Directory {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("ferrio-watched-{}-{number}", process::id()));
        // A killed run whose process had the same number may have left one.
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).unwrap();
        Directory(path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// The path of an entry.
    pub(super) fn entry(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.join(name)
    }

    /// An entry that is an empty file.
    pub(super) fn file(&self, name: impl AsRef<Path>) -> PathBuf {
        let path = self.entry(name);
        fs::write(&path, "").unwrap();
        path
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // A test may have removed it.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A change with its own name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) id: Option<WatchId>,
    pub(super) kind: Kind,
    pub(super) name: Option<OsString>,
    pub(super) cookie: Option<NonZeroU32>,
    pub(super) is_directory: bool,
}

/// Everything there is.
pub(super) fn take_all(watch: &mut Watch) -> Vec<Seen> {
    let mut seen = Vec::new();
    while let Some(change) = watch.take().unwrap() {
        seen.push(Seen {
            id: change.id(),
            kind: change.kind(),
            name: change.name().map(OsStr::to_owned),
            cookie: change.cookie(),
            is_directory: change.is_directory(),
        });
    }
    seen
}

/// True if each change is told when it happens, with the name of the entry. Other systems say that
/// a directory has changed: it is looked at again, and told is what differs from the last look.
pub(super) fn tells_each_change() -> bool {
    // Neither of those systems tells this kind.
    Kinds::ALL.contains(Kinds::CLOSED_AFTER_WRITE)
}

/// True, and says why, if what a test asks for cannot be told on this system.
pub(super) fn is_untold(reason: &str) -> bool {
    if !tells_each_change() {
        println!("SKIPPED: {reason}");
    }
    !tells_each_change()
}

/// Why a test with changes inside of entries is skipped.
pub(super) const INSIDE: &str = "the directory says nothing of what happens inside of its entries";

/// Why a test with several changes between two looks is skipped.
pub(super) const BETWEEN: &str = "what came and went between two looks is not seen";

pub(super) fn kinds(seen: &[Seen]) -> Vec<Kind> {
    seen.iter().map(|change| change.kind).collect()
}

/// A watched directory, registered.
pub(super) struct Setup {
    pub(super) watch: Watch,
    pub(super) id: WatchId,
    pub(super) poll: Poll,
    pub(super) events: Events,
    pub(super) directory: Directory,
}

pub(super) fn setup(kinds: Kinds) -> Setup {
    setup_with(kinds, Mode::Edge)
}

pub(super) fn setup_with(kinds: Kinds, mode: Mode) -> Setup {
    let (poll, events) = poll_with_events();
    let directory = Directory::new();
    let mut watch = Watch::new().unwrap();
    let id = watch.add(directory.path(), kinds).unwrap();
    poll.registry().register_with(&mut watch, WATCH, Interest::READABLE, mode).unwrap();
    Setup { watch, id, poll, events, directory }
}

impl Setup {
    /// Waits for the event and takes what it is about.
    pub(super) fn expect(&mut self) -> Vec<Seen> {
        let event = expect_one_event(&mut self.poll, &mut self.events, WATCH);
        assert!(event.is_readable(), "{event:?}");
        take_all(&mut self.watch)
    }
}
