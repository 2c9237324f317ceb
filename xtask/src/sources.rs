//! The files of the repository, as git would commit them.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use xtask_shell::Step;

use crate::code::{self, Word};

/// All text files.
#[derive(Debug)]
pub(crate) struct Tree {
    /// In git's order.
    pub(crate) files: Vec<File>,
}

/// A text file.
#[derive(Debug)]
pub(crate) struct File {
    /// From the root of the repository, with `/`.
    pub(crate) path: String,
    /// All of it.
    pub(crate) text: String,
    /// What it says as code; see [`File::words`].
    words: OnceCell<Option<Vec<Word>>>,
}

impl Tree {
    /// The repository at `root`: what git tracks, and what is new and not ignored.
    pub(crate) fn load(root: &Path) -> Result<Self> {
        let paths = paths(root)?.into_iter();
        // A file that is not text, or is deleted but still in git's index, is left out.
        let read = |path: String| fs::read_to_string(root.join(&path)).ok().map(|text| File::new(path, text));
        Ok(Self { files: paths.filter_map(read).collect() })
    }

    /// The Rust sources.
    pub(crate) fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.path.ends_with(".rs"))
    }

    /// The file at `path`.
    pub(crate) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }
}

impl File {
    /// A file at `path` that holds `text`.
    pub(crate) fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into(), words: OnceCell::new() }
    }

    /// The words of a Rust source; `None` if it is not Rust.
    pub(crate) fn words(&self) -> Option<&[Word]> {
        self.words.get_or_init(|| code::words(&self.text)).as_deref()
    }

    /// For a source of a crate, the folder of the crate and the path below its
    /// `src/`.
    pub(crate) fn in_src(&self) -> Option<(&str, &str)> {
        self.path.split_once("/src/")
    }
}

/// The paths of all files, tracked or new, that git does not ignore.
pub(crate) fn paths(root: &Path) -> Result<BTreeSet<String>> {
    let arguments = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let outcome = Step::new("git", &arguments).dir(root).quiet().succeed();
    let outcome = outcome.context("the list of files comes from git")?;
    let paths = outcome.stdout.trim_end().split('\0').filter(|path| !path.is_empty());
    Ok(paths.map(str::to_owned).collect())
}
