//! `cargo xtask check`: the part above `sys` type-checks on systems that have no
//! backend yet. A module under a `cfg` stands in for the backend.
//!
//! std for these targets comes from its sources: it is checked once, and what the
//! compiler noted of it makes a sysroot that has types and no code.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use xtask_shell::{Report, registry};

use crate::debian::Compiler;

/// One target for each kind of system that is not Linux.
const TARGETS: &[&str] = &["x86_64-pc-windows-gnu", "aarch64-apple-darwin"];

/// Puts the stand-in in the place of a backend.
const STAND_IN: &str = "--cfg ferrio_check_unsupported";

/// Checks ferrio-poll on each target.
pub(crate) fn run() -> Result<Report> {
    registry::verdict(Compiler::get("foreign", "").and_then(|compiler| check(&compiler)))
}

fn check(compiler: &Compiler) -> Result<String> {
    for target in TARGETS {
        let sysroot = compiler.folder.join("sysroots").join(target);
        let library = sysroot.join("lib/rustlib").join(target).join("lib");
        if !library.exists() {
            make_library(compiler, target, &library).with_context(|| format!("std for {target}"))?;
        }
        let check = ["check", "--package", "ferrio-poll", "--all-features", "--target", target];
        let flags = format!("{STAND_IN} --sysroot {}", sysroot.display());
        registry::succeed(compiler.cargo(&check, "check").hidden_env("RUSTFLAGS", flags))?;
    }
    Ok(format!("{} with {}", TARGETS.join(" and "), compiler.version))
}

/// Checks std for `target` and puts what is noted of it into the folder `library`.
fn make_library(compiler: &Compiler, target: &str, library: &Path) -> Result<()> {
    let manifest = compiler.library().join("sysroot/Cargo.toml");
    let manifest = manifest.to_str().context("a path that is not UTF-8")?;
    let check = ["check", "--locked", "--release", "--features", "panic-unwind", "--target", target];
    let step = compiler.cargo(&[&check[..], &["--manifest-path", manifest]].concat(), "std");
    // std uses what only a nightly compiler, or this switch, allows.
    let step =
        step.hidden_env("RUSTC_BOOTSTRAP", "1").hidden_env("RUSTFLAGS", "-Zforce-unstable-if-unmarked");
    registry::succeed(step.brief())?;
    // Complete or not there at all.
    let draft = library.with_extension("draft");
    fs::create_dir_all(&draft)?;
    let noted = compiler.folder.join("std").join(target).join("release/deps");
    let mut count = 0;
    for entry in fs::read_dir(&noted)? {
        let path = entry?.path();
        if let Some(name) = path.file_name().filter(|_| path.extension().is_some_and(|end| end == "rmeta")) {
            fs::copy(&path, draft.join(name))?;
            count += 1;
        }
    }
    ensure!(count > 0, "nothing was noted in {}", noted.display());
    Ok(fs::rename(draft, library)?)
}
