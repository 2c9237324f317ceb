//! A system whose programs run here, by an emulator or by themselves.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Result, bail};
use xtask_shell::libtest::Results;
use xtask_shell::{Outcome, Step};

use crate::contract::BACKENDS;
use crate::debian::Compiler;
use crate::platforms::row::{End, Row};
use crate::platforms::sysroot::{self, Part};

/// How long building and running one suite may take. What hangs in it is killed before.
const LIMIT: Duration = Duration::from_secs(15 * 60);

/// What a test prints that is left out: its name, and behind it the reason.
const SKIPPED: &str = "SKIPPED ";

/// A system, and how its programs come to be and to run.
#[derive(Debug)]
pub(super) struct System<'a> {
    /// The stage that its rows are of.
    pub(super) stage: &'static str,
    /// Its name for rustc.
    pub(super) target: &'static str,
    /// What links its programs.
    pub(super) linker: &'a str,
    /// What runs them: words before their path.
    pub(super) runner: &'a str,
    /// What rustc is told when it builds them.
    pub(super) flags: &'a str,
}

/// A system that is ready.
#[derive(Debug)]
pub(super) struct Guest {
    stage: &'static str,
    target: &'static str,
    compiler: Compiler,
    /// What its builds and its programs need in their environment.
    variables: Vec<(String, String)>,
    /// Names, or parts of them, of tests that cannot run there.
    pub(super) left_out: &'static [&'static str],
}

impl Guest {
    /// A system that needs `variables`, too. Its std is made if need be.
    pub(super) fn new(system: &System<'_>, variables: &[(&str, String)]) -> Result<Self> {
        let guest = Self::of(sysroot::compiler()?, system, variables);
        sysroot::add(&guest.compiler, guest.target, Part::Code, &guest.variables)?;
        Ok(guest)
    }

    /// The same, with the std that `compiler` takes by itself or the flags name.
    pub(super) fn of(compiler: Compiler, system: &System<'_>, variables: &[(&str, String)]) -> Self {
        let System { stage, target, linker, runner, flags } = *system;
        let prefix = format!("CARGO_TARGET_{}", target.to_uppercase().replace('-', "_"));
        let own = [("LINKER", linker), ("RUNNER", runner), ("RUSTFLAGS", flags)];
        let own = own.map(|(name, value)| (format!("{prefix}_{name}"), value.to_owned()));
        let others = variables.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        Self { stage, target, compiler, variables: own.into_iter().chain(others).collect(), left_out: &[] }
    }

    /// `cargo test` for it with `arguments`.
    pub(super) fn test(&self, arguments: &str) -> Step {
        let step = self.cargo("test", "--no-fail-fast").words(arguments);
        // Why a test is left out is in what it prints.
        let left_out = self.left_out.iter().flat_map(|name| ["--skip", name]);
        step.words("-- --show-output").args(left_out)
    }

    /// `cargo action` for it with `arguments`.
    pub(super) fn cargo(&self, action: &str, arguments: &str) -> Step {
        let step = self.compiler.cargo(&[action, "--target", self.target], self.stage).words(arguments);
        // They would take the place of the flags of this guest.
        let step = step.without_env("RUSTFLAGS").without_env("CARGO_ENCODED_RUSTFLAGS");
        let step = step.hidden_env("CARGO_PROFILE_DEV_DEBUG", "0");
        step.limit(LIMIT).hidden_envs(self.variables.iter().cloned())
    }

    /// What another runner finds in its environment, so that its cargo builds for this guest.
    pub(super) fn environment(&self) -> Vec<(String, String)> {
        let rustc = self.compiler.rustc.display().to_string();
        let compiler = [("RUSTC".to_owned(), rustc), ("RUSTC_WRAPPER".to_owned(), String::new())];
        compiler.into_iter().chain(self.variables.iter().cloned()).collect()
    }

    /// Runs the tests of ferrio-poll on each backend that Linux has.
    pub(super) fn suites(&self) -> Vec<Row> {
        let suite = |backend: &&str| {
            let tests = self.test("--package ferrio-poll --all-features --lib --test contract");
            let end = tests.env("FERRIO_BACKEND", backend).brief().run().and_then(|outcome| {
                let left_out = if self.left_out.is_empty() { 0 } else { filtered(&outcome.stdout) };
                Ok(Tested::read(&outcome)?.end(left_out))
            });
            Row::new(self.stage, self.target, &format!("contract, {backend}"), end)
        };
        BACKENDS.iter().map(suite).collect()
    }

    /// Runs the tests that `arguments` choose. Gives those that passed, too.
    pub(super) fn suite(&self, what: &str, arguments: &str) -> (Row, BTreeSet<String>) {
        let tested = self.test(arguments).brief().run().and_then(|outcome| Tested::read(&outcome));
        let passed = tested.as_ref().map(Tested::passed).unwrap_or_default();
        (Row::new(self.stage, self.target, what, tested.map(|tested| tested.end(0))), passed)
    }
}

/// How many tests the last program was told to leave out, by its last line.
fn filtered(stdout: &str) -> usize {
    let line = stdout.lines().rfind(|line| line.starts_with("test result: ")).unwrap_or_default();
    let count = line.split("; ").find_map(|part| part.strip_suffix(" filtered out"));
    count.and_then(|count| count.parse().ok()).unwrap_or(0)
}

/// What came of a run.
#[derive(Debug)]
pub(super) struct Tested {
    results: Results,
    /// The tests that passed only because they are left out here.
    skipped: BTreeSet<String>,
}

impl Tested {
    /// Reads what was printed, and prints what was left out.
    pub(super) fn read(outcome: &Outcome) -> Result<Self> {
        let results = Results::of(outcome);
        let is_told = results.is_complete() && outcome.success() == results.failed.is_empty();
        if !is_told || results.passed_count == 0 {
            // The compiler has said more than cargo, a hang has no name.
            let error = outcome.stderr.lines().find(|line| line.starts_with("error"));
            bail!("{}", error.map_or_else(|| outcome.complaint(), str::to_owned));
        }
        let mut skipped = BTreeSet::new();
        for line in outcome.stdout.lines().filter(|line| line.starts_with(SKIPPED)) {
            let name = line[SKIPPED.len()..].split(' ').next().unwrap_or_default();
            if results.passed.contains(name) && skipped.insert(name.to_owned()) {
                println!("{line}");
            }
        }
        Ok(Self { results, skipped })
    }

    /// The end of a run for which `left_out` tests were not chosen.
    fn end(&self, left_out: usize) -> End {
        End::of_tests(&self.results, self.skipped.len(), left_out)
    }

    /// Those that passed because what they ask for holds.
    pub(super) fn passed(&self) -> BTreeSet<String> {
        self.results.passed.difference(&self.skipped).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::filtered;

    #[test]
    fn what_was_left_out_stands_in_the_last_line() {
        let line =
            |count| format!("test result: ok. 3 passed; 0 failed; {count} filtered out; finished in 1s");
        assert_eq!(filtered(&format!("{}\n{}\n\n", line(847), line(23))), 23);
        assert_eq!(filtered("test result: ok. 3 passed"), 0);
    }
}
