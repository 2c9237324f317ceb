//! Running a scenario under strace.

use std::env;
use std::fmt;
use std::fs;
use std::process::{self, Command};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The calls that a scenario made between its two marks.
pub(crate) struct Trace {
    lines: Vec<String>,
}

impl Trace {
    pub(crate) fn lines(&self) -> impl Iterator<Item = &String> {
        self.lines.iter()
    }

    pub(crate) fn lines_with<'a>(&'a self, text: &'a str) -> impl Iterator<Item = &'a String> {
        self.lines().filter(move |line| line.contains(text))
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// Runs the scenario `name` under strace with `options` added. None if there is no
/// strace on this machine.
pub(crate) fn trace(name: &str, options: &[&str]) -> Option<Trace> {
    if Command::new("strace").arg("-V").output().is_err() {
        assert!(env::var_os("CI").is_none(), "strace is not installed, and this is CI");
        println!("SKIPPED: strace is not installed");
        return None;
    }
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let file = format!("ferrio-trace-{}-{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let path = env::temp_dir().join(file);
    let output = Command::new("strace")
        .args(["-f", "-qq", "-o"])
        .arg(&path)
        .args(options)
        .arg(env::current_exe().expect("the path of this test"))
        .args(["--exact", "--ignored", "--test-threads=1", "--nocapture", &format!("scenarios::{name}")])
        .output()
        .expect("strace runs");
    let text = fs::read_to_string(&path).expect("strace wrote its trace");
    let _ = fs::remove_file(&path);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "scenario {name} failed: {said}\n{text}");
    let lines =
        text.lines().filter(|line| line.contains('(') && !line.contains("resumed>")).map(str::to_string);
    Some(Trace { lines: lines.collect() })
}
