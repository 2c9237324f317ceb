//! The tests of a program for WASI, run by wasmtime, which comes as a Python package.

use std::path::{Path, PathBuf};

use anyhow::Result;
use xtask_shell::registry::Unreachable;
use xtask_shell::{Step, root, target_dir};

use crate::debian;
use crate::platforms::guest::Guest;
use crate::platforms::pip;
use crate::platforms::row::Row;

/// What has to be there, and its package: the library is installed, since it is at a fixed place
/// and nothing else looks there.
const NEEDS: &[(&str, &str)] =
    &[("/usr/lib/wasm32-wasi/crt1-command.o", "wasi-libc"), ("python3", "python3 python3-pip")];

const STAGE: &str = "wasi";
const TARGET: &str = "wasm32-wasip1";

/// Links against Debian's library. That has no threads, which libtest would use if it could.
const FLAGS: &str = "-Clink-self-contained=no -Clink-arg=--unresolved-symbols=ignore-all \
                     -Clink-arg=/usr/lib/wasm32-wasi/crt1-command.o -Lnative=/usr/lib/wasm32-wasi";

/// The tests.
const TESTS: &[&str] = &["--package", "ferrio-poll", "--all-features", "--test", "wasi"];

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

/// The folder of wasmtime, and the linker.
fn tools() -> Result<(PathBuf, PathBuf)> {
    debian::install(NEEDS)?;
    let folder = target_dir("platforms/wasmtime");
    pip::install(&folder, "wasmtime", "wasmtime/__init__.py")?;
    Ok((folder, linker()?))
}

fn guest((wasmtime, linker): &(PathBuf, PathBuf), host: &str) -> Result<Guest> {
    let script = root().join("crates/ferrio-poll/tests/wasi/run.py");
    let runner = format!("timeout --kill-after=5 120 python3 {}", script.display());
    let variables = [
        ("CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS", FLAGS.to_owned()),
        ("FERRIO_WASI_HOST", host.to_owned()),
        ("PYTHONPATH", wasmtime.display().to_string()),
    ];
    Guest::new(STAGE, TARGET, &linker.to_string_lossy(), &runner, &variables)
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
