//! The tests of a program for WASI, run by wasmtime, which comes as a Python package.

use anyhow::Result;
use xtask_shell::{root, target_dir};

use crate::debian;
use crate::platforms::guest::{Guest, System};
use crate::platforms::pip;
use crate::platforms::row::Row;
use crate::platforms::sysroot;

/// What has to be there, and its package: the library is installed, since it is at a fixed place
/// and nothing else looks there.
const NEEDS: &[(&str, &str)] =
    &[("/usr/lib/wasm32-wasi/crt1-command.o", "wasi-libc"), ("python3", "python3 python3-pip")];

const STAGE: &str = "wasi";
const TARGET: &str = "wasm32-wasip1";

/// Links against Debian's library. That has no threads, which libtest would use if it could.
const FLAGS: &str = "-Clink-self-contained=no -Clink-arg=--unresolved-symbols=ignore-all \
                     -Clink-arg=/usr/lib/wasm32-wasi/crt1-command.o -Lnative=/usr/lib/wasm32-wasi";

/// The rows: what is said of the tests, the host of `run.py`, if not the usual one, and what more
/// cargo is told.
const ROWS: &[(&str, &str, &str)] = &[
    ("wasmtime, debug", "", ""),
    ("wasmtime, release", "", "--release"),
    ("a host with sockets", "sockets", "sockets::"),
];

/// A row for each build, and one for the host that has sockets.
pub(super) fn run() -> Vec<Row> {
    Row::each(STAGE, TARGET, rows())
}

fn rows() -> Result<Vec<Row>> {
    debian::install(NEEDS.iter().copied())?;
    let folder = target_dir("platforms/wasmtime");
    pip::install(&folder, "wasmtime", "wasmtime/__init__.py")?;
    // It comes with the usual compiler.
    let linker = sysroot::of_usual_compiler("../bin/rust-lld")?;
    let script = root().join("crates/ferrio-poll/tests/wasi/run.py");
    let system = System {
        stage: STAGE,
        target: TARGET,
        linker: &linker.to_string_lossy(),
        runner: &format!("timeout --kill-after=5 120 python3 {}", script.display()),
        flags: FLAGS,
    };
    let row = |(what, host, more): &(&str, &str, &str)| {
        let host = ("FERRIO_WASI_HOST", (*host).to_owned());
        let guest = Guest::new(&system, &[host, ("PYTHONPATH", folder.display().to_string())])?;
        let tests = format!("--package ferrio-poll --all-features --test wasi {more}");
        Ok(guest.suite(what, &tests).0)
    };
    ROWS.iter().map(row).collect()
}
