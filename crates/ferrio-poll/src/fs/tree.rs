//! Directories with all below them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error;
use crate::fs::change::WatchId;
use crate::fs::kinds::Kinds;
use crate::sys::watch::{self, Watcher};

/// Adds a watch for a directory and for each one below it; made by
/// [`Watch::add_tree`](super::Watch::add_tree), which says what it gives.
#[derive(Debug)]
#[must_use = "a directory is watched when the iterator gives it"]
pub struct Tree<'a> {
    watcher: &'a Watcher,
    kinds: Kinds,
    /// Where to begin, until that was done.
    top: Option<PathBuf>,
    /// The directories that were found and are not watched yet.
    left: Vec<PathBuf>,
    /// What went wrong after the last directory was watched.
    error: Option<io::Error>,
}

impl<'a> Tree<'a> {
    pub(super) fn new(watcher: &'a Watcher, top: &Path, kinds: Kinds) -> Tree<'a> {
        Tree { watcher, kinds, top: Some(top.to_path_buf()), left: Vec::new(), error: None }
    }

    /// Watches a directory, and then finds those in it.
    ///
    /// In this order, so that none is missed: one that is made before the look is found by it,
    /// and one that is made after it is a change.
    fn step(&mut self, path: PathBuf, how: u32) -> io::Result<(PathBuf, WatchId)> {
        let kinds = self.kinds.checked(&path)?;
        let id = self.watcher.add(&path, kinds | how | watch::ONLY_DIRECTORIES)?;
        self.error = self.look(&path).err().filter(|error| !is_of_a_change(error));
        Ok((path, WatchId(id)))
    }

    fn look(&mut self, path: &Path) -> io::Result<()> {
        let refusal = |error| error::directory_not_read(path, &error);
        for entry in fs::read_dir(path).map_err(refusal)? {
            let entry = entry.map_err(refusal)?;
            // Of a link it says that it is a link.
            if entry.file_type().map_err(refusal)?.is_dir() {
                self.left.push(entry.path());
            }
        }
        Ok(())
    }
}

/// True for the error of a directory that vanished, or whose name something else has now.
fn is_of_a_change(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

impl Iterator for Tree<'_> {
    type Item = io::Result<(PathBuf, WatchId)>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(top) = self.top.take() {
            return Some(self.step(top, 0));
        }
        if let Some(error) = self.error.take() {
            return Some(Err(error));
        }
        while let Some(path) = self.left.pop() {
            match self.step(path, watch::LINK_ITSELF) {
                Err(error) if is_of_a_change(&error) => {}
                result => return Some(result),
            }
        }
        None
    }
}
