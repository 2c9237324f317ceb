//! `cargo xtask check`: ferrio-poll type-checks on systems that no machine here has, and the
//! part above `sys` on one that has no backend yet, where a module under a `cfg` stands in.
//!
//! std for these targets comes from its sources: it is checked once, and what the
//! compiler noted of it makes a sysroot that has types and no code.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use xtask_shell::{Report, registry};

use crate::debian::Compiler;

/// Targets, and the flags of each.
const TARGETS: &[(&str, &str)] = &[
    // Puts the stand-in in the place of a backend.
    ("x86_64-pc-windows-gnu", "--cfg ferrio_check_unsupported"),
    ("aarch64-apple-darwin", STRICT),
    ("x86_64-unknown-freebsd", STRICT),
    ("x86_64-unknown-netbsd", STRICT),
    ("x86_64-unknown-openbsd", STRICT),
    ("x86_64-unknown-dragonfly", STRICT),
];

/// What the compiler warns of is wrong.
const STRICT: &str = "--deny warnings";

/// Checks ferrio-poll on each target.
pub(crate) fn run() -> Result<Report> {
    registry::verdict(Compiler::get("foreign", "").and_then(|compiler| check(&compiler)))
}

fn check(compiler: &Compiler) -> Result<String> {
    for (target, flags) in TARGETS {
        let sysroot = compiler.folder.join("sysroots").join(target);
        let library = sysroot.join("lib/rustlib").join(target).join("lib");
        if !library.exists() {
            make_library(compiler, target, &library).with_context(|| format!("std for {target}"))?;
        }
        let check = ["check", "--package", "ferrio-poll", "--all-features", "--target", target];
        let flags = format!("{flags} --sysroot {}", sysroot.display());
        registry::succeed(compiler.cargo(&check, "check").hidden_env("RUSTFLAGS", flags))?;
    }
    let targets: Vec<_> = TARGETS.iter().map(|(target, _)| *target).collect();
    Ok(format!("{} with {}", targets.join(", "), compiler.version))
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
