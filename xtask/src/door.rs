//! Runners that are programs of their own, beside what they run: this is the door.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use xtask_shell::{Report, Step, root, target_dir};

/// A runner: its package, and whether it is of the workspace of bench. The others only wait
/// for what they start: they are built like xtask, and share what that is built of.
type Runner = (&'static str, bool);

pub(crate) const BENCH: Runner = ("bench-runner", true);
pub(crate) const COMPAT: Runner = ("compat-runner", false);
pub(crate) const FAULTS: Runner = ("bench-faults-runner", true);
pub(crate) const SOAK: Runner = ("bench-soak-runner", true);

/// The runners of bench; they are built together, so that what they share is built once. With
/// tests of their own, unlike what they run.
pub(crate) const OF_BENCH: &str =
    "--package bench-runner --package bench-faults-runner --package bench-soak-runner";

/// Builds a runner and runs it with `arguments`. Its last line is its verdict; all
/// before that passes through.
pub(crate) fn open<A: AsRef<OsStr>>(runner: Runner, arguments: &[A]) -> Result<Report> {
    open_with(runner, arguments, &[])
}

/// The same with `variables` in its environment.
pub(crate) fn open_with<A: AsRef<OsStr>>(
    runner: Runner,
    arguments: &[A],
    variables: &[(String, String)],
) -> Result<Report> {
    let (package, is_of_bench) = runner;
    let build = Step::cargo(&["build", "--locked", "--quiet"]);
    let (step, folder) = if is_of_bench {
        let step = build.words("--release").words(OF_BENCH);
        (step.dir(&root().join("bench")).target("bench"), "bench/release")
    } else {
        (build.args(["--package", package]), "debug")
    };
    let outcome = step.quiet().run()?;
    ensure!(outcome.success(), "{}\n{}", outcome.complaint(), outcome.stderr);
    let mut command = Command::new(target_dir(folder).join(package));
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    let mut child = command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let mut last = None;
    for line in BufReader::new(child.stdout.take().context("its output")?).lines() {
        if let Some(before) = last.replace(line?) {
            println!("{before}");
        }
    }
    let verdict = last.unwrap_or_else(|| format!("{package} gave no verdict; see above"));
    Report::told(child.wait()?.code(), verdict)
}
