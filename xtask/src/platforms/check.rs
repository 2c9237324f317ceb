//! The sources type-check on other systems, and clippy is content with them.

use anyhow::Result;
use xtask_shell::{Report, registry};

use crate::api;
use crate::debian::{self, Compiler};
use crate::platforms::row::Row;
use crate::platforms::sysroot::{self, Part};
use crate::platforms::targets::{Checked, checked};
use crate::published::CRATES;

/// A row for each target, those of every day or all.
pub(super) fn run(all: bool) -> Result<Vec<Row>> {
    let compiler = sysroot::compiler()?;
    let targets = checked().iter().filter(|target| all || target.daily);
    Ok(targets.map(|target| row(&compiler, target)).collect())
}

/// Systems of three kinds, on which the façade is compared with the real mio.
const COMPARED: &[&str] = &["x86_64-pc-windows-gnu", "aarch64-apple-darwin", "x86_64-unknown-freebsd"];

/// A row for each of those.
pub(super) fn api() -> Result<Vec<Row>> {
    let compiler = sysroot::compiler()?;
    let row = |target: &&str| {
        let compared = prepare(&compiler, target).and_then(|()| api::on(&compiler, target));
        Row::new("api", target, "mio, tokio", compared)
    };
    Ok(COMPARED.iter().map(row).collect())
}

/// Sees that sources can be type-checked for the target called `name`.
fn prepare(compiler: &Compiler, name: &str) -> Result<()> {
    let known = checked().iter().find(|target| target.name == name);
    known.map_or(Ok(()), |target| debian::install(&target.needs))?;
    sysroot::add(compiler, name, Part::Types, &[])
}

fn row(compiler: &Compiler, target: &Checked) -> Row {
    let (what, parts, flags) = if target.libraries {
        ("libraries", "", "-Dwarnings -Adead_code")
    } else {
        ("all", "--tests --examples", "-Dwarnings")
    };
    let check = || {
        prepare(compiler, &target.name)?;
        let check = compiler.cargo(&["check", "--all-features", "--target", &target.name], "check");
        // Only our own sources go through clippy.
        let clippy = compiler.folder.join("clippy-driver");
        let step = check.words(CRATES).words(parts).hidden_env("RUSTC_WORKSPACE_WRAPPER", clippy);
        registry::succeed(step.env("RUSTFLAGS", flags).brief())
    };
    Row::new("check", &target.name, what, check().map(|_| Report::passed("checked")))
}
