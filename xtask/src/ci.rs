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

use anyhow::{Context, Error, Result, ensure};
use xtask_shell::libtest::Results;
use xtask_shell::{Report, Step, root, target_dir};

use crate::platforms::{self, Stage as Platforms};
use crate::{api, asan, contract, door, loom, mutants, published, tidy, unsafe_list};

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
        ("package", published::package),
        // Long before the seeded faults, with which it shares a folder.
        ("kqueue", contract::kqueue),
        // Before `check`, which needs less of the same std.
        ("wine", || platforms::gate(Platforms::Wine)),
        ("check", || platforms::gate(Platforms::Check)),
        ("msrv", published::msrv),
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

/// The workspaces, by their folders.
const WORKSPACES: &[&str] =
    &["", "bench", "bench/rings", "bench/tokio-on-ferrio", "compat", "compat/real-mio"];

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

/// How a stage may end, in a line of its own and where all are counted.
const ENDS: [(&str, &str); 4] =
    [("ok", "well"), ("SKIPPED", "SKIPPED"), ("in part", "SKIPPED in part"), ("FAILED", "FAILED")];

/// The place of its end among [`ENDS`].
fn end(result: &Result<Report>) -> usize {
    match result {
        Ok(Report::Passed(_)) => 0,
        Ok(Report::Skipped(_)) => 1,
        Ok(Report::InPart(_)) => 2,
        Err(_) => 3,
    }
}

/// How many stages ended how.
#[derive(Debug, Default)]
struct Tally([usize; ENDS.len()]);

impl Tally {
    fn of<'a>(results: impl IntoIterator<Item = &'a Result<Report>>) -> Self {
        let mut tally = Self::default();
        results.into_iter().for_each(|result| tally.0[end(result)] += 1);
        tally
    }

    fn is_well(&self, may_skip: bool) -> bool {
        let [_, skipped, in_part, failed] = self.0;
        failed == 0 && (may_skip || skipped + in_part == 0)
    }
}

impl Display for Tally {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let counts = self.0.iter().zip(ENDS).enumerate();
        // How many are well and how many are skipped is always said.
        let told = counts.filter(|(place, (count, _))| *place < 2 || **count > 0);
        let told: Vec<_> = told.map(|(_, (count, (_, word)))| format!("{count} {word}")).collect();
        write!(f, "{} of {} stages", told.join(", "), self.0.iter().sum::<usize>())
    }
}

/// A line of the summary.
fn line(name: &str, took: Duration, result: &Result<Report>) -> String {
    let (verdict, _) = ENDS[end(result)];
    let note = match result {
        Ok(Report::Passed(note) | Report::InPart(note) | Report::Skipped(note)) => note.clone(),
        Err(error) => error.to_string(),
    };
    let note = note.lines().next().unwrap_or_default();
    format!("{name:<10} {verdict:<8} {:>5.0} s  {note}", took.as_secs_f64())
}

fn fmt() -> Result<Report> {
    for folder in WORKSPACES {
        Step::cargo(&["fmt", "--all", "--check"]).dir(&root().join(folder)).succeed()?;
    }
    Ok(Report::passed(format!("{} workspaces", WORKSPACES.len())))
}

fn clippy() -> Result<Report> {
    let main = || Step::cargo(&["clippy", "--all-targets", "--workspace"]);
    let bench = Step::cargo(&["clippy", "--all-targets"]).words(door::OF_BENCH);
    let bench = bench.dir(&root().join("bench")).target("bench");
    for step in [main(), main().words("--all-features"), bench] {
        step.words("-- --deny warnings").succeed()?;
    }
    Ok(Report::passed("no warning, with and without features"))
}

fn docs() -> Result<Report> {
    for what in ["--workspace --all-features", "--package ferrio-poll"] {
        Step::cargo(&["doc", "--no-deps"]).words(what).env("RUSTDOCFLAGS", "-Dwarnings").succeed()?;
    }
    Ok(Report::passed("no warning"))
}

/// The command that the README names, and the crates with all their features.
fn test() -> Result<Report> {
    let passed = |step: Step| Ok::<_, Error>(Results::of_success(&step.run()?)?.summary());
    let test = || Step::cargo(&["test"]);
    let summary = passed(test().words("--workspace"))?;
    let features = passed(test().words(published::CRATES).words("--all-features"))?;
    let runners = passed(test().words(door::OF_BENCH).dir(&root().join("bench")).target("bench"))?;
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
