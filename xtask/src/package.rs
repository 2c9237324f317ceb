//! `cargo xtask package`: the published crates as `cargo publish` would send them,
//! each built from its package alone. What lies outside of a crate is missed here.

use anyhow::Result;
use xtask_shell::{Report, Step};

use crate::{pending, registry};

/// In one call: the second needs the first, which no registry has yet.
const PACKAGE: &[&str] = &["package", "--package", "ferrio-poll", "--package", "ferrio", "--allow-dirty"];

/// Packages and builds them.
pub(crate) fn run() -> Result<Report> {
    if pending::has("package") {
        return Ok(Report::skipped("PENDING: ferrio includes files from outside its folder"));
    }
    let outcome = Step::cargo(PACKAGE).target("package").run()?;
    if outcome.success() {
        return Ok(Report::passed("ferrio-poll and ferrio build from their packages"));
    }
    let error = registry::failure(&outcome);
    if registry::is_unreachable(&error) { Ok(Report::skipped(format!("{error:#}"))) } else { Err(error) }
}
