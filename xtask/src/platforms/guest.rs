//! A system whose programs run here, by an emulator or by themselves, or are linked here.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use xtask_shell::libtest::Results;
use xtask_shell::{Outcome, Report, Step, root, target_dir};

use crate::contract::BACKENDS;
use crate::debian::{self, Compiler};
use crate::platforms::pip;
use crate::platforms::row::Row;
use crate::platforms::sysroot::{self, Part};
use crate::platforms::targets::{self, System};

/// How long building and running one suite may take. What hangs in it is killed before.
const LIMIT: Duration = Duration::from_secs(15 * 60);

/// What a test prints that is left out: its name, and behind it the reason.
const SKIPPED: &str = "SKIPPED ";

/// The suite that there is a backend for.
const CONTRACT: &str = "--package ferrio-poll --all-features --lib --test contract";

/// Everything of the library that a program can refer to.
const LINKED: &str = "--no-run --package ferrio-poll --all-features --lib";

/// Rows for each system of `stage`, those of every day or all.
pub(super) fn run(stage: &str, all: bool) -> Vec<Row> {
    let systems = targets::guests().iter().filter(|system| system.stage == stage);
    let rows = systems.filter(|system| all || system.daily).flat_map(|system| {
        let rows = Row::each(&system.stage, &system.target, Guest::new(system).map(|guest| guest.rows()));
        rows.into_iter().map(|row| if system.ungated { row.without_gate() } else { row })
    });
    rows.collect()
}

/// A system that is ready.
#[derive(Debug)]
pub(super) struct Guest {
    system: &'static System,
    compiler: Compiler,
    /// What its builds and its programs need in their environment.
    variables: Vec<(String, String)>,
}

impl Guest {
    /// `system` with all that it needs. What is not there is installed or made.
    pub(super) fn new(system: &'static System) -> Result<Self> {
        debian::install(&system.needs)?;
        if let Some([folder, package, file]) = &system.pip {
            pip::install(&build_dir().join(folder), package, file)?;
        }
        let linker = match system.linker.strip_prefix("{rustc}/") {
            Some(path) => sysroot::of_usual_compiler(path)?.display().to_string(),
            None if system.linker.is_empty() => zig_linker(system)?.display().to_string(),
            None => system.linker.clone(),
        };
        let compiler = sysroot::compiler()?;
        let prefix = format!("CARGO_TARGET_{}", system.target.to_uppercase().replace('-', "_"));
        let own = [("LINKER", linker), ("RUNNER", fill(&system.runner)), ("RUSTFLAGS", fill(&system.flags))];
        let own = own.into_iter().map(|(name, value)| (format!("{prefix}_{name}"), value));
        let variables: Vec<_> = own.chain(variables(system)).collect();
        if !system.has_std {
            sysroot::add(&compiler, &system.target, Part::Code, &variables)?;
        }
        Ok(Self { system, compiler, variables })
    }

    /// `cargo test` for it with `arguments`.
    pub(super) fn test(&self, arguments: &str) -> Step {
        let step = self.cargo("test", "--no-fail-fast").words(arguments);
        // Why a test is left out is in what it prints.
        let left_out = self.system.left_out.iter().flat_map(|name| ["--skip", name]);
        step.words("-- --show-output").args(left_out)
    }

    /// `cargo action` for it with `arguments`.
    pub(super) fn cargo(&self, action: &str, arguments: &str) -> Step {
        let System { stage, target, .. } = self.system;
        let step = self.compiler.cargo(&[action, "--target", target], stage).words(arguments);
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

    /// The rows of its suites.
    pub(super) fn rows(&self) -> Vec<Row> {
        if self.system.linked {
            let linked = self.cargo("test", LINKED).brief().succeed();
            return vec![self.row("lib", linked.map(|_| Report::passed("linked")))];
        }
        if self.system.suites.is_empty() {
            let suite = |backend: &&str| self.suite(&format!("contract, {backend}"), CONTRACT, backend).0;
            return BACKENDS.iter().map(suite).collect();
        }
        let suites = self.system.suites.iter();
        suites.map(|[what, arguments]| self.suite(what, arguments, "").0).collect()
    }

    /// Runs the tests that `arguments` choose, on the `backend` if one is named. Gives those that
    /// passed, too.
    pub(super) fn suite(&self, what: &str, arguments: &str, backend: &str) -> (Row, BTreeSet<String>) {
        let step = self.test(arguments).brief();
        let step = if backend.is_empty() { step } else { step.env("FERRIO_BACKEND", backend) };
        let tested = step.run().and_then(|outcome| {
            let left_out = if self.system.left_out.is_empty() { 0 } else { filtered(&outcome.stdout) };
            Ok((Tested::read(&outcome)?, left_out))
        });
        match tested {
            Ok((tested, left_out)) => {
                (self.row(what, tested.report(left_out)).with_tests(tested.count()), tested.passed())
            }
            Err(error) => (self.row(what, Err(error)), BTreeSet::new()),
        }
    }

    /// A row of it.
    pub(super) fn row(&self, what: &str, end: Result<Report>) -> Row {
        Row::new(&self.system.stage, &self.system.target, what, end)
    }
}

/// What the programs of `system` need in their environment.
pub(super) fn variables(system: &System) -> impl Iterator<Item = (String, String)> {
    system.env.iter().map(|(name, value)| (name.clone(), fill(value)))
}

/// `text` with the folders that it names.
pub(super) fn fill(text: &str) -> String {
    let (project, build) = (root().display().to_string(), build_dir().display().to_string());
    text.replace("{project}", &project).replace("{build}", &build)
}

/// Where all stands that is made for these stages.
fn build_dir() -> PathBuf {
    target_dir("platforms")
}

/// A program that links for `system` as zig can.
fn zig_linker(system: &System) -> Result<PathBuf> {
    let folder = build_dir().join("zig");
    let zig = folder.join("ziglang/zig").display().to_string();
    let script = include_str!("zig-cc.sh").replace("ZIG", &zig).replace("TARGET", &system.zig);
    let linker = folder.join(format!("cc-{}", system.target));
    debian::write_script(&linker, &script)?;
    Ok(linker)
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

    /// How many passed because what they ask for holds.
    fn count(&self) -> usize {
        self.results.passed_count - self.skipped.len()
    }

    /// The counts, when `left_out` more tests were not chosen; an error if a test failed.
    fn report(&self, left_out: usize) -> Result<Report> {
        let Results { failed, ignored, .. } = &self.results;
        let skipped = self.skipped.len() + ignored + left_out;
        let note = format!("{} passed, {} failed, {skipped} skipped", self.count(), failed.len());
        ensure!(failed.is_empty(), "{note}: {}", Vec::from_iter(failed.clone()).join(", "));
        Ok(Report::passed(note))
    }

    /// Those that passed because what they ask for holds.
    pub(super) fn passed(&self) -> BTreeSet<String> {
        self.results.passed.difference(&self.skipped).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use xtask_shell::libtest::Results;

    use super::{Tested, filtered};

    #[test]
    fn tests_that_failed_are_named_and_those_that_were_left_out_are_counted() {
        let mut results = Results::default();
        results.passed_count = 4;
        let mut tested = Tested { results, skipped: ["c".to_owned()].into() };
        assert_eq!(tested.report(1).expect("none failed").to_string(), "3 passed, 0 failed, 2 skipped");
        tested.results.failed.extend(["a", "b"].map(str::to_owned));
        let error = tested.report(0).expect_err("two failed").to_string();
        assert_eq!(error, "3 passed, 2 failed, 1 skipped: a, b");
    }

    #[test]
    fn what_was_left_out_stands_in_the_last_line() {
        let line =
            |count| format!("test result: ok. 3 passed; 0 failed; {count} filtered out; finished in 1s");
        assert_eq!(filtered(&format!("{}\n{}\n\n", line(847), line(23))), 23);
        assert_eq!(filtered("test result: ok. 3 passed"), 0);
    }
}
