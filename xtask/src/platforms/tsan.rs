//! The tests under ThreadSanitizer, which finds data races.
//!
//! std is instrumented too: the locks and the threads are its code, and what they order would
//! count as a race without that. The runtime is that of the usual compiler, for Debian's has none.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use xtask_shell::Step;
use xtask_shell::registry::Unreachable;

use crate::debian::Compiler;
use crate::platforms::guest::Guest;
use crate::platforms::row::Row;
use crate::platforms::sysroot;

const STAGE: &str = "tsan";
const TARGET: &str = "x86_64-unknown-linux-gnu";
const FLAGS: &str = "-Zsanitizer=thread";

/// Lets a compiler that is no nightly one take them.
const SWITCH: (&str, &str) = ("RUSTC_BOOTSTRAP", "1");

/// A test program that hangs is ended.
const RUNNER: &str = "timeout --kill-after=5 800";

/// What its programs find in their environment: a child that was forked goes on.
const OPTIONS: (&str, &str) = ("TSAN_OPTIONS", "die_after_fork=0");

/// The tests that are left out. The sanitizer keeps a signal back while its thread is in a call
/// that it does not know, as one that sleeps in a lock of std: then these wait in vain.
const LEFT_OUT: &[&str] = &["beyond::signal_bursts::", "beyond::signal_details::", "beyond::signals::"];

/// Two threads add to one number: what a sanitizer that works must find.
const SEEDED: &str = "struct Count(std::cell::UnsafeCell<u32>);
unsafe impl Sync for Count {}
static COUNT: Count = Count(std::cell::UnsafeCell::new(0));
fn add_one() {
    unsafe { *COUNT.0.get() += 1 };
}
fn main() {
    let other = std::thread::spawn(add_one);
    add_one();
    other.join().unwrap();
}
";

/// How it says so.
const FOUND: &[&str] = &["SUMMARY: ThreadSanitizer: data race", " in seeded::add_one"];

/// A row for each backend.
pub(super) fn run() -> Vec<Row> {
    match guest() {
        Ok(guest) => guest.suites(),
        Err(error) => vec![Row::new(STAGE, TARGET, "", Err(error))],
    }
}

fn guest() -> Result<Guest> {
    let compiler = sysroot::compiler()?;
    let runtime = runtime()?;
    let folder = sysroot::apart(&compiler, TARGET, "tsan-std", FLAGS)?;
    let name = runtime.file_name().context("a file has a name")?;
    fs::copy(&runtime, folder.join("lib/rustlib").join(TARGET).join("lib").join(name))?;
    see_fault(&compiler, &folder)?;
    let flags = format!("--sysroot={} {FLAGS}", folder.display());
    let variables = [
        ("CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS", flags),
        (SWITCH.0, SWITCH.1.to_owned()),
        (OPTIONS.0, OPTIONS.1.to_owned()),
    ];
    let mut guest = Guest::of(compiler, STAGE, TARGET, "cc", RUNNER, &variables);
    guest.left_out = LEFT_OUT;
    Ok(guest)
}

/// The sanitizer itself, which comes with the usual compiler.
fn runtime() -> Result<PathBuf> {
    let outcome = Step::new("rustc", &["--print", "target-libdir"]).quiet().succeed()?;
    let file = Path::new(outcome.stdout.trim()).join("librustc-stable_rt.tsan.a");
    ensure!(file.exists(), Unreachable(format!("this compiler comes without {}", file.display())));
    Ok(file)
}

/// Sees it find a race. One that finds nothing is an error.
fn see_fault(compiler: &Compiler, folder: &Path) -> Result<()> {
    fs::write(folder.join("seeded.rs"), SEEDED)?;
    let sysroot = format!("--sysroot={}", folder.display());
    let build = [&sysroot, FLAGS, "--edition=2024", "--target", TARGET, "seeded.rs"];
    let rustc = compiler.rustc.to_string_lossy();
    Step::new(&rustc, &build).dir(folder).hidden_env(SWITCH.0, SWITCH.1).quiet().succeed()?;
    let program = folder.join("seeded");
    let ran = Step::new(&program.to_string_lossy(), &[]).quiet().run()?;
    let is_found = |line: &str| FOUND.iter().all(|part| line.contains(part));
    ensure!(ran.stderr.lines().any(is_found), "the seeded race was not found: {}", ran.complaint());
    Ok(())
}
