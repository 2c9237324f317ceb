//! `cargo xtask ci [--no-skips]`: every gate in order, and a summary at the end. A
//! stage that fails does not stop the others: one run tells all. What a machine lacks
//! is skipped and counted apart; with `--no-skips` it fails too.

use std::fmt::{self, Display, Formatter};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use xtask_shell::libtest::Results;
use xtask_shell::{Report, Step, root};

use crate::platforms::{self, Stage as Platforms};
use crate::{api, asan, contract, door, loom, msrv, mutants, package, tidy, unsafe_list};

/// A gate: its name and what it does.
type Stage = (&'static str, fn() -> Result<Report>);

/// The gates, the quick ones first.
const STAGES: &[Stage] = &[
    ("fmt", fmt),
    ("clippy", clippy),
    ("docs", docs),
    ("tidy", tidy::run),
    ("unsafe", unsafe_list::run),
    ("test", test),
    ("package", package::run),
    ("check", || platforms::gate(Platforms::Check)),
    ("contract", contract::combinations),
    ("kqueue", contract::kqueue),
    ("real mio", contract::real_mio),
    ("wine", || platforms::gate(Platforms::Wine)),
    // What `--fast` runs, but all of tokio: that holds its fast part.
    ("compat", || door::open(door::COMPAT, &["programs", "tokio", "notify", "netlink-sys"])),
    ("poll2", || door::open(door::COMPAT, &["--backend", "poll2"])),
    ("api", api::run),
    ("loom", loom::run),
    ("faults", || door::open(door::FAULTS, &["--short"])),
    ("soak", || door::open(door::SOAK, &["--short"])),
    ("asan", asan::run),
    // Each subject once: no time gates, and every run verifies its messages.
    ("bench", || door::open(door::BENCH, &["--quick", "--pairs", "1"])),
    ("mutants", || mutants::run(&[])),
    ("msrv", msrv::run),
];

/// The workspaces beside the main one.
const WORKSPACES: &[&str] = &["bench", "bench/tokio-on-ferrio", "compat", "compat/real-mio"];

/// Runs all stages.
pub(crate) fn run(may_skip: bool) -> Result<Report> {
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
    let results: Vec<_> = results.into_iter().map(|(_, _, result)| result).collect();
    let tally = Tally::of(&results);
    let text = format!("{tally}, {} s in all", start.elapsed().as_secs());
    ensure!(tally.is_well(may_skip), "{text}");
    Ok(Report::passed(text))
}

/// How many stages ended how.
#[derive(Debug, Default)]
struct Tally {
    well: usize,
    in_part: usize,
    skipped: usize,
    failed: usize,
}

impl Tally {
    fn of(results: &[Result<Report>]) -> Self {
        let mut tally = Self::default();
        for result in results {
            match result {
                Ok(Report::Passed(_)) => tally.well += 1,
                Ok(Report::InPart(_)) => tally.in_part += 1,
                Ok(Report::Skipped(_)) => tally.skipped += 1,
                Err(_) => tally.failed += 1,
            }
        }
        tally
    }

    fn is_well(&self, may_skip: bool) -> bool {
        self.failed == 0 && (may_skip || self.skipped + self.in_part == 0)
    }
}

impl Display for Tally {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { well, in_part, skipped, failed } = self;
        write!(f, "{well} well, {skipped} SKIPPED")?;
        let rest = [(in_part, "SKIPPED in part"), (failed, "FAILED")];
        rest.iter()
            .filter(|(count, _)| **count > 0)
            .try_for_each(|(count, word)| write!(f, ", {count} {word}"))?;
        write!(f, " of {} stages", well + in_part + skipped + failed)
    }
}

/// A line of the summary.
fn line(name: &str, took: Duration, result: &Result<Report>) -> String {
    let (verdict, note) = match result {
        Ok(Report::Passed(note)) => ("ok", note.clone()),
        Ok(Report::InPart(note)) => ("in part", note.clone()),
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
    for features in [&[][..], &["--all-features"]] {
        let arguments =
            [&["clippy", "--workspace", "--all-targets"], features, &["--", "--deny", "warnings"]];
        Step::cargo(&arguments.concat()).succeed()?;
    }
    let arguments = [&["clippy", "--all-targets"], door::OF_BENCH, &["--", "--deny", "warnings"]].concat();
    Step::cargo(&arguments).dir(&root().join("bench")).target("bench").succeed()?;
    Ok(Report::passed("no warning, with and without features"))
}

fn docs() -> Result<Report> {
    for what in [["--workspace", "--all-features"], ["--package", "ferrio-poll"]] {
        let arguments = [&["doc", "--no-deps"], &what[..]].concat();
        Step::cargo(&arguments).env("RUSTDOCFLAGS", "-Dwarnings").succeed()?;
    }
    Ok(Report::passed("no warning"))
}

/// The command that the README names, and the crates with all their features.
fn test() -> Result<Report> {
    let outcome = Step::cargo(&["test", "--workspace"]).run()?;
    let summary = Results::of_success(&outcome)?.summary();
    let crates = ["test", "--package", "ferrio-poll", "--package", "ferrio", "--all-features"];
    let outcome = Step::cargo(&crates).run()?;
    let features = Results::of_success(&outcome)?.summary();
    let runners =
        Step::cargo(&[&["test"], door::OF_BENCH].concat()).dir(&root().join("bench")).target("bench");
    let runners = Results::of_success(&runners.run()?)?.summary();
    Ok(Report::passed(format!("{summary}; with features {features}; of the runners {runners}")))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use anyhow::anyhow;

    use super::{Tally, line};
    use xtask_shell::Report;

    #[test]
    fn what_was_skipped_is_not_counted_as_well() {
        let of = |results: &[&str]| {
            let result = |kind: &&str| match *kind {
                "well" => Ok(Report::passed("3")),
                "part" => Ok(Report::in_part("2, 1 SKIPPED")),
                "skipped" => Ok(Report::skipped("no strace")),
                _ => Err(anyhow!("bad")),
            };
            Tally::of(&results.iter().map(result).collect::<Vec<_>>())
        };
        assert!(of(&["well", "well"]).is_well(true) && of(&["well", "well"]).is_well(false));
        for skips in [of(&["well", "skipped"]), of(&["well", "part"])] {
            assert!(skips.is_well(true) && !skips.is_well(false));
        }
        let bad = of(&["well", "part", "skipped", "failed"]);
        assert_eq!(bad.to_string(), "1 well, 1 SKIPPED, 1 SKIPPED in part, 1 FAILED of 4 stages");
        assert!(!bad.is_well(true));
    }

    #[test]
    fn a_line_shows_verdict_time_and_reason() {
        let took = Duration::from_secs(12);
        assert!(line("msrv", took, &Ok(Report::skipped("no apt"))).contains("SKIPPED     12 s  no apt"));
        assert!(line("fmt", took, &Err(anyhow!("bad\nmore"))).ends_with("bad"));
    }
}
