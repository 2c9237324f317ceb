//! `cargo xtask mutants`: seeded faults, each of which some test must catch.
//!
//! A mutant is a replacement of text in one file. It is made in a copy of the
//! sources below the build folder, so the tree is never touched. Before the
//! mutants, the tests that are to catch them run unharmed and must pass.

mod table;
mod tree;

use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::libtest::Results;
use crate::report::Report;
use crate::shell::{Outcome, Step, target_dir};
use table::{Mutant, Suite, all};
use tree::Copy;

/// How long the tests of one mutant may run. A hang is a catch.
const LIMIT: Duration = Duration::from_secs(60);

/// Runs the mutants named in `arguments`, or all.
pub(crate) fn run(arguments: &[String]) -> Result<Report> {
    let chosen = choose(arguments)?;
    let copy = Copy::update(target_dir("mutants/tree"))?;
    for mutant in &chosen {
        copy.check(mutant)?;
    }
    let mut survivors = Vec::new();
    for suite in suites(&chosen) {
        let mutants: Vec<_> = chosen.iter().filter(|mutant| mutant.suite == suite).collect();
        unharmed(&copy, suite, &mutants)?;
        for mutant in mutants {
            let verdict = seed(&copy, mutant).with_context(|| mutant.name)?;
            println!("{:<34} {verdict}", mutant.name);
            if verdict == Verdict::Survived {
                println!("    {}", mutant.breaks);
                survivors.push(mutant.name);
            }
        }
    }
    ensure!(survivors.is_empty(), "survived: {}", survivors.join(", "));
    Ok(Report::passed(format!("{} mutants, all caught", chosen.len())))
}

fn choose(names: &[String]) -> Result<Vec<&'static Mutant>> {
    if names.is_empty() {
        return Ok(all().collect());
    }
    let find = |name: &String| {
        let found = all().find(|mutant| mutant.name == name);
        found.with_context(|| format!("no mutant `{name}`"))
    };
    names.iter().map(find).collect()
}

/// The suites that `mutants` need, each once: a change of flags is a new build.
fn suites(mutants: &[&Mutant]) -> Vec<&'static Suite> {
    let mut suites: Vec<&Suite> = Vec::new();
    for mutant in mutants {
        if !suites.contains(&mutant.suite) {
            suites.push(mutant.suite);
        }
    }
    suites
}

/// Runs the tests that `mutants` name on the sources as they are: they pass, and
/// each filter finds a test.
fn unharmed(copy: &Copy, suite: &Suite, mutants: &[&&Mutant]) -> Result<()> {
    let filters: Vec<&str> = mutants.iter().flat_map(|mutant| mutant.filters).copied().collect();
    build(copy, suite)?.context("the sources do not build unharmed")?;
    let results = Results::of_success(&test(copy, suite, &filters)?).context("unharmed")?;
    for filter in filters {
        let found = results.passed.iter().any(|name| name.contains(filter));
        ensure!(found, "no test matches `{filter}`");
    }
    Ok(())
}

/// How a mutant ended.
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

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
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
fn seed(copy: &Copy, mutant: &Mutant) -> Result<Verdict> {
    copy.apply(mutant)?;
    let verdict = build(copy, mutant.suite).and_then(|built| {
        built.context("the mutant does not build")?;
        judge(&test(copy, mutant.suite, mutant.filters)?)
    });
    copy.restore(mutant)?;
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

/// Builds the tests; the inner error is the compiler's.
fn build(copy: &Copy, suite: &Suite) -> Result<Result<()>> {
    let outcome = step(copy, suite, &["--no-run"]).run()?;
    if outcome.success() {
        return Ok(Ok(()));
    }
    Ok(Err(anyhow::anyhow!("{}", outcome.stderr)))
}

/// Runs the tests that match `filters`.
fn test(copy: &Copy, suite: &Suite, filters: &[&str]) -> Result<Outcome> {
    let arguments = [&["--no-fail-fast", "--"], filters].concat();
    step(copy, suite, &arguments).limit(LIMIT).run()
}

fn step(copy: &Copy, suite: &Suite, more: &[&str]) -> Step {
    let profile: &[&str] = if suite.release { &["--release"] } else { &[] };
    let arguments = [&["test", "--package", "ferrio-poll", suite.tests], profile, more].concat();
    Step::cargo(&arguments)
        .dir(copy.folder())
        .target(suite.folder)
        .env("RUSTFLAGS", suite.flags)
        .env("FERRIO_BACKEND", suite.backend)
        .hidden_env("LOOM_MAX_PREEMPTIONS", "3")
        .hidden_env("FERRIO_IMPATIENT", "1")
        .quiet()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{Copy, Verdict, all, choose, judge};
    use crate::shell::Step;

    fn verdict(script: &str) -> Verdict {
        let outcome = Step::new("sh", &["-c", script]).quiet().run().expect("sh starts");
        judge(&outcome).expect("tests ran")
    }

    #[test]
    fn a_failed_test_is_a_catch() {
        let script = "echo 'test a ... FAILED'; echo 'test b ... ok'; exit 101";
        assert_eq!(verdict(script), Verdict::Caught(1));
    }

    #[test]
    fn tests_that_all_pass_are_a_survivor() {
        assert_eq!(verdict("echo 'test a ... ok'"), Verdict::Survived);
    }

    #[test]
    fn a_crash_is_a_catch() {
        assert_eq!(verdict("echo 'test a ... ok'; kill -SEGV $$"), Verdict::Aborted);
    }

    #[test]
    fn a_run_without_tests_is_no_verdict() {
        let outcome = Step::new("true", &[]).quiet().run().expect("true starts");
        assert!(judge(&outcome).is_err());
    }

    #[test]
    fn every_mutant_fits_the_sources_as_they_are() {
        let copy = Copy::of_sources();
        for mutant in all() {
            copy.check(mutant).expect(mutant.name);
            assert!(!mutant.filters.is_empty(), "{} names no test", mutant.name);
        }
    }

    #[test]
    fn there_are_at_least_fifteen_mutants_each_with_a_name_of_its_own() {
        let names: HashSet<&str> = all().map(|mutant| mutant.name).collect();
        assert!(names.len() == all().count() && names.len() >= 15, "{} names", names.len());
    }

    #[test]
    fn an_unknown_name_is_an_error() {
        assert!(choose(&["no such mutant".to_owned()]).is_err());
    }
}
