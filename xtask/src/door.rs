//! Runners that are programs of their own, beside what they run: this is the door.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use xtask_shell::{Report, Step, root, target_dir};

/// A runner: its package, the workspace that it is of, and the folder of its build.
type Runner = (&'static str, &'static str, &'static str);

pub(crate) const BENCH: Runner = ("bench-runner", "bench", "bench");
pub(crate) const COMPAT: Runner = ("compat-runner", "", "runners");
pub(crate) const FAULTS: Runner = ("bench-faults-runner", "bench", "bench");
pub(crate) const SOAK: Runner = ("bench-soak-runner", "bench", "bench");

/// Builds a runner and runs it with `arguments`. Its last line is its verdict; all
/// before that passes through.
pub(crate) fn open<A: AsRef<OsStr>>(runner: Runner, arguments: &[A]) -> Result<Report> {
    let (package, workspace, target) = runner;
    let build = ["build", "--release", "--locked", "--quiet", "--package", package];
    let outcome = Step::cargo(&build).dir(&root().join(workspace)).target(target).quiet().run()?;
    ensure!(outcome.success(), "{}\n{}", outcome.complaint(), outcome.stderr);
    let mut command = Command::new(target_dir(target).join("release").join(package));
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
