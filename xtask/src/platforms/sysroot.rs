//! std for targets for which this machine has none, from its sources. It is made once for each
//! target and kept.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use xtask_shell::registry;

use crate::debian::Compiler;

/// How much of std is wanted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Part {
    /// Its code, so that programs can be linked.
    Code,
    /// Its types alone, which takes half the time. Where the code is, that serves too.
    Types,
}

/// The compiler that it is made for: the newest of Debian, unpacked where all of this stands.
pub(super) fn compiler() -> Result<Compiler> {
    Compiler::get("platforms", "")
}

/// Sees that `compiler` has the `part` of std for `target`, where it looks for it by itself.
/// `variables` are those of the linker.
pub(super) fn add(
    compiler: &Compiler,
    target: &str,
    part: Part,
    variables: &[(String, String)],
) -> Result<()> {
    let folder = compiler.folder.join("tree/usr/lib/rustlib").join(target);
    // What it has of the code, it has of the types.
    let mark = folder.join("has-code");
    if mark.exists() || (folder.exists() && part == Part::Types) {
        return Ok(());
    }
    fill(&folder, |library| make(compiler, target, part, "", variables, library))
        .with_context(|| format!("std for {target}"))?;
    if part == Part::Code {
        fs::write(mark, "")?;
    }
    Ok(())
}

/// The folder `name`, which has a std for `target` that is made with `flags`.
pub(super) fn apart(compiler: &Compiler, target: &str, name: &str, flags: &str) -> Result<PathBuf> {
    let root = compiler.folder.join(name);
    let folder = root.join("lib/rustlib").join(target);
    if !folder.exists() {
        fill(&folder, |library| make(compiler, target, Part::Code, flags, &[], library))
            .with_context(|| format!("std for {target} with {flags}"))?;
    }
    Ok(root)
}

/// Lets `write` fill the `lib` of `folder`, so that it is complete or not there at all.
fn fill(folder: &Path, write: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let draft = folder.with_extension("draft");
    for old in [folder, &draft].into_iter().filter(|folder| folder.exists()) {
        fs::remove_dir_all(old)?;
    }
    fs::create_dir_all(draft.join("lib"))?;
    write(&draft.join("lib"))?;
    Ok(fs::rename(draft, folder)?)
}

/// Makes it with `flags` and copies it to `library`.
fn make(
    compiler: &Compiler,
    target: &str,
    part: Part,
    flags: &str,
    variables: &[(String, String)],
    library: &Path,
) -> Result<()> {
    let (action, extension) = match part {
        Part::Code => ("build", "rlib"),
        Part::Types => ("check", "rmeta"),
    };
    let manifest = compiler.library().join("sysroot/Cargo.toml");
    let manifest = manifest.to_str().context("a path that is not UTF-8")?;
    let options = ["--locked", "--release", "--features", "panic-unwind", "--target", target];
    let step = compiler
        .cargo(&[&[action], &options[..], &["--manifest-path", manifest]].concat(), "std")
        // std uses what only a nightly compiler, or this switch, allows.
        .hidden_env("RUSTC_BOOTSTRAP", "1")
        // For Apple that would take a program which Debian's compiler has not.
        .hidden_env("CARGO_PROFILE_RELEASE_STRIP", "none")
        .hidden_env("RUSTFLAGS", format!("-Zforce-unstable-if-unmarked {flags}"));
    let step = variables.iter().fold(step, |step, (name, value)| step.hidden_env(name, value));
    let built = compiler.folder.join("std").join(target);
    // What an attempt that was interrupted has left would be copied too.
    if built.exists() {
        fs::remove_dir_all(&built)?;
    }
    registry::succeed(step.brief())?;
    let mut count = 0;
    for entry in fs::read_dir(built.join("release/deps"))? {
        let path = entry?.path();
        if let Some(name) = path.file_name().filter(|_| path.extension().is_some_and(|end| end == extension))
        {
            fs::copy(&path, library.join(name))?;
            count += 1;
        }
    }
    ensure!(count > 0, "nothing came of it in {}", built.display());
    Ok(fs::remove_dir_all(built)?)
}
