//! Runners that are programs of their own, in the workspace `bench/`: this is the door.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use xtask_shell::{Report, Step, root, target_dir};

/// Builds the runner `package` and runs it with `arguments`. Its last line is its
/// verdict; all before that passes through.
pub(crate) fn open(package: &str, arguments: &[String]) -> Result<Report> {
    let build = ["build", "--release", "--locked", "--quiet", "--package", package];
    let outcome = Step::cargo(&build).dir(&root().join("bench")).target("bench").quiet().run()?;
    ensure!(outcome.success(), "{}\n{}", outcome.complaint(), outcome.stderr);
    let program = target_dir("bench").join("release").join(package);
    let mut command = Command::new(program);
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
