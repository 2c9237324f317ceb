//! `cargo xtask package`: the published crates as `cargo publish` would send them,
//! each built from its package alone. What lies outside of a crate is missed here.

use anyhow::Result;
use xtask_shell::{Report, Step, registry};

/// In one call: the second needs the first, which no registry has yet.
const PACKAGE: &[&str] = &["package", "--package", "ferrio-poll", "--package", "ferrio", "--allow-dirty"];

/// Packages and builds them.
pub(crate) fn run() -> Result<Report> {
    let packaged = registry::succeed(Step::cargo(PACKAGE).target("package"));
    registry::verdict(packaged.map(|_| "ferrio-poll and ferrio build from their packages".to_owned()))
}
