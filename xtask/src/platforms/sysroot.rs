//! std for targets for which this machine has none, from its sources. It is made once for each
//! target and kept.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use xtask_shell::Step;
use xtask_shell::registry::{self, Unreachable};

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
    make(compiler, target, part, "", variables, &folder).with_context(|| format!("std for {target}"))?;
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
        make(compiler, target, Part::Code, flags, &[], &folder)
            .with_context(|| format!("std for {target} with {flags}"))?;
    }
    Ok(root)
}

/// Makes it with `flags` and fills `folder` with it, which is complete then, or not there at all.
fn make(
    compiler: &Compiler,
    target: &str,
    part: Part,
    flags: &str,
    variables: &[(String, String)],
    folder: &Path,
) -> Result<()> {
    let (action, kind) = match part {
        Part::Code => ("build", "rlib"),
        Part::Types => ("check", "rmeta"),
    };
    let step = compiler
        .cargo(&[action, "--target", target], "std")
        .words("--locked --release --features panic-unwind --manifest-path")
        .args([compiler.library().join("sysroot/Cargo.toml")])
        // std uses what only a nightly compiler, or this switch, allows.
        .hidden_env("RUSTC_BOOTSTRAP", "1")
        // For Apple that would take a program which Debian's compiler has not.
        .hidden_env("CARGO_PROFILE_RELEASE_STRIP", "none")
        .hidden_env("RUSTFLAGS", format!("-Zforce-unstable-if-unmarked {flags}"))
        .hidden_envs(variables.iter().cloned());
    let built = compiler.folder.join("std").join(target);
    let draft = folder.with_extension("draft");
    // What an attempt that was interrupted has left would be copied too.
    [&built, &draft, folder].into_iter().try_for_each(remove)?;
    registry::succeed(step.brief())?;
    let library = draft.join("lib");
    fs::create_dir_all(&library)?;
    let paths = fs::read_dir(built.join("release/deps"))?.map(|entry| Ok(entry?.path()));
    let paths = paths.collect::<Result<Vec<_>>>()?;
    let of_kind: Vec<_> =
        paths.iter().filter(|path| path.extension().is_some_and(|end| end == kind)).collect();
    ensure!(!of_kind.is_empty(), "nothing came of it in {}", built.display());
    for path in of_kind {
        fs::copy(path, library.join(path.file_name().context("a file has a name")?))?;
    }
    fs::rename(draft, folder)?;
    remove(&built)
}

/// A file that comes with the usual compiler, beside its std.
pub(super) fn of_usual_compiler(path: &str) -> Result<PathBuf> {
    let outcome = Step::new("rustc", &["--print", "target-libdir"]).quiet().succeed()?;
    let file = Path::new(outcome.stdout.trim()).join(path);
    ensure!(file.exists(), Unreachable(format!("this compiler comes without {}", file.display())));
    Ok(file)
}

/// Removes `folder`, if it is there.
pub(super) fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(())
}
