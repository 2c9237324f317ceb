//! `cargo xtask mutants [NAME...]`: seeded faults, each of which some test must catch.
//!
//! A fault is a replacement of text in one file. It is made in a copy of the sources
//! below the build folder, so the tree is never touched. Before the faults of a suite,
//! the tests that are to catch them run unharmed and must pass.
//!
//! A fault costs a build, most of which uses one processor, and tests, most of which wait. So
//! those that the contract suite catches are tried beside those that the crate's own tests and
//! models catch, each half in a copy of its own.

mod fault;
mod tree;

use std::fmt::{self, Display, Formatter};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Error, Result, ensure};
use xtask_shell::libtest::Results;
use xtask_shell::{Outcome, Report, Step, target_dir};

use crate::contract::{FAKE_KQUEUE, KQUEUE_FOLDER};
use crate::mutants::fault::{Fault, Suite};
use crate::mutants::tree::Copy;

/// How long the tests of a suite may run unharmed.
const LIMIT: Duration = Duration::from_secs(120);

/// How long the tests of one fault may run at least. See [`unharmed`].
const FAULT_LIMIT_MIN: Duration = Duration::from_secs(15);

/// Makes the faults named in `names`, or all.
pub(crate) fn run(names: &[String]) -> Result<Report> {
    let mut faults = choose(fault::all()?, names)?;
    // A change of suite is a new build.
    faults.sort_by(|a, b| place(a).cmp(&place(b)));
    let (outer, inner) = faults.split_at(faults.partition_point(|fault| fault.suite < Suite::Unit));
    let survivors = thread::scope(|scope| {
        let inner = scope.spawn(|| survivors("mutants/inner", inner));
        let outer = survivors("mutants/outer", outer);
        Ok::<_, Error>([outer?, inner.join().expect("the thread of the inner tests")?].concat())
    })?;
    ensure!(survivors.is_empty(), "survived: {}", survivors.join(", "));
    Ok(Report::passed(format!("{} faults, all caught", faults.len())))
}

/// Makes `faults`, one after the other, in a copy in `folder`. Gives those that no test
/// noticed.
fn survivors<'a>(folder: &str, faults: &'a [Fault]) -> Result<Vec<&'a str>> {
    let copy = Copy::update(target_dir(folder))?;
    faults.iter().try_for_each(|fault| copy.seeded(fault).map(drop))?;
    let mut survivors = Vec::new();
    for faults in faults.chunk_by(|a, b| place(a) == place(b)) {
        let limit = unharmed(&copy, faults)?;
        for fault in faults {
            let verdict = seed(&copy, fault, limit).with_context(|| fault.name.clone())?;
            println!("{:<34} {verdict}", fault.name);
            if verdict == Verdict::Survived {
                println!("    {}", fault.breaks);
                survivors.push(fault.name.as_str());
            }
        }
    }
    Ok(survivors)
}

/// What is built for a fault.
fn place(fault: &Fault) -> (Suite, &str) {
    (fault.suite, fault.package())
}

fn choose(faults: Vec<Fault>, names: &[String]) -> Result<Vec<Fault>> {
    if names.is_empty() {
        return Ok(faults);
    }
    let find = |name: &String| faults.iter().find(|fault| fault.name == *name).cloned();
    names.iter().map(|name| find(name).with_context(|| format!("no fault `{name}`"))).collect()
}

/// Runs the tests that `faults` name on the sources as they are: they pass, and each
/// filter finds a test. Gives the time after which the tests of one fault hang, which is
/// a catch: more than all of them took together.
fn unharmed(copy: &Copy, faults: &[Fault]) -> Result<Duration> {
    let place = place(&faults[0]);
    let filters: Vec<String> = faults.iter().flat_map(|fault| fault.filters.clone()).collect();
    build(copy, place).context("the sources do not build unharmed")?;
    let start = Instant::now();
    let results = Results::of_success(&test(copy, place, &filters, LIMIT)?).context("unharmed")?;
    let limit = FAULT_LIMIT_MIN.max(start.elapsed() * 2);
    for filter in filters {
        let is_found = results.passed.iter().any(|name| name.contains(&filter));
        ensure!(is_found, "no test matches `{filter}`");
    }
    Ok(limit)
}

/// How a fault ended.
#[derive(Debug, Eq, PartialEq)]
enum Verdict {
    /// The run of the tests broke off: a crash or an abort.
    Aborted,
    /// That many tests failed.
    Caught(usize),
    /// The tests ran into the limit.
    Hung,
    /// No test noticed.
    Survived,
}

impl Display for Verdict {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Aborted => f.write_str("caught: the tests broke off"),
            Self::Caught(1) => f.write_str("caught by 1 test"),
            Self::Caught(count) => write!(f, "caught by {count} tests"),
            Self::Hung => f.write_str("caught: the tests hung"),
            Self::Survived => f.write_str("SURVIVED"),
        }
    }
}

/// Makes the fault, runs the tests, takes the fault back.
fn seed(copy: &Copy, fault: &Fault, limit: Duration) -> Result<Verdict> {
    copy.apply(fault)?;
    let built = build(copy, place(fault)).context("the fault does not build");
    let verdict = built.and_then(|()| judge(&test(copy, place(fault), &fault.filters, limit)?));
    copy.restore(fault)?;
    verdict
}

fn judge(outcome: &Outcome) -> Result<Verdict> {
    let results = Results::of(outcome);
    if !results.failed.is_empty() {
        return Ok(Verdict::Caught(results.failed.len()));
    }
    if outcome.timed_out() {
        return Ok(Verdict::Hung);
    }
    if outcome.success() {
        ensure!(results.passed_count > 0, "no test ran");
        return Ok(Verdict::Survived);
    }
    Ok(Verdict::Aborted)
}

fn build(copy: &Copy, place: (Suite, &str)) -> Result<()> {
    let outcome = step(copy, place).words("--no-run").run()?;
    ensure!(outcome.success(), "{}", outcome.stderr);
    Ok(())
}

/// Runs the tests that match `filters`.
fn test(copy: &Copy, place: (Suite, &str), filters: &[String], limit: Duration) -> Result<Outcome> {
    step(copy, place).words("--no-fail-fast --").args(filters).limit(limit).run()
}

/// `cargo test` as `suite` asks for it: if another stage has the same flags, in its build folder,
/// which has the dependencies already; but no folder is used by both halves.
fn step(copy: &Copy, (suite, package): (Suite, &str)) -> Step {
    let tests = if package == "ferrio-proactor" { "--test=operations" } else { "--test=contract" };
    let (backend, tests, folder, flags) = match suite {
        Suite::Epoll | Suite::Operations => ("epoll", tests, "contract-eventfd", ""),
        Suite::Kqueue => ("kqueue", tests, KQUEUE_FOLDER, FAKE_KQUEUE),
        Suite::Poll2 => ("poll2", tests, "contract-eventfd", ""),
        Suite::Loom => ("epoll", "--lib --release", "loom", "--cfg ferrio_loom"),
        Suite::Unit => ("epoll", "--lib", "mutants/unit", ""),
    };
    // A fault changes one file: the rest is built once. The models run in release, where
    // that would make them slow.
    let incremental = if suite == Suite::Loom { "0" } else { "1" };
    let features = if package == "ferrio-poll" { "--features=signal" } else { "--all-features" };
    Step::cargo(&["test", "--package", package, features])
        .words(tests)
        .dir(copy.folder())
        .target(folder)
        .env("RUSTFLAGS", flags)
        .env("FERRIO_BACKEND", backend)
        .hidden_env("CARGO_INCREMENTAL", incremental)
        .hidden_env("LOOM_MAX_PREEMPTIONS", "3")
        .hidden_env("FERRIO_IMPATIENT", "1")
        .quiet()
}

#[cfg(test)]
mod tests {
    use anyhow::Result;

    use super::{Verdict, choose, fault, judge};
    use xtask_shell::Step;

    fn verdict(script: &str) -> Result<Verdict> {
        judge(&Step::new("sh", &["-c", script]).quiet().run().expect("sh starts"))
    }

    #[test]
    fn only_a_run_in_which_all_is_well_is_a_survivor() {
        let of = |script| verdict(script).expect("tests ran");
        let failed = "echo 'test a ... FAILED'; echo 'test b ... ok'; exit 101";
        assert_eq!(of(failed), Verdict::Caught(1));
        assert_eq!(of("echo 'test a ... ok'"), Verdict::Survived);
        assert_eq!(of("echo 'test a ... ok'; kill -SEGV $$"), Verdict::Aborted);
        assert!(verdict("true").is_err(), "a run without tests is no verdict");
    }

    #[test]
    fn an_unknown_name_is_an_error() {
        let faults = fault::all().expect("the table");
        assert!(choose(faults.clone(), &["no such fault".to_owned()]).is_err());
        assert_eq!(choose(faults.clone(), &[]).expect("all").len(), faults.len());
    }
}
