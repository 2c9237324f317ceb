//! `cargo xtask ci [--no-skips]`: every gate, and a summary at the end. A stage that fails does
//! not stop the others: one run tells all. What a machine lacks is skipped and counted apart;
//! with `--no-skips` it fails too.
//!
//! The stages stand in two lanes that run side by side: most of a test waits, and much of a
//! compiler uses one processor. Each stage is a process of its own, `cargo xtask stage NAME`,
//! whose output is printed when it has ended. Until then it is in `target/ci/NAME.log`.

use std::fmt::{self, Display, Formatter};
use std::fs::{self, File};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use xtask_shell::libtest::Results;
use xtask_shell::{Report, Step, root, target_dir};

use crate::platforms::{self, Stage as Platforms};
use crate::{api, asan, contract, door, loom, msrv, mutants, package, tidy, unsafe_list};

/// A gate: its name and what it does.
type Stage = (&'static str, fn() -> Result<Report>);

/// The gates, in lanes that take about the same time. Stages that build into the same folder
/// stand in the same lane, for cargo locks that folder; so do those that ask apt, which has a
/// lock too.
const LANES: [&[Stage]; 2] = [
    &[
        ("fmt", fmt),
        ("clippy", clippy),
        ("docs", docs),
        ("tidy", tidy::run),
        ("unsafe", unsafe_list::run),
        ("test", test),
        ("package", package::run),
        // Long before the seeded faults, with which it shares a folder.
        ("kqueue", contract::kqueue),
        // Before `check`, which needs less of the same std.
        ("wine", || platforms::gate(Platforms::Wine)),
        ("check", || platforms::gate(Platforms::Check)),
        ("msrv", msrv::run),
        ("api", api::run),
        // What `--fast` runs, but all of tokio: that holds its fast part.
        ("compat", || door::open(door::COMPAT, &["programs", "tokio", "notify", "netlink-sys"])),
        ("poll2", || door::open(door::COMPAT, &["--backend", "poll2"])),
        ("soak", || door::open(door::SOAK, &["--short"])),
        // Each subject once: no time gates, and every run verifies its messages.
        ("bench", || door::open(door::BENCH, &["--quick", "--pairs", "1"])),
    ],
    &[
        // Long before the others of bench, with which it shares a folder.
        ("faults", || door::open(door::FAULTS, &["--short"])),
        ("contract", contract::combinations),
        ("real mio", contract::real_mio),
        ("asan", asan::run),
        ("loom", loom::run),
        ("mutants", || mutants::run(&[])),
    ],
];

/// The workspaces beside the main one.
const WORKSPACES: &[&str] = &["bench", "bench/rings", "bench/tokio-on-ferrio", "compat", "compat/real-mio"];

/// Runs all stages.
pub(crate) fn run(may_skip: bool) -> Result<Report> {
    let start = Instant::now();
    let run = |stages: &[Stage]| stages.iter().map(|(name, _)| timed(name)).collect::<Vec<_>>();
    let ends = thread::scope(|scope| {
        let lanes = LANES.map(|stages| scope.spawn(move || run(stages)));
        lanes.map(|lane| lane.join().expect("a lane"))
    });
    let ends: Vec<_> = ends.into_iter().flatten().collect();
    println!("\n==== summary ====");
    for (name, took, result) in &ends {
        println!("{}", line(name, *took, result));
    }
    let tally = Tally::of(ends.iter().map(|(_, _, result)| result));
    let text = format!("{tally}, {} s in all", start.elapsed().as_secs());
    ensure!(tally.is_well(may_skip), "{text}");
    Ok(Report::passed(text))
}

/// Runs the stage `name` in this process.
pub(crate) fn stage(name: &str) -> Result<Report> {
    let mut stages = LANES.iter().copied().flatten();
    let (_, stage) = stages.find(|stage| stage.0 == name).with_context(|| format!("no stage `{name}`"))?;
    stage()
}

/// Runs the stage `name` in a process of its own.
fn timed(name: &'static str) -> (&'static str, Duration, Result<Report>) {
    println!("---- {name} begins");
    let start = Instant::now();
    // The same program, although a stage may build it anew.
    let mut command = Command::new("/proc/self/exe");
    let result = apart(command.args(["stage", name]), name);
    (name, start.elapsed(), result)
}

/// Runs `command`, whose last line is its verdict. Prints all of it when it has ended.
fn apart(command: &mut Command, name: &str) -> Result<Report> {
    let folder = target_dir("ci");
    fs::create_dir_all(&folder)?;
    let log = folder.join(format!("{name}.log"));
    let file = File::create(&log)?;
    let status = command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file).status()?;
    let text = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
    let result = Report::told(status.code(), text.lines().last().unwrap_or("no verdict").to_owned());
    let mark = if result.is_err() { ": FAILED" } else { "" };
    println!("\n==== {name}{mark} ====\n{}", text.trim_end());
    result
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
    fn of<'a>(results: impl IntoIterator<Item = &'a Result<Report>>) -> Self {
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
    let crates = ["--package", "ferrio-poll", "--package", "ferrio-proactor", "--package", "ferrio"];
    let outcome = Step::cargo(&[&["test"], &crates[..], &["--all-features"]].concat()).run()?;
    let features = Results::of_success(&outcome)?.summary();
    let runners =
        Step::cargo(&[&["test"], door::OF_BENCH].concat()).dir(&root().join("bench")).target("bench");
    let runners = Results::of_success(&runners.run()?)?.summary();
    Ok(Report::passed(format!("{summary}; with features {features}; of the runners {runners}")))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::process::Command;
    use std::time::Duration;

    use anyhow::anyhow;

    use super::{LANES, Tally, apart, line, stage};
    use xtask_shell::Report;

    #[test]
    fn a_name_is_one_stage() {
        let names: Vec<_> = LANES.iter().copied().flatten().map(|stage| stage.0).collect();
        assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len());
        assert!(stage("no such stage").is_err());
    }

    #[test]
    fn the_last_line_and_the_status_of_a_process_are_its_verdict() {
        let of = |script: &str| apart(Command::new("sh").args(["-c", script]), "a-test");
        assert!(matches!(of("echo a >&2; echo all well"), Ok(Report::Passed(note)) if note == "all well"));
        assert!(matches!(of("echo no strace; exit 4"), Ok(Report::Skipped(note)) if note == "no strace"));
        assert!(of("echo bad; exit 1").expect_err("a failure").to_string().contains("bad"));
        assert!(of("echo begun; kill -KILL $$").is_err());
    }

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
