//! Programs that zig links: static ones of musl, which run here, and those of systems that are
//! not here. Its C compiler brings what each of them links against.

use anyhow::{Context, Result};
use xtask_shell::target_dir;

use crate::debian;
use crate::platforms::guest::{Guest, System};
use crate::platforms::pip;
use crate::platforms::row::{End, Row};
use crate::platforms::targets::TARGETS;

/// The package of PyPI, which is the compiler and nothing else.
const PACKAGE: &str = "ziglang==0.17.1";

/// Its program.
const PROGRAM: &str = "ziglang/zig";

/// Everything of the library that a program can refer to: its tests.
const TESTS: &str = "--no-run --package ferrio-poll --all-features --lib";

/// The suite as static programs, on each backend.
pub(super) fn musl() -> Vec<Row> {
    let (stage, target) = ("musl", "x86_64-unknown-linux-musl");
    let guest = guest(stage, target, "x86_64-linux-musl -static");
    Row::each(stage, target, guest.map(|guest| guest.suites()))
}

/// A row for each system whose programs cannot run here.
pub(super) fn link() -> Vec<Row> {
    let stage = "link";
    let rows = TARGETS.linked.iter().map(|target| {
        let guest = guest(stage, &target.name, &target.zig);
        let linked = guest.and_then(|guest| guest.cargo("test", TESTS).brief().succeed());
        Row::new(stage, &target.name, "lib", linked.map(|_| End::done("linked")))
    });
    rows.collect()
}

/// A system whose programs are linked for what zig calls `name`.
fn guest(stage: &'static str, target: &'static str, name: &str) -> Result<Guest> {
    let folder = target_dir("platforms/zig");
    pip::install(&folder, PACKAGE, PROGRAM)?;
    let zig = folder.join(PROGRAM).display().to_string();
    let script = include_str!("zig-cc.sh").replace("ZIG", &zig).replace("TARGET", name);
    let linker = folder.join(format!("cc-{target}"));
    debian::write_script(&linker, &script)?;
    let linker = linker.to_str().context("a path that is not UTF-8")?;
    let system = System { stage, target, linker, runner: "timeout --kill-after=5 400", flags: "" };
    // For Apple that would take a program which Debian's compiler has not.
    Guest::new(&system, &[("CARGO_PROFILE_DEV_STRIP", "none".to_owned())])
}
