//! What comes from the packages of Python.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use xtask_shell::registry::Unreachable;
use xtask_shell::{Step, is_installed};

/// What pip says when it cannot reach its packages, and Python where there is no pip.
const OBSTACLES: &[&str] = &["connection broken by", "No module named pip"];

/// Sees that the packages in `folder`, which is made for it alone, have `package`: `file` is a
/// part of it.
pub(super) fn install(folder: &Path, package: &str, file: &str) -> Result<()> {
    if folder.join(file).exists() {
        return Ok(());
    }
    ensure!(is_installed("python3"), Unreachable(format!("no python3, whose packages hold {package}")));
    let folder = folder.to_str().context("a path that is not UTF-8")?;
    let install = ["-m", "pip", "install", "--quiet", "--upgrade", "--target", folder, package];
    let outcome = Step::new("python3", &install).quiet().run()?;
    // It tells each attempt to connect, and then that it knows of no such version.
    let mut lines = outcome.stderr.lines();
    if let Some(line) = lines.find(|line| OBSTACLES.iter().any(|words| line.contains(words))) {
        return Err(Unreachable(line.to_owned()).into());
    }
    ensure!(outcome.success(), "{}\n{}", outcome.complaint(), outcome.stderr);
    Ok(())
}
