//! Tests that need a process of their own, for what they change or count is the whole process's.

use std::env;
use std::process::Command;

/// Says to a process that it is one of a test.
const VARIABLE: &str = "FERRIO_ALONE";

/// What this process was started for by [`run`]; `None` in that of all tests.
pub(crate) fn part() -> Option<String> {
    env::var(VARIABLE).ok()
}

/// Runs the test `name`, as `chapter::name`, in a process of its own, where [`part`] is `part`. What
/// it has printed.
pub(crate) fn run(name: &str, part: &str) -> String {
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", name, "--test-threads=1", "--nocapture"])
        .env(VARIABLE, part)
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(output.status.success() && said.contains("1 passed"), "{name}, {part}: {said}");
    said
}
