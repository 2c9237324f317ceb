//! What comes from the packages of Python.

use std::path::Path;

use anyhow::{Result, ensure};
use xtask_shell::registry::{self, Unreachable};
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
    let install =
        Step::new("python3", &["-m", "pip", "install", "--quiet", "--upgrade", package, "--target"]);
    registry::fetch(install.args([folder]).quiet(), OBSTACLES)
}
