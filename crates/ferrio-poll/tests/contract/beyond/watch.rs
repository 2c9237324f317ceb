//! What happens to a path is an event.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Permissions};
use std::io;
use std::num::NonZeroU32;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use mio::fs::{Kind, Kinds, Watch, WatchId};
use mio::{Events, Interest, Poll, Token};

use crate::harness::{expect_no_events, expect_one_event, poll_with_events};
use crate::net_harness::TempDir;

const WATCH: Token = Token(3);

/// A change with its own name.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    id: Option<WatchId>,
    kind: Kind,
    name: Option<OsString>,
    cookie: Option<NonZeroU32>,
    is_directory: bool,
}

/// Everything there is.
fn take_all(watch: &mut Watch) -> Vec<Seen> {
    let mut seen = Vec::new();
    while let Some(change) = watch.next_change().unwrap() {
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

fn kinds(seen: &[Seen]) -> Vec<Kind> {
    seen.iter().map(|change| change.kind).collect()
}

/// A watched directory, registered.
struct Setup {
    directory: TempDir,
    watch: Watch,
    id: WatchId,
    poll: Poll,
    events: Events,
}

fn setup(kinds: Kinds) -> Setup {
    let (poll, events) = poll_with_events();
    let directory = TempDir::new();
    let mut watch = Watch::new().unwrap();
    let id = watch.add(directory.path(), kinds).unwrap();
    poll.registry().register(&mut watch, WATCH, Interest::READABLE).unwrap();
    Setup { directory, watch, id, poll, events }
}

impl Setup {
    fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Waits for the event and takes what it is about.
    fn expect(&mut self) -> Vec<Seen> {
        expect_one_event(&mut self.poll, &mut self.events, WATCH);
        take_all(&mut self.watch)
    }
}
