//! `cargo xtask package`: the published crates as `cargo publish` would send them,
//! each built from its package alone. What lies outside of a crate is missed here.

use std::fs;
use std::process;

use anyhow::Result;
use xtask_shell::{Report, Step, registry, target_dir};

/// In one call: each needs those before it, which no registry has yet.
const PACKAGE: &[&str] = &[
    "package",
    "--package",
    "ferrio-poll",
    "--package",
    "ferrio-proactor",
    "--package",
    "ferrio",
    "--allow-dirty",
];

/// Packages and builds them. cargo keeps what it unpacked under the name of the build folder
/// and looks at it by version only: in a folder that was used before, the second crate would be
/// built with the first as it was then.
pub(crate) fn run() -> Result<Report> {
    let folder = format!("package/{}", process::id());
    let packaged = registry::succeed(Step::cargo(PACKAGE).target(&folder));
    fs::remove_dir_all(target_dir(&folder))?;
    registry::verdict(
        packaged.map(|_| "ferrio-poll, ferrio-proactor and ferrio build from their packages".to_owned()),
    )
}
