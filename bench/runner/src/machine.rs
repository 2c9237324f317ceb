//! On what the figures were taken.

use std::fs;
use std::thread;

use xtask_shell::Step;

/// Facts about machine and compiler, a line each. What cannot be found out is left
/// out.
pub(crate) fn facts() -> Vec<String> {
    let mut lines = Vec::new();
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    if let Some((_, model)) =
        cpus.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split_once(':'))
    {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        lines.push(format!("{}, {cores} cores usable", model.trim()));
    }
    if let Ok(release) = fs::read_to_string("/proc/sys/kernel/osrelease") {
        // What follows the number names a build, not a kernel.
        let number = release.trim().split('-').next().unwrap_or_default();
        lines.push(format!("Linux {number}"));
    }
    if let Ok(outcome) = Step::new("rustc", &["--version"]).quiet().succeed() {
        lines.push(outcome.stdout.trim().to_owned());
    }
    lines
}
