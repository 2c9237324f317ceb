//! `cargo xtask msrv`: the published crates with a real compiler of the version
//! that they declare. Lints know which items are new; only an old compiler knows
//! which syntax is.
//!
//! The compiler comes from Debian's packages. They are unpacked below the build
//! folder, never installed: nothing else on the machine sees them. Only a machine that
//! cannot reach them is excused.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Error, Result, ensure};
use xtask_shell::{Report, Step, target_dir};

use crate::registry::{self, Unreachable};

/// The version that `rust-version` of the workspace names.
const VERSION: &str = "1.85";

/// The packages that hold the compiler and its libraries. The first three exist
/// in several versions; the last has its version in its name.
const PACKAGES: &[&str] = &["rustc-web", "libstd-rust-web-dev", "libstd-rust-web-1.85"];
/// What the compiler is linked to.
const LLVM: &str = "libllvm19";

/// Checks the published crates.
pub(crate) fn run(_arguments: &[String]) -> Result<Report> {
    verdict(check(&target_dir("msrv")))
}

/// Excuses a machine that cannot reach what the check needs, and nothing else.
fn verdict(checked: Result<String>) -> Result<Report> {
    match checked {
        Ok(version) => Ok(Report::passed(format!("checked with {version}"))),
        Err(error) if registry::is_unreachable(&error) => {
            Ok(Report::skipped(format!("no check with {VERSION}: {error:#}")))
        }
        Err(error) => Err(error),
    }
}

/// Checks them with the compiler in `folder`, and says what that is.
fn check(folder: &Path) -> Result<String> {
    let compiler = compiler(folder)?;
    let check = ["check", "--package", "ferrio-poll", "--package", "ferrio", "--all-features"];
    let outcome = Step::cargo(&check)
        .hidden_env("RUSTC", &compiler)
        // A wrapper of the usual compiler would look up the wrong one.
        .hidden_env("RUSTC_WRAPPER", "")
        .hidden_env("CARGO_TARGET_DIR", folder.join("target"))
        .run()?;
    if !outcome.success() {
        return Err(registry::failure(&outcome));
    }
    version(&compiler)
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
        apt(Step::new("apt-get", &["download", &package]).dir(folder))?;
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
    ensure!(found.contains(VERSION), "the packages hold {found}");
    Ok(wrapper)
}

/// The packages as `name=version`, so that a newer one of the same name in
/// another suite is not taken.
fn packages() -> Result<Vec<String>> {
    let list = |name: &&str| apt(Step::new("apt-cache", &["madison", name]));
    choose(&PACKAGES.iter().map(list).collect::<Result<Vec<_>>>()?)
}

/// Those of [`PACKAGES`] of which `lists` has the versions, each in its place. A machine
/// that knows none of them does not have the lists.
fn choose(lists: &[String]) -> Result<Vec<String>> {
    if lists.iter().all(|list| list.trim().is_empty()) {
        let text = format!("the package lists of this machine name none of {}", PACKAGES.join(", "));
        return Err(Unreachable::because(text).into());
    }
    let mut chosen = vec![LLVM.to_owned()];
    for (name, list) in PACKAGES.iter().zip(lists) {
        let version = pick(list).with_context(|| format!("no package {name} {VERSION}"))?;
        chosen.push(format!("{name}={version}"));
    }
    Ok(chosen)
}

/// What a command of apt prints.
fn apt(step: Step) -> Result<String> {
    // In the language in which its errors are known.
    let outcome = step.hidden_env("LC_ALL", "C").quiet().run().map_err(absent)?;
    if !outcome.success() {
        return Err(registry::failure(&outcome));
    }
    Ok(outcome.stdout)
}

/// A machine that has no apt cannot reach what it fetches.
fn absent(error: Error) -> Error {
    match error.root_cause().downcast_ref::<io::Error>().map(io::Error::kind) {
        Some(io::ErrorKind::NotFound) => Unreachable::because(format!("{error:#}")).into(),
        _ => error,
    }
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
    use anyhow::anyhow;

    use super::{PACKAGES, Report, absent, apt, choose, pick, registry, verdict};
    use xtask_shell::Step;

    const LIST: &str = " rustc-web | 1.96.0+dfsg1-1 | suite-b\n rustc-web | 1.85.0+dfsg3-1 | suite-a\n";

    #[test]
    fn the_declared_version_is_picked_among_newer_ones() {
        assert_eq!(pick(LIST), Some("1.85.0+dfsg3-1"));
        assert_eq!(pick(" rustc-web | 1.96.0 | suite-b\n"), None);
        assert_eq!(pick(""), None);
    }

    #[test]
    fn no_lists_are_an_excuse_and_lists_without_the_version_are_none() {
        let lists = |one: &str, rest: &str| {
            let mut lists = vec![rest.to_owned(); PACKAGES.len()];
            lists[0] = one.to_owned();
            choose(&lists)
        };
        assert_eq!(lists(LIST, LIST).expect("all are there").len(), PACKAGES.len() + 1);
        assert!(registry::is_unreachable(&lists("", "\n").expect_err("no lists")));
        for (one, rest) in [("", LIST), (LIST, ""), (" rustc-web | 1.96.0 | suite-b\n", LIST)] {
            assert!(!registry::is_unreachable(&lists(one, rest).expect_err("one is missing")));
        }
    }

    #[test]
    fn only_what_cannot_be_reached_is_skipped() {
        let fails = |text: &str| {
            let script = "printf %s \"$1\" >&2; exit 100";
            apt(Step::new("sh", &["-c", script, "sh", text])).expect_err("it fails")
        };
        let fetch = "E: Failed to fetch http://example.org/a.deb  ";
        let refused = fails(&format!("{fetch}Could not connect to example.org:80 (127.0.0.1).\n"));
        let report = verdict(Err(refused.context("libllvm19"))).expect("an excuse");
        assert!(matches!(report, Report::Skipped(_)), "{report}");
        for text in [&format!("{fetch}404  Not Found\n"), "E: Unable to locate package rustc-wep\n", ""] {
            assert!(verdict(Err(fails(text))).is_err(), "{text}");
        }
        assert!(verdict(Err(anyhow!("the packages hold rustc 1.96"))).is_err());
        let error = apt(Step::new("no-such-program", &[])).expect_err("no apt");
        assert!(matches!(verdict(Err(error)), Ok(Report::Skipped(_))));
        assert!(!registry::is_unreachable(&absent(anyhow!("another error"))));
    }
}
