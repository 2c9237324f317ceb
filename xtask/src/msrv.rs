//! `cargo xtask msrv`: the published crates with a real compiler of the version
//! that they declare. Lints know which items are new; only an old compiler knows
//! which syntax is.
//!
//! The compiler comes from Debian's packages. They are unpacked below the build
//! folder, never installed: nothing else on the machine sees them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::report::Report;
use crate::shell::{Step, target_dir};

/// The version that `rust-version` of the workspace names.
const VERSION: &str = "1.85";

/// The packages that hold the compiler and its libraries. The first three exist
/// in several versions; the last has its version in its name.
const PACKAGES: &[&str] = &["rustc-web", "libstd-rust-web-dev", "libstd-rust-web-1.85"];
/// What the compiler is linked to.
const LLVM: &str = "libllvm19";

/// Checks the published crates.
pub(crate) fn run(_arguments: &[String]) -> Result<Report> {
    let folder = target_dir("msrv");
    let compiler = match compiler(&folder) {
        Ok(compiler) => compiler,
        Err(error) => return Ok(Report::skipped(format!("no compiler {VERSION}: {error:#}"))),
    };
    let check = ["check", "--package", "ferrio-poll", "--package", "ferrio", "--all-features"];
    Step::cargo(&check)
        .hidden_env("RUSTC", &compiler)
        // A wrapper of the usual compiler would look up the wrong one.
        .hidden_env("RUSTC_WRAPPER", "")
        .hidden_env("CARGO_TARGET_DIR", folder.join("target"))
        .succeed()?;
    Ok(Report::passed(format!("checked with {}", version(&compiler)?)))
}

/// A program that behaves as `rustc` of [`VERSION`]; unpacks it if it is not there.
fn compiler(folder: &Path) -> Result<PathBuf> {
    let wrapper = folder.join("rustc");
    if wrapper.exists() && version(&wrapper).is_ok() {
        return Ok(wrapper);
    }
    fs::create_dir_all(folder)?;
    let tree = folder.join("tree");
    for package in packages()? {
        Step::new("apt-get", &["download", &package]).dir(folder).quiet().succeed()?;
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "deb") {
            let (package, tree) = (path.to_string_lossy(), tree.to_string_lossy());
            Step::new("dpkg", &["-x", &package, &tree]).quiet().succeed()?;
            fs::remove_file(&path)?;
        }
    }
    fs::write(&wrapper, script(&tree))?;
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755))?;
    let found = version(&wrapper)?;
    anyhow::ensure!(found.contains(VERSION), "the packages hold {found}");
    Ok(wrapper)
}

/// The packages as `name=version`, so that a newer one of the same name in
/// another suite is not taken.
fn packages() -> Result<Vec<String>> {
    let mut chosen = vec![LLVM.to_owned()];
    for name in PACKAGES {
        let list = Step::new("apt-cache", &["madison", name]).quiet().succeed()?.stdout;
        let version = pick(&list).with_context(|| format!("no package {name} {VERSION}"))?;
        chosen.push(format!("{name}={version}"));
    }
    Ok(chosen)
}

/// The version in a list of `name | version | origin` that is [`VERSION`].
fn pick(list: &str) -> Option<&str> {
    list.lines()
        .filter_map(|line| line.split('|').nth(1))
        .map(str::trim)
        .find(|version| version.starts_with(&format!("{VERSION}.")))
}

/// A script that runs the unpacked compiler with its own libraries.
fn script(tree: &Path) -> String {
    let tree = tree.display();
    format!(
        "#!/bin/sh\n\
         tree='{tree}/usr'\n\
         export LD_LIBRARY_PATH=\"$tree/lib/x86_64-linux-gnu:$tree/lib:$tree/lib/llvm-19/lib\"\n\
         exec \"$tree/bin/rustc\" \"$@\"\n"
    )
}

/// What `compiler --version` says.
fn version(compiler: &Path) -> Result<String> {
    let compiler = compiler.to_string_lossy();
    Ok(Step::new(&compiler, &["--version"]).quiet().succeed()?.stdout.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::pick;

    #[test]
    fn the_declared_version_is_picked_among_newer_ones() {
        let list = " rustc-web | 1.96.0+dfsg1-1 | suite-b\n rustc-web | 1.85.0+dfsg3-1 | suite-a\n";
        assert_eq!(pick(list), Some("1.85.0+dfsg3-1"));
        assert_eq!(pick(" rustc-web | 1.96.0 | suite-b\n"), None);
        assert_eq!(pick(""), None);
    }
}
