//! The sources type-check on other systems, and clippy is content with them.

use anyhow::Result;
use xtask_shell::registry;

use crate::debian::{self, Compiler};
use crate::platforms::row::{End, Row};
use crate::platforms::sysroot::{self, Part};
use crate::platforms::targets::{Extent, TARGETS, Target};

/// What is checked of each extent, as the table says it: the arguments and the flags.
fn ways(extent: Extent) -> (&'static str, &'static [&'static str], &'static str) {
    let all = &["--package", "ferrio-poll", "--package", "ferrio", "--tests", "--examples"];
    match extent {
        Extent::All => ("all", all, "-Dwarnings"),
        Extent::Libraries => ("libraries", &all[..4], "-Dwarnings -Adead_code"),
    }
}

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
    let (what, arguments, flags) = ways(target.extent);
    let end = check(compiler, target, arguments, flags).map(|()| End::Done("checked".to_owned()));
    Row::new("check", target.name, what, end)
}

fn check(compiler: &Compiler, target: &Target, arguments: &[&str], flags: &str) -> Result<()> {
    debian::install(target.needs)?;
    sysroot::add(compiler, target.name, Part::Types, &[])?;
    let check = [&["check"], arguments, &["--all-features", "--target", target.name]].concat();
    let step = compiler.cargo(&check, "check").env("RUSTFLAGS", flags).brief();
    // Only our own sources go through clippy.
    registry::succeed(step.hidden_env("RUSTC_WORKSPACE_WRAPPER", compiler.folder.join("clippy-driver")))?;
    Ok(())
}
