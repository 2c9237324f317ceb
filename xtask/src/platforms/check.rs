//! The sources type-check on other systems, and clippy is content with them.

use anyhow::Result;
use xtask_shell::registry;

use crate::api;
use crate::debian::{self, Compiler};
use crate::platforms::row::{End, Row};
use crate::platforms::sysroot::{self, Part};
use crate::platforms::targets::{Extent, TARGETS, Target};

/// What is checked of each extent, as the table says it: the arguments and the flags.
fn ways(extent: Extent) -> (&'static str, &'static [&'static str], &'static str) {
    let all = &[
        "--package",
        "ferrio-poll",
        "--package",
        "ferrio-proactor",
        "--package",
        "ferrio",
        "--tests",
        "--examples",
    ];
    match extent {
        Extent::All => ("all", all, "-Dwarnings"),
        Extent::Libraries => ("libraries", &all[..6], "-Dwarnings -Adead_code"),
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

/// Systems of three kinds, on which the façade is compared with the real mio.
const COMPARED: &[&str] = &["x86_64-pc-windows-gnu", "aarch64-apple-darwin", "x86_64-unknown-freebsd"];

/// A row for each of those.
pub(super) fn api() -> Vec<Row> {
    let row = |target: &&str| {
        let compared = sysroot::compiler().and_then(|compiler| {
            prepare(&compiler, target)?;
            api::on(&compiler, target)
        });
        Row::of_report("api", target, "mio, tokio", compared)
    };
    COMPARED.iter().map(row).collect()
}

/// Sees that sources can be type-checked for the target called `name`.
fn prepare(compiler: &Compiler, name: &str) -> Result<()> {
    let known = TARGETS.iter().find(|target| target.name == name);
    debian::install(known.map_or(&[], |target| target.needs))?;
    sysroot::add(compiler, name, Part::Types, &[])
}

fn row(compiler: &Compiler, target: &Target) -> Row {
    let (what, arguments, flags) = ways(target.extent);
    let end = check(compiler, target, arguments, flags).map(|()| End::Done("checked".to_owned()));
    Row::new("check", target.name, what, end)
}

fn check(compiler: &Compiler, target: &Target, arguments: &[&str], flags: &str) -> Result<()> {
    prepare(compiler, target.name)?;
    let check = [&["check"], arguments, &["--all-features", "--target", target.name]].concat();
    let step = compiler.cargo(&check, "check").env("RUSTFLAGS", flags).brief();
    // Only our own sources go through clippy.
    registry::succeed(step.hidden_env("RUSTC_WORKSPACE_WRAPPER", compiler.folder.join("clippy-driver")))?;
    Ok(())
}
