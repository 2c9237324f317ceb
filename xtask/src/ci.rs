//! `cargo xtask ci`: every gate in order, and a summary at the end. A stage that
//! fails does not stop the others: one run tells all.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::libtest::Results;
use crate::report::Report;
use crate::shell::{Step, root};
use crate::{api, asan, bench, compat, contract, faults, loom, msrv, mutants, tidy, unsafe_list};

/// A gate: its name and what it does.
type Stage = (&'static str, fn() -> Result<Report>);

/// The gates, the quick ones first.
const STAGES: &[Stage] = &[
    ("fmt", fmt),
    ("clippy", clippy),
    ("docs", docs),
    ("tidy", || tidy::run(&[])),
    ("unsafe", || unsafe_list::run(&[])),
    ("test", test),
    ("contract", contract::combinations),
    ("real mio", contract::real_mio),
    ("compat", || compat::run(&["--fast".to_owned()])),
    ("tokio", || compat::run(&["tokio".to_owned()])),
    ("poll2", || compat::run(&["--backend".to_owned(), "poll2".to_owned()])),
    ("api", || api::run(&[])),
    ("loom", || loom::run(&[])),
    ("faults", || faults::run(&["--short".to_owned()])),
    ("asan", || asan::run(&[])),
    ("bench", || bench::run(&["--quick".to_owned()])),
    ("mutants", || mutants::run(&[])),
    ("msrv", || msrv::run(&[])),
];

/// The workspaces beside the main one.
const WORKSPACES: &[&str] = &["bench", "bench/tokio-on-ferrio", "compat", "compat/real-mio"];

/// Runs all stages.
pub(crate) fn run(_arguments: &[String]) -> Result<Report> {
    let start = Instant::now();
    let mut results = Vec::new();
    for (name, stage) in STAGES {
        println!("\n==== {name} ====");
        let start = Instant::now();
        let result = stage();
        if let Err(error) = &result {
            println!("FAILED: {error:#}");
        }
        results.push((*name, start.elapsed(), result));
    }
    println!("\n==== summary ====");
    for (name, took, result) in &results {
        println!("{}", line(name, *took, result));
    }
    let failed = results.iter().filter(|(_, _, result)| result.is_err()).count();
    let took = start.elapsed().as_secs();
    if failed > 0 {
        bail!("{failed} of {} stages failed, {took} s in all", STAGES.len());
    }
    Ok(Report::passed(format!("all {} stages well, {took} s in all", STAGES.len())))
}

/// A line of the summary.
fn line(name: &str, took: Duration, result: &Result<Report>) -> String {
    let (verdict, note) = match result {
        Ok(Report::Passed(note)) => ("ok", note.clone()),
        Ok(Report::Skipped(reason)) => ("SKIPPED", reason.clone()),
        Err(error) => ("FAILED", error.to_string()),
    };
    let note = note.lines().next().unwrap_or_default();
    format!("{name:<10} {verdict:<8} {:>5.0} s  {note}", took.as_secs_f64())
}

fn fmt() -> Result<Report> {
    Step::cargo(&["fmt", "--all", "--check"]).succeed()?;
    for folder in WORKSPACES {
        Step::cargo(&["fmt", "--all", "--check"]).dir(&root().join(folder)).succeed()?;
    }
    Ok(Report::passed(format!("{} workspaces", WORKSPACES.len() + 1)))
}

fn clippy() -> Result<Report> {
    let arguments = ["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"];
    Step::cargo(&arguments).succeed()?;
    Ok(Report::passed("no warning"))
}

fn docs() -> Result<Report> {
    let arguments = ["doc", "--workspace", "--no-deps"];
    Step::cargo(&arguments).env("RUSTDOCFLAGS", "-Dwarnings").succeed()?;
    Ok(Report::passed("no warning"))
}

/// The command that the README names.
fn test() -> Result<Report> {
    let outcome = Step::cargo(&["test", "--workspace"]).run()?;
    Ok(Report::passed(Results::of_success(&outcome)?.summary()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use anyhow::anyhow;

    use super::line;
    use crate::report::Report;

    #[test]
    fn a_line_shows_verdict_time_and_reason() {
        let took = Duration::from_secs(12);
        assert!(line("msrv", took, &Ok(Report::skipped("no apt"))).contains("SKIPPED     12 s  no apt"));
        assert!(line("fmt", took, &Ok(Report::passed("3"))).contains("ok          12 s  3"));
        assert!(line("fmt", took, &Err(anyhow!("bad\nmore"))).ends_with("bad"));
    }
}
