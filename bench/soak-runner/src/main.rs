//! `cargo xtask soak [--minutes N | --short]`: programs that disturb a Poll from many sides
//! and keep account of what they find, on both backends and with both kinds of wake
//! descriptor. One thing that is lost, stale, early, double, late or unfair fails it.

mod account;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::{Parser, value_parser};
use xtask_shell::{Report, Step, root, target_dir};

use crate::account::Account;

const PROGRAMS: &[&str] =
    &["stale", "wakes", "channels", "timers", EMBEDDED, "signals", "eof", "early", "fairness"];
/// The program that needs a backend whose descriptor shows all that a Poll has to report.
const EMBEDDED: &str = "embedded";
const BACKENDS: &[&str] = &["epoll", "poll2"];
/// A wake descriptor: its name, the flags for it, and the folder of the build.
type Waker = (&'static str, &'static str, &'static str);

/// The wake descriptors. The build of the first is shared with bench.
const WAKERS: &[Waker] = &[("eventfd", "", "bench"), ("pipe", "--cfg ferrio_force_waker_pipe", "soak-pipe")];

/// How long all runs take together in a short call.
const SHORT: Duration = Duration::from_secs(60);
/// How much longer than it should a program may take before it counts as hung.
const LIMIT: Duration = Duration::from_secs(60);

/// A Poll that is disturbed from many sides.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask soak")]
struct Request {
    /// How long all runs take together
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = value_parser!(u64).range(1..=10_000))]
    minutes: u64,
    /// One minute
    #[arg(long, conflicts_with = "minutes")]
    short: bool,
}

fn main() -> ExitCode {
    Report::tell(run(&Request::parse()))
}

fn run(request: &Request) -> Result<Report> {
    WAKERS.iter().try_for_each(|(_, flags, target)| build(flags, target))?;
    let runs = runs();
    let all = if request.short { SHORT } else { Duration::from_secs(60 * request.minutes) };
    let (start, each) = (Instant::now(), all / runs.len() as u32);
    let (mut total, time) = (Account::default(), each.as_millis().to_string());
    for (name, backend, (waker, _, target)) in &runs {
        let program = target_dir(target).join("release/bench-soak").display().to_string();
        let step = Step::new(&program, &[name, &time]).env("FERRIO_BACKEND", backend);
        let (account, text) = Account::of(&step.limit(each + LIMIT).quiet().run()?);
        println!("{name:<8}  {backend}  {waker:<7}  {text}");
        if !account.is_well() {
            println!("  once more: FERRIO_BACKEND={backend} {program} {name} {time}");
        }
        total.add(&account);
    }
    let text = format!("{} runs, {} s: {total}", runs.len(), start.elapsed().as_secs());
    ensure!(total.is_well(), "{text}");
    Ok(Report::passed(text))
}

fn build(flags: &str, target: &str) -> Result<()> {
    let step = Step::cargo(&["build", "--release", "--locked", "--package", "bench-soak"]);
    let step = if flags.is_empty() { step } else { step.env("RUSTFLAGS", flags) };
    step.dir(&root().join("bench")).target(target).brief().succeed().map(drop)
}

/// Every program on every backend with every wake descriptor.
fn runs() -> Vec<(&'static str, &'static str, Waker)> {
    let mut runs = Vec::new();
    for &name in PROGRAMS {
        for &backend in BACKENDS.iter().filter(|backend| name != EMBEDDED || **backend == "epoll") {
            runs.extend(WAKERS.iter().map(|&waker| (name, backend, waker)));
        }
    }
    runs
}
