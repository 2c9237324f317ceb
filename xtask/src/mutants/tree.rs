//! A copy of the sources in which faults are made.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use xtask_shell::root;

use crate::mutants::fault::Fault;
use crate::sources;

/// Workspaces of their own, which no fault needs.
const LEFT_OUT: &[&str] = &["bench/", "compat/"];

/// The member of the main workspace that stands beside one of them.
const KEPT: &str = "compat/runner/";

/// The list of what was copied, so that a file that has gone goes here too.
const LIST: &str = "copied-files";

/// The copy.
#[derive(Debug)]
pub(super) struct Copy {
    /// Its root.
    folder: PathBuf,
}

impl Copy {
    /// Brings the copy in `folder` up to date. A file that did not change is not
    /// touched: its time of change decides what cargo builds again.
    pub(super) fn update(folder: PathBuf) -> Result<Self> {
        let root = root();
        let paths: BTreeSet<String> = sources::paths(&root)?
            .into_iter()
            .filter(|path| path.starts_with(KEPT) || !LEFT_OUT.iter().any(|prefix| path.starts_with(prefix)))
            .filter(|path| root.join(path).is_file())
            .collect();
        let list = folder.join(LIST);
        let before = fs::read_to_string(&list).unwrap_or_default();
        for gone in before.lines().filter(|path| !paths.contains(*path)) {
            drop(fs::remove_file(folder.join(gone)));
        }
        for path in &paths {
            write_if_changed(&folder.join(path), &fs::read(root.join(path))?)?;
        }
        fs::write(list, paths.into_iter().collect::<Vec<_>>().join("\n"))?;
        Ok(Self { folder })
    }

    /// The root of the copy.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The source with `fault`; an error unless that fits in exactly one place.
    pub(super) fn seeded(&self, fault: &Fault) -> Result<String> {
        let text = fs::read_to_string(self.folder.join(&fault.file));
        fault.seed(&text.with_context(|| format!("`{}`: {}", fault.name, fault.file))?)
    }

    /// Makes the fault.
    pub(super) fn apply(&self, fault: &Fault) -> Result<()> {
        Ok(fs::write(self.folder.join(&fault.file), self.seeded(fault)?)?)
    }

    /// Takes the fault back.
    pub(super) fn restore(&self, fault: &Fault) -> Result<()> {
        fs::copy(root().join(&fault.file), self.folder.join(&fault.file))?;
        Ok(())
    }
}

fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    fs::create_dir_all(path.parent().context("a path without a folder")?)?;
    fs::write(path, bytes).with_context(|| path.display().to_string())
}
