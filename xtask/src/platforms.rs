//! `cargo xtask platforms [--stage S]... [--all]`: what was proved of systems and processors
//! that this machine is not. Each stage says what it ran, linked or checked, in one table.
//!
//! A stage that lacks what this machine cannot have is skipped, visibly; with `--all` that
//! is a failure, and targets that are left out every day are looked at too.

mod check;
mod guest;
mod pip;
mod row;
mod sysroot;
mod targets;
mod tsan;
mod wine;
mod wine10;

use anyhow::{Result, ensure};
use clap::{Args, ValueEnum};
use xtask_shell::Report;

use crate::platforms::row::{HEADING, Row};
use crate::published;

pub(crate) use wine::compat as wine_compat;

/// What is asked for.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Request {
    /// Only these stages
    #[arg(long = "stage", value_enum)]
    stages: Vec<Stage>,
    /// Every target, and what is skipped is a failure
    #[arg(long)]
    all: bool,
    /// Stage wine again on a newer wine, with a Debian of its own: 2 GB, and only for root
    #[arg(long)]
    wine10: bool,
    /// As a gate of `ci`: without what takes long and is proved by what is left.
    #[arg(skip)]
    is_gate: bool,
}

/// A way to prove something.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Stage {
    /// The sources type-check, and clippy is content
    Check,
    /// The façade is mio's there, and tokio type-checks on it
    Api,
    /// The tests as Windows programs, under wine
    Wine,
    /// The tests on other processors, emulated
    Qemu,
    /// The tests of a program for WASI, under wasmtime
    Wasi,
    /// The tests as static programs of musl
    Musl,
    /// The tests link for systems that are not here
    Link,
    /// The sources build with a compiler of the declared version
    Msrv,
    /// The tests under ThreadSanitizer, with a std that is too
    Tsan,
}

impl Stage {
    /// Its rows; one that cannot begin has one row, which says why.
    fn run(self, request: &Request) -> Vec<Row> {
        match self {
            Self::Check => Row::each("check", "all", check::run(request.all)),
            Self::Api => Row::each("api", "all", check::api()),
            Self::Wine => wine::run(request.is_gate, request.wine10),
            Self::Link => guest::run("link", request.all),
            Self::Musl => guest::run("musl", request.all),
            Self::Qemu => guest::run("qemu", request.all),
            Self::Wasi => guest::run("wasi", request.all),
            Self::Msrv => vec![Row::new("msrv", "host", "published crates", published::msrv())],
            Self::Tsan => tsan::run(request.all),
        }
    }
}

/// Runs the stages and prints the table.
pub(crate) fn run(request: &Request) -> Result<Report> {
    let is_wanted = |stage: &&Stage| request.stages.is_empty() || request.stages.contains(stage);
    let stages = Stage::value_variants().iter().filter(is_wanted);
    let rows: Vec<Row> = stages.flat_map(|stage| stage.run(request)).collect();
    println!("\n{HEADING}");
    rows.iter().for_each(|row| println!("{row}"));
    let report = row::verdict(&rows)?;
    ensure!(!request.all || matches!(report, Report::Passed(_)), "{report}");
    Ok(report)
}

/// One stage as a gate of `cargo xtask ci`.
pub(crate) fn gate(stage: Stage) -> Result<Report> {
    run(&Request { stages: vec![stage], is_gate: true, ..Request::default() })
}
