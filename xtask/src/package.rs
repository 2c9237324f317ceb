//! `cargo xtask package`: the published crates as `cargo publish` would send them,
//! each built from its package alone. What lies outside of a crate is missed here.

use std::fs;
use std::process;

use anyhow::Result;
use xtask_shell::{Report, Step, registry, target_dir};

/// The published crates. Each needs those before it.
pub(crate) const PUBLISHED: &str = "--package ferrio-poll --package ferrio-proactor --package ferrio";

/// Packages and builds them, in one call, for no registry has yet what they need of each other.
/// cargo keeps what it unpacked under the name of the build folder and looks at it by version only:
/// in a folder that was used before, the second crate would be built with the first as it was then.
pub(crate) fn run() -> Result<Report> {
    let folder = format!("package/{}", process::id());
    let package = Step::cargo(&["package", "--allow-dirty"]).words(PUBLISHED).target(&folder);
    let packaged = registry::succeed(package);
    fs::remove_dir_all(target_dir(&folder))?;
    let note = "ferrio-poll, ferrio-proactor and ferrio build from their packages";
    registry::verdict(packaged.map(|_| note.to_owned()))
}
