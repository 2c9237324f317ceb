//! Running test binaries so that every test gets its result, also one that hangs
//! or takes its process down.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use xtask_shell::libtest::Results;
use xtask_shell::{Outcome, Step};

use crate::baseline::Rule;
use crate::suite::Binary;
use crate::verdict::{Counts, Run, Verdict};

/// How long a binary may take. The slowest needs 10 s on a quiet machine.
const LIMIT: Duration = Duration::from_secs(150);

/// How long a single test may take that had no result in its binary's run.
const ALONE_LIMIT: Duration = Duration::from_secs(30);

/// How long a test may take that is known to hang.
const HANG_LIMIT: Duration = Duration::from_secs(10);

/// Stands for the whole of a binary that ended badly although no test of it did.
const TOGETHER: &str = "(together)";

/// How the tests of a suite are run.
#[derive(Debug)]
pub(crate) struct Runner<'a> {
    /// The folder of the package, where they expect to run.
    pub(crate) folder: &'a Path,
    /// How many at a time.
    pub(crate) threads: &'a str,
    /// Those that are known to hang, by `binary test`. Each runs alone, so that it
    /// does not hold up the others.
    pub(crate) hangs: BTreeSet<&'a str>,
    /// How their results are judged.
    pub(crate) rule: Rule,
    /// What the binaries are run by, if not by themselves.
    pub(crate) by: Option<&'a str>,
}

impl Runner<'_> {
    /// Runs the tests of `binary`. Those that get no result run once more, each alone.
    pub(crate) fn run(&self, binary: &Binary) -> Result<Run> {
        let all = names(&self.list(binary, &[])?);
        let ignored = names(&self.list(binary, &["--ignored"])?);
        let mut arguments = vec!["--test-threads", self.threads, "--exact"];
        for test in all.iter().filter(|test| self.is_known_to_hang(binary, test)) {
            arguments.extend(["--skip", test]);
        }
        let outcome = self.step(binary, &arguments)?.limit(LIMIT).run()?;
        let mut retried = 0;
        let verdicts = judge(&all, &ignored, &outcome, self.rule, |test| {
            // Where all ended well, only the line of the test was torn.
            retried += usize::from(!outcome.success() && !self.is_known_to_hang(binary, test));
            self.alone(binary, test)
        })?;
        if !verdicts.is_empty() {
            println!("  {:<40} {}", binary.name, Counts::of(verdicts.values().copied()));
        }
        let named = |(test, verdict)| (format!("{} {test}", binary.name), verdict);
        Ok(Run { record: verdicts.into_iter().map(named).collect(), retried })
    }

    fn is_known_to_hang(&self, binary: &Binary, test: &str) -> bool {
        self.hangs.contains(format!("{} {test}", binary.name).as_str())
    }

    /// The result of `test` when nothing else runs beside it.
    fn alone(&self, binary: &Binary, test: &str) -> Result<Verdict> {
        let limit = if self.is_known_to_hang(binary, test) { HANG_LIMIT } else { ALONE_LIMIT };
        let verdict = single(&self.step(binary, &["--exact", test])?.limit(limit).run()?);
        println!("  {:<40} {test} alone: {verdict}", binary.name);
        Ok(verdict)
    }

    /// What the binary prints when asked for its tests.
    fn list(&self, binary: &Binary, which: &[&str]) -> Result<String> {
        let arguments = [&["--list", "--format", "terse"], which].concat();
        let outcome = self.step(binary, &arguments)?.limit(ALONE_LIMIT).run()?;
        ensure!(outcome.success(), "cannot list its tests: {}", outcome.complaint());
        Ok(outcome.stdout)
    }

    /// The binary, run as cargo does.
    fn step(&self, binary: &Binary, arguments: &[&str]) -> Result<Step> {
        let program = binary.path.to_str().context("a path that is not UTF-8")?;
        let words: Vec<&str> =
            self.by.into_iter().chain([program]).chain(arguments.iter().copied()).collect();
        let step = Step::new(words[0], &words[1..]).dir(self.folder).quiet();
        Ok(step.hidden_env("CARGO_MANIFEST_DIR", self.folder))
    }
}

/// The verdict on each test of `all`, by what the binary printed, and by `alone` for
/// those that it says nothing of.
fn judge(
    all: &BTreeSet<String>,
    ignored: &BTreeSet<String>,
    outcome: &Outcome,
    rule: Rule,
    mut alone: impl FnMut(&str) -> Result<Verdict>,
) -> Result<BTreeMap<String, Verdict>> {
    let results = Results::of(outcome);
    let mut verdicts = BTreeMap::new();
    for test in all {
        let verdict = if results.failed.contains(test) {
            Verdict::Failed
        } else if results.passed.contains(test) {
            Verdict::Ok
        } else if ignored.contains(test) {
            Verdict::Ignored
        } else {
            alone(test)?
        };
        verdicts.insert(test.clone(), verdict);
    }
    // Each test may be well alone and all of them not together. A test that only failed
    // does not explain why the process did not come to its last line.
    let has_ended = outcome.stdout.contains("test result: ");
    let is_fatal = !has_ended && !outcome.success() && !rule.forgives_hangs();
    if is_fatal || (!outcome.success() && !verdicts.values().any(|verdict| verdict.is_bad())) {
        let verdict = if outcome.timed_out() { Verdict::Hung } else { Verdict::Lost };
        verdicts.insert(TOGETHER.to_owned(), verdict);
    }
    Ok(verdicts)
}

/// The result of a run of a single test. Its line may be torn by what others write
/// to the same output, so the last line and the status decide.
fn single(outcome: &Outcome) -> Verdict {
    let says = |words: &str| outcome.stdout.contains(&format!("test result: {words}"));
    if outcome.timed_out() {
        Verdict::Hung
    } else if outcome.success() && says("ok. 1 passed") {
        Verdict::Ok
    } else if says("FAILED. 0 passed; 1 failed") {
        Verdict::Failed
    } else {
        Verdict::Lost
    }
}

/// The names in a list of `name: test`.
fn names(list: &str) -> BTreeSet<String> {
    list.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use super::{Rule, judge, names, single};
    use crate::verdict::Verdict;
    use xtask_shell::{Outcome, Step};

    fn outcome(script: &str) -> Outcome {
        let step = Step::new("sh", &["-c", script]).quiet().limit(Duration::from_secs(2));
        step.run().expect("sh starts")
    }

    /// The verdicts on the tests `a`, `b` and `later`, which is ignored, after
    /// `script` ran in the place of their binary.
    fn verdicts(script: &str, alone: Verdict) -> Vec<String> {
        verdicts_by(Rule::NoWorse, script, alone)
    }

    fn verdicts_by(rule: Rule, script: &str, alone: Verdict) -> Vec<String> {
        let set = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<BTreeSet<_>>();
        let all = set(&["a", "b", "later"]);
        let verdicts = judge(&all, &set(&["later"]), &outcome(script), rule, |_| Ok(alone));
        let verdicts = verdicts.expect("verdicts");
        verdicts.iter().map(|(test, verdict)| format!("{test} {verdict}")).collect()
    }

    fn of(script: &str) -> Verdict {
        single(&outcome(script))
    }

    #[test]
    fn the_last_line_and_the_status_decide() {
        assert_eq!(of("echo 'test result: ok. 1 passed; 0 failed'"), Verdict::Ok);
        assert_eq!(of("echo 'test result: FAILED. 0 passed; 1 failed'; exit 101"), Verdict::Failed);
        assert_eq!(of("echo 'test result: ok. 0 passed; 0 failed'"), Verdict::Lost);
        assert_eq!(of("echo 'test a ... ok'; kill -ABRT $$"), Verdict::Lost);
        assert_eq!(of("sleep 30"), Verdict::Hung);
    }

    #[test]
    fn every_listed_test_has_a_verdict() {
        let both = "echo 'test a ... ok'; echo 'test b ... FAILED'; exit 101";
        assert_eq!(verdicts(both, Verdict::Lost), ["a ok", "b failed", "later ignored"]);
        let torn = "echo 'test a ... noiseok'; echo 'test b ... ok'";
        assert_eq!(verdicts(torn, Verdict::Ok), ["a ok", "b ok", "later ignored"]);
        assert_eq!(verdicts("sleep 30", Verdict::Hung), ["a hung", "b hung", "later ignored"]);
    }

    #[test]
    fn a_crash_or_hang_of_all_together_is_seen() {
        let crash = verdicts("echo 'test a ... ok'; kill -ABRT $$", Verdict::Ok);
        assert_eq!(crash, ["(together) lost", "a ok", "b ok", "later ignored"]);
        assert_eq!(verdicts("sleep 30", Verdict::Ok)[0], "(together) hung");
    }

    #[test]
    fn a_hang_or_crash_is_not_forgotten_beside_a_failure() {
        let script = "echo 'test a ... FAILED'; sleep 30";
        let on_epoll = verdicts_by(Rule::Equal, script, Verdict::Ok);
        assert_eq!(on_epoll, ["(together) hung", "a failed", "b ok", "later ignored"]);
        assert_eq!(verdicts(script, Verdict::Ok), ["a failed", "b ok", "later ignored"]);
        let crash = verdicts_by(Rule::Equal, "echo 'test a ... FAILED'; kill -ABRT $$", Verdict::Ok);
        assert_eq!(crash, ["(together) lost", "a failed", "b ok", "later ignored"]);
        let ends = "echo 'test a ... FAILED'; echo 'test b ... ok'; echo 'test result: FAILED.'; exit 101";
        assert_eq!(verdicts_by(Rule::Equal, ends, Verdict::Ok), ["a failed", "b ok", "later ignored"]);
    }

    #[test]
    fn tests_are_listed_and_benchmarks_are_not() {
        let list = names("a::b: test\nc: benchmark\nd: test\n\n2 tests, 1 benchmark\n");
        assert_eq!(list.into_iter().collect::<Vec<_>>(), ["a::b", "d"]);
    }
}
