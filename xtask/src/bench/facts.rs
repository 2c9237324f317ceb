//! On what the figures were taken.

use std::fs;
use std::thread;

use crate::shell::Step;

/// Facts about machine and compiler, a line each. What cannot be found out is left
/// out.
pub(crate) fn lines() -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(model) = field("/proc/cpuinfo", "model name") {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        lines.push(format!("{model}, {cores} cores usable"));
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

/// The value of a `key : value` line.
fn field(path: &str, key: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(key))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn kernel_and_compiler_are_named() {
        let lines = lines();
        assert!(lines.iter().any(|line| line.starts_with("Linux ")), "{lines:?}");
        assert!(lines.iter().any(|line| line.starts_with("rustc ")), "{lines:?}");
    }
}
