//! A copy of the sources in which mutants are made.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::table::Mutant;
use crate::shell::root;
use crate::sources;

/// Workspaces of their own, which no mutant needs.
const LEFT_OUT: &[&str] = &["bench/", "compat/"];

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
            .filter(|path| !LEFT_OUT.iter().any(|prefix| path.starts_with(prefix)))
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
        // Not tracked while the lock is new, but it pins what is built.
        if let Ok(lock) = fs::read(root.join("Cargo.lock")) {
            write_if_changed(&folder.join("Cargo.lock"), &lock)?;
        }
        fs::write(list, paths.into_iter().collect::<Vec<_>>().join("\n"))?;
        Ok(Self { folder })
    }

    /// The sources themselves, to be read only.
    #[cfg(test)]
    pub(super) fn of_sources() -> Self {
        Self { folder: root() }
    }

    /// The root of the copy.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// An error unless `mutant` fits the sources in exactly one place.
    pub(super) fn check(&self, mutant: &Mutant) -> Result<()> {
        mutated(mutant, &self.read(mutant)?).map(drop)
    }

    /// Makes the fault.
    pub(super) fn apply(&self, mutant: &Mutant) -> Result<()> {
        let text = mutated(mutant, &self.read(mutant)?)?;
        fs::write(self.folder.join(mutant.file), text)?;
        Ok(())
    }

    /// Takes the fault back.
    pub(super) fn restore(&self, mutant: &Mutant) -> Result<()> {
        fs::copy(root().join(mutant.file), self.folder.join(mutant.file))?;
        Ok(())
    }

    fn read(&self, mutant: &Mutant) -> Result<String> {
        let path = self.folder.join(mutant.file);
        fs::read_to_string(path).with_context(|| format!("{}: {}", mutant.name, mutant.file))
    }
}

/// `text` with the fault of `mutant`.
fn mutated(mutant: &Mutant, text: &str) -> Result<String> {
    let count = text.matches(mutant.from).count();
    let Mutant { name, file, from, .. } = mutant;
    ensure!(count == 1, "{name}: its text stands {count} times in {file}:\n{from}");
    ensure!(mutant.from != mutant.to, "{name} changes nothing");
    Ok(text.replace(mutant.from, mutant.to))
}

fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    fs::create_dir_all(path.parent().context("a path without a folder")?)?;
    fs::write(path, bytes).with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::mutated;
    use crate::mutants::table::{EPOLL, Mutant};

    const MUTANT: Mutant = Mutant {
        name: "no answer",
        breaks: "The answer is gone.",
        file: "a.rs",
        from: "42",
        to: "0",
        suite: &EPOLL,
        filters: &["answer"],
    };

    #[test]
    fn the_text_is_replaced() {
        assert_eq!(mutated(&MUTANT, "return 42;").expect("once"), "return 0;");
    }

    #[test]
    fn a_text_that_is_gone_or_not_unique_is_an_error() {
        assert!(mutated(&MUTANT, "return 41;").is_err());
        assert!(mutated(&MUTANT, "return 42 + 42;").is_err());
    }
}
