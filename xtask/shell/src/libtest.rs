//! Reading what a test binary prints.

use std::collections::BTreeSet;

use crate::report::Report;
use crate::step::{Outcome, Step};
use anyhow::{Result, bail, ensure};

/// The results of one or more test binaries.
#[derive(Debug, Default)]
pub struct Results {
    /// The tests that passed.
    pub passed: BTreeSet<String>,
    /// The tests that failed.
    pub failed: BTreeSet<String>,
    /// How many were left out on purpose.
    pub ignored: usize,
    /// How many passed: names may occur in several binaries.
    pub passed_count: usize,
    /// Binaries that began.
    begun: usize,
    /// Binaries that reached their last line.
    ended: usize,
}

impl Results {
    /// Reads what `cargo test` printed.
    pub fn of(outcome: &Outcome) -> Self {
        Self::parse(&outcome.stdout, &outcome.stderr)
    }

    /// Reads what cargo printed to stdout, the tests' part, and to stderr, its own.
    fn parse(stdout: &str, stderr: &str) -> Self {
        let mut results =
            Self { begun: stderr.lines().filter(|line| begins(line)).count(), ..Self::default() };
        // What tests printed is shown after such a word. It may hold anything, also the
        // output of another test binary.
        let mut is_quoting = false;
        for line in stdout.lines() {
            if line.starts_with("test result: ") {
                results.ended += 1;
                is_quoting = false;
            } else if line == "failures:" || line == "successes:" {
                is_quoting = true;
            } else if !is_quoting {
                result(line).into_iter().for_each(|(name, verdict)| results.add(name, verdict));
            }
        }
        results
    }

    fn add(&mut self, name: &str, verdict: &str) {
        // As in `name - should panic`.
        let name = name.trim_end_matches(" - should panic").to_owned();
        match verdict {
            "ok" => {
                self.passed_count += 1;
                self.passed.insert(name);
            }
            "FAILED" => drop(self.failed.insert(name)),
            _ => self.ignored += 1,
        }
    }

    /// True if every binary told its result: none hung, aborted or was killed.
    pub fn is_complete(&self) -> bool {
        self.begun > 0 && self.begun <= self.ended
    }

    /// The results of a run in which nothing failed and everything ended; else
    /// an error that names the tests.
    pub fn of_success(outcome: &Outcome) -> Result<Self> {
        let results = Self::of(outcome);
        if !results.failed.is_empty() {
            let names: Vec<&str> = results.failed.iter().map(String::as_str).collect();
            bail!("{} tests failed: {}", names.len(), names.join(", "));
        }
        if !outcome.success() || !results.is_complete() {
            bail!("{}", outcome.complaint());
        }
        if results.passed_count == 0 {
            bail!("no test ran");
        }
        Ok(results)
    }

    /// The counts in words.
    pub fn summary(&self) -> String {
        let ignored = if self.ignored > 0 { format!(", {} ignored", self.ignored) } else { String::new() };
        format!("{} tests passed{ignored}", self.passed_count)
    }
}

/// Several runs together.
#[derive(Debug, Default)]
pub struct Tally {
    runs: usize,
    passed: usize,
    failures: Vec<String>,
}

impl Tally {
    /// Runs `step`, whose output is shown if it fails, and adds it as `name`.
    pub fn run(&mut self, name: &str, step: Step) -> Result<Outcome> {
        let outcome = step.brief().run()?;
        self.runs += 1;
        match Results::of_success(&outcome) {
            Ok(results) => self.passed += results.passed_count,
            Err(error) => self.fail(name, &error.to_string()),
        }
        Ok(outcome)
    }

    /// Adds what is wrong with the run `name` beside its results.
    pub fn fail(&mut self, name: &str, complaint: &str) {
        self.failures.push(format!("{name}: {complaint}"));
    }

    /// The verdict on all.
    pub fn report(&self) -> Result<Report> {
        ensure!(self.failures.is_empty(), "{}", self.failures.join("\n"));
        Ok(Report::passed(format!("{} tests passed in {} runs", self.passed, self.runs)))
    }
}

/// True for the line with which cargo starts a test binary.
fn begins(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("Running ") || line.starts_with("Doc-tests ")
}

/// The name and the verdict of `test name ... ok`. A child that a test has started may have printed
/// blanks: a newer wine does, for each console.
fn result(line: &str) -> Option<(&str, &str)> {
    let (name, verdict) = line.trim_start().strip_prefix("test ")?.rsplit_once(" ... ")?;
    let verdict = verdict.trim_start().split([',', ' ']).next()?;
    matches!(verdict, "ok" | "FAILED" | "ignored").then_some((name, verdict))
}

#[cfg(test)]
mod tests {
    use super::{Results, Tally};
    use crate::step::Step;

    const OUTPUT: &str = "
running 4 tests
  test poll::waits ...  ok
test poll::sleeps ... FAILED
test poll::panics - should panic ... ok
test poll::later ... ignored, needs a newer kernel

failures:

---- poll::sleeps stdout ----
running 1 test
test poll::inner ... FAILED

test result: FAILED. 2 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s
";

    const CARGO: &str = "     Running tests/contract/main.rs (target/debug/deps/contract-1)\n";

    #[test]
    fn names_and_verdicts_are_read() {
        let results = Results::parse(OUTPUT, CARGO);
        let passed: Vec<_> = results.passed.iter().map(String::as_str).collect();
        assert_eq!(passed, ["poll::panics", "poll::waits"]);
        assert!(results.failed.contains("poll::sleeps") && results.failed.len() == 1);
        assert_eq!(results.ignored, 1);
        assert!(results.is_complete());
    }

    #[test]
    fn a_run_that_fails_or_runs_no_test_is_no_success() {
        let mut tally = Tally::default();
        for (script, passed, failures) in [
            ("echo '     Running a' >&2; echo 'test a ... ok'; echo 'test result: ok.'", 1, 0),
            ("echo '     Running a' >&2; echo 'test result: ok.'", 1, 1),
            ("echo '     Running a' >&2; echo 'test a ... FAILED'; echo 'test result: FAILED.'", 1, 2),
        ] {
            tally.run("it", Step::new("sh", &["-c", script]).quiet()).expect("sh starts");
            assert_eq!((tally.passed, tally.failures.len()), (passed, failures), "{script}");
        }
        assert!(tally.report().is_err());
    }

    #[test]
    fn a_binary_that_did_not_end_is_noticed() {
        let text = OUTPUT.split("failures").next().unwrap_or_default();
        assert!(!Results::parse(text, CARGO).is_complete());
        assert!(!Results::parse("", "").is_complete());
    }
}
