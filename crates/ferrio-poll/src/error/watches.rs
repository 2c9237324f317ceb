//! What a kernel refuses of paths to watch, in words.
#![allow(dead_code, reason = "which of these refusals there are depends on the system")]

use std::fmt::{Debug, Display};
use std::io::{self, ErrorKind};

use crate::error::new;

#[cold]
pub(crate) fn no_watch_instance(kind: ErrorKind) -> io::Error {
    new(
        kind,
        "this user has no inotify instance left, or this process no descriptor: share one Watch, or raise \
         fs.inotify.max_user_instances or the limit of open descriptors",
    )
}

/// A path that cannot be watched, for a reason that says what to do.
#[cold]
pub(crate) fn path_not_watched(kind: ErrorKind, path: impl Debug, reason: impl Display) -> io::Error {
    new(kind, format!("cannot watch {path:?}: {reason}"))
}

#[cold]
pub(crate) fn watch_missing(watch: impl Display) -> io::Error {
    new(
        ErrorKind::NotFound,
        format!(
            "there is no watch {watch}: it was removed or has ended already, or belongs to another Watch; an \
             id is no longer valid after a change of the kind Ended"
        ),
    )
}

#[cold]
pub(crate) fn partial_record() -> io::Error {
    new(ErrorKind::InvalidData, "inotify gave a part of a record")
}

/// Kinds of changes that a system does not tell.
#[cold]
pub(crate) fn kinds_not_told(path: impl Debug, kinds: &str) -> io::Error {
    new(
        ErrorKind::Unsupported,
        format!(
            "cannot watch {path:?} for {kinds}, which this system does not tell: leave them out, as Kinds::ALL does"
        ),
    )
}

/// Kinds of which none is told of a directory.
#[cold]
pub(crate) fn entries_not_told(path: impl Debug) -> io::Error {
    new(
        ErrorKind::Unsupported,
        format!(
            "cannot watch the directory {path:?} for MODIFIED alone: this system does not tell what happens inside \
             of its entries: watch the files themselves"
        ),
    )
}

/// A system that does not say what changes in a directory.
#[cold]
pub(crate) fn no_watches() -> io::Error {
    new(
        ErrorKind::Unsupported,
        "paths cannot be watched on this system yet: look at them at intervals, by a Timer, or watch in a thread \
         that wakes the Poll",
    )
}
