//! What comes from Debian's packages. Compilers are unpacked below the build folder, never
//! installed: nothing else on the machine sees them, and nobody has to be root. Linkers and
//! emulators, which look for their files at fixed places, are installed.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use xtask_shell::registry::{self, Unreachable};
use xtask_shell::{Step, is_installed, target_dir};

/// The package that there is in several versions: the compiler itself.
const COMPILER: &str = "rustc-web";
/// What the newest one comes with: the sources of std, and clippy.
const EXTRAS: &[&str] = &["rust-web-src", "rust-web-clippy"];

/// Installs the packages of those `programs` that are not there, each given as the program
/// and its packages.
pub(crate) fn install<S: AsRef<str>>(programs: impl IntoIterator<Item = (S, S)>) -> Result<()> {
    let missing = programs.into_iter().filter(|(program, _)| !is_installed(program.as_ref()));
    let packages = missing.map(|(_, packages)| packages.as_ref().to_owned()).collect::<Vec<_>>().join(" ");
    if packages.is_empty() {
        return Ok(());
    }
    if fs::metadata("/proc/self")?.uid() != 0 {
        return Err(Unreachable(format!("as root: apt-get install {packages}")).into());
    }
    let install = Step::new("apt-get", &["install", "--yes", "--no-install-recommends"]).words(&packages);
    apt(install.hidden_env("DEBIAN_FRONTEND", "noninteractive")).map(drop)
}

/// The programs of a compiler, each started by a script.
const PROGRAMS: &[&str] = &["rustc", "rustdoc", "clippy-driver"];

/// An unpacked compiler.
#[derive(Debug)]
pub(crate) struct Compiler {
    /// Where it stands.
    pub(crate) folder: PathBuf,
    /// A program that behaves as `rustc`.
    pub(crate) rustc: PathBuf,
    /// What that says of its version.
    pub(crate) version: String,
}

impl Compiler {
    /// The compiler whose version begins with `series`, or the newest one with clippy and the
    /// sources of std if that is empty. It is unpacked to the build folder `name` if
    /// it is not there.
    pub(crate) fn get(name: &str, series: &str) -> Result<Self> {
        let folder = target_dir(name);
        let rustc = folder.join("rustc");
        fs::create_dir_all(&folder)?;
        for program in PROGRAMS {
            let script = include_str!("debian-compiler.sh").replace("PROGRAM", program);
            write_script(&folder.join(program), &script)?;
        }
        if let Ok(version) = version(&rustc) {
            return Ok(Self { folder, rustc, version });
        }
        let list = apt(Step::new("apt-cache", &["madison", COMPILER]))?;
        let packages = packages(choose(&list, series)?, series.is_empty())?;
        apt(Step::new("apt-get", &["download"]).args(packages).dir(&folder))?;
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "deb") {
                Step::new("dpkg", &["-x"]).args([&path, &folder.join("tree")]).quiet().succeed()?;
                fs::remove_file(&path)?;
            }
        }
        let version = version(&rustc)?;
        ensure!(version.contains(series), "the packages hold {version}, not {series}");
        Ok(Self { folder, rustc, version })
    }

    /// The sources of std.
    pub(crate) fn library(&self) -> PathBuf {
        self.folder.join("tree/usr/lib/rustlib/src/rust/library")
    }

    /// cargo with this compiler, building into the folder `name` beside it.
    pub(crate) fn cargo(&self, arguments: &[&str], name: &str) -> Step {
        Step::cargo(arguments)
            .hidden_env("RUSTC", &self.rustc)
            .hidden_env("RUSTDOC", self.folder.join("rustdoc"))
            // A wrapper of the usual compiler would look up the wrong one.
            .hidden_env("RUSTC_WRAPPER", "")
            .hidden_env("CARGO_TARGET_DIR", self.folder.join(name))
    }
}

/// The first version of a list of `name | version | origin` that begins with `series`.
/// A machine that knows none at all does not have the lists.
fn choose<'a>(list: &'a str, series: &str) -> Result<&'a str> {
    let mut versions = list.lines().filter_map(|line| line.split('|').nth(1)).map(str::trim).peekable();
    if versions.peek().is_none() {
        let text = format!("the package lists of this machine do not name {COMPILER}");
        return Err(Unreachable(text).into());
    }
    let found = versions.find(|version| version.starts_with(series));
    found.with_context(|| format!("no package {COMPILER} {series}"))
}

/// What is unpacked, as `name=version`, so that a newer one is not taken.
fn packages(version: &str, has_extras: bool) -> Result<Vec<String>> {
    let number: Vec<&str> = version.splitn(3, '.').take(2).collect();
    let library = format!("libstd-rust-web-{}={version}", number.join("."));
    let shown = apt(Step::new("apt-cache", &["show", &library]))?;
    let llvm = shown.split([' ', ',', '\n']).find(|word| word.starts_with("libllvm"));
    let llvm = llvm.with_context(|| format!("{library} needs no LLVM"))?.to_owned();
    let extras = if has_extras { EXTRAS } else { &[] };
    let names = [COMPILER, "libstd-rust-web-dev"].into_iter().chain(extras.iter().copied());
    Ok(names.map(|name| format!("{name}={version}")).chain([library, llvm]).collect())
}

/// What a command of apt prints. A machine that has no apt cannot reach what it fetches.
fn apt(step: Step) -> Result<String> {
    // In the language in which its errors are known.
    let outcome = registry::succeed(step.hidden_env("LC_ALL", "C").quiet());
    let error = match outcome {
        Ok(outcome) => return Ok(outcome.stdout),
        Err(error) => error,
    };
    match error.root_cause().downcast_ref::<io::Error>().map(io::Error::kind) {
        Some(io::ErrorKind::NotFound) => Err(Unreachable(format!("{error:#}")).into()),
        _ => Err(error),
    }
}

/// Writes a program that is a script, unless it is there as it has to be.
pub(crate) fn write_script(file: &Path, text: &str) -> Result<()> {
    if !fs::read_to_string(file).is_ok_and(|there| there == text) {
        fs::write(file, text)?;
        fs::set_permissions(file, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

/// What `compiler --version` says.
fn version(compiler: &Path) -> Result<String> {
    Ok(Step::new(compiler, &["--version"]).quiet().succeed()?.stdout.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use xtask_shell::registry::{is_unreachable, verdict};
    use xtask_shell::{Report, Step};

    use super::{apt, choose};

    const LIST: &str = " rustc-web | 1.96.0+dfsg1-1 | suite-b\n rustc-web | 1.85.0+dfsg3-1 | suite-a\n";

    #[test]
    fn no_lists_are_an_excuse_and_lists_without_the_version_are_none() {
        assert_eq!(choose(LIST, "1.85.").expect("there"), "1.85.0+dfsg3-1");
        assert_eq!(choose(LIST, "").expect("the newest"), "1.96.0+dfsg1-1");
        assert!(is_unreachable(&choose("\n", "1.85.").expect_err("no lists")));
        assert!(!is_unreachable(&choose(LIST, "1.90.").expect_err("not there")));
    }

    #[test]
    fn only_what_cannot_be_reached_is_skipped() {
        let fails = |text: &str| {
            let script = "printf %s \"$1\" >&2; exit 100";
            apt(Step::new("sh", &["-c", script, "sh", text])).expect_err("it fails")
        };
        let fetch = "E: Failed to fetch http://example.org/a.deb  ";
        let refused = fails(&format!("{fetch}Could not connect to example.org:80 (127.0.0.1).\n"));
        assert!(matches!(verdict(Err(refused.context("libllvm19"))), Ok(Report::Skipped(_))));
        for text in [&format!("{fetch}404  Not Found\n"), "E: Unable to locate package rustc-wep\n", ""] {
            assert!(verdict(Err(fails(text))).is_err(), "{text}");
        }
        let error = apt(Step::new("no-such-program", &[])).expect_err("no apt");
        assert!(matches!(verdict(Err(error)), Ok(Report::Skipped(_))));
    }
}
