//! The sources type-check on other systems, and clippy is content with them.

use anyhow::Result;
use xtask_shell::registry;

use crate::debian::{self, Compiler};
use crate::platforms::row::{End, Row};
use crate::platforms::sysroot::{self, Part};
use crate::platforms::targets::{TARGETS, Target};

/// Puts the stand-in in the place of a backend.
const STAND_IN: &str = "--cfg ferrio_check_unsupported";

/// What there is to check where a backend is: tests and examples too.
const WHOLE: &[&str] = &["--package", "ferrio-poll", "--package", "ferrio", "--tests", "--examples"];

/// What there is where it is not.
const UPPER_PART: &[&str] = &["--package", "ferrio-poll"];

/// A row for each target, those of every day or all.
pub(super) fn run(all: bool) -> Vec<Row> {
    let compiler = match sysroot::compiler() {
        Ok(compiler) => compiler,
        Err(error) => return vec![Row::new("check", "all", "", Err(error))],
    };
    let targets = TARGETS.iter().filter(|target| all || target.is_daily);
    targets.map(|target| row(&compiler, target)).collect()
}

fn row(compiler: &Compiler, target: &Target) -> Row {
    let what = if target.has_backend { "all" } else { "above `sys`" };
    let end = check(compiler, target).map(|()| End::Done("checked".to_owned()));
    Row::new("check", target.name, what, end)
}

fn check(compiler: &Compiler, target: &Target) -> Result<()> {
    debian::install(target.needs)?;
    sysroot::add(compiler, target.name, Part::Types, &[])?;
    // With the stand-in, much of what a backend uses is not used.
    let (what, more) = if target.has_backend { (WHOLE, "-Dwarnings") } else { (UPPER_PART, STAND_IN) };
    let check = [&["check"], what, &["--all-features", "--target", target.name]].concat();
    let step = compiler.cargo(&check, "check").env("RUSTFLAGS", more).brief();
    // Only our own sources go through clippy.
    registry::succeed(step.hidden_env("RUSTC_WORKSPACE_WRAPPER", compiler.folder.join("clippy-driver")))?;
    Ok(())
}
