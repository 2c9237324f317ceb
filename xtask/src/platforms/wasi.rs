//! The tests of a program for WASI, run by wasmtime, which comes as a Python package.

use std::path::{Path, PathBuf};

use anyhow::{Error, Result, anyhow};
use xtask_shell::registry::Unreachable;
use xtask_shell::{Outcome, Step, root, target_dir};

use crate::debian;
use crate::platforms::guest::Guest;
use crate::platforms::row::Row;

/// What has to be there, and its package: the library is installed, since it is at a fixed place
/// and nothing else looks there.
const NEEDS: &[(&str, &str)] =
    &[("/usr/lib/wasm32-wasi/crt1-command.o", "wasi-libc"), ("python3", "python3 python3-venv")];

const STAGE: &str = "wasi";
const TARGET: &str = "wasm32-wasip1";

/// Links against Debian's library. That has no threads, which libtest would use if it could.
const FLAGS: &str = "-Clink-self-contained=no -Clink-arg=--unresolved-symbols=ignore-all \
                     -Clink-arg=/usr/lib/wasm32-wasi/crt1-command.o -Lnative=/usr/lib/wasm32-wasi";

/// The tests.
const TESTS: &[&str] = &["--package", "ferrio-poll", "--all-features", "--test", "wasi"];

/// What pip says when it cannot reach its packages.
const NO_NET: &[&str] = &["Failed to establish a new connection", "Connection refused", "timed out"];

/// The host of `run.py` that has sockets, and the tests of those.
const SOCKETS: &str = "sockets";
const OF_SOCKETS: &str = "sockets::";

/// A row for each build, and one for the host that has sockets.
pub(super) fn run() -> Vec<Row> {
    let guests = tools().and_then(|tools| Ok((guest(&tools, "")?, guest(&tools, SOCKETS)?)));
    match guests {
        Ok((wasmtime, sockets)) => {
            let with = |more: &'static str| [TESTS, &[more]].concat();
            let debug = wasmtime.suite("wasmtime, debug", TESTS).0;
            let release = wasmtime.suite("wasmtime, release", &with("--release")).0;
            vec![debug, release, sockets.suite("a host with sockets", &with(OF_SOCKETS)).0]
        }
        Err(error) => vec![Row::new(STAGE, TARGET, "", Err(error))],
    }
}

/// The Python and the linker.
fn tools() -> Result<(PathBuf, PathBuf)> {
    debian::install(NEEDS)?;
    Ok((python()?, linker()?))
}

fn guest((python, linker): &(PathBuf, PathBuf), host: &str) -> Result<Guest> {
    let script = root().join("crates/ferrio-poll/tests/wasi/run.py");
    let runner = format!("timeout --kill-after=5 120 {} {}", python.display(), script.display());
    let variables = [("CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS", FLAGS), ("FERRIO_WASI_HOST", host)];
    let variables = variables.map(|(name, value)| (name, value.to_owned()));
    Guest::new(STAGE, TARGET, &linker.to_string_lossy(), &runner, &variables)
}

/// A Python that has wasmtime. It is made if it is not there.
fn python() -> Result<PathBuf> {
    let folder = target_dir("platforms/wasmtime");
    let python = folder.join("bin/python");
    if !has_wasmtime(&python) {
        let folder = folder.to_string_lossy();
        Step::new("python3", &["-m", "venv", "--clear", &folder]).quiet().succeed()?;
        let install = ["-m", "pip", "install", "--quiet", "wasmtime"];
        let outcome = Step::new(&python.to_string_lossy(), &install).quiet().run()?;
        if !outcome.success() {
            return Err(pip_failure(&outcome));
        }
    }
    Ok(python)
}

fn has_wasmtime(python: &Path) -> bool {
    let ask = Step::new(&python.to_string_lossy(), &["-c", "import wasmtime"]).quiet();
    python.exists() && ask.run().is_ok_and(|outcome| outcome.success())
}

fn pip_failure(outcome: &Outcome) -> Error {
    let line = outcome.stderr.lines().find(|line| NO_NET.iter().any(|reason| line.contains(reason)));
    line.map_or_else(|| anyhow!(outcome.complaint()), |line| Unreachable(line.to_owned()).into())
}

/// The linker that comes with the usual compiler.
fn linker() -> Result<PathBuf> {
    let outcome = Step::new("rustc", &["--print", "target-libdir"]).quiet().succeed()?;
    let linker = Path::new(outcome.stdout.trim()).join("../bin/rust-lld");
    if linker.exists() {
        return Ok(linker);
    }
    Err(Unreachable(format!("this compiler comes without {}", linker.display())).into())
}
