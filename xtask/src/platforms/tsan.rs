//! The tests under ThreadSanitizer, which finds data races.
//!
//! std is instrumented too: the locks and the threads are its code, and what they order would
//! count as a race without that. The runtime is that of the usual compiler, for Debian's has none.

use std::fs;

use anyhow::{Result, ensure};
use xtask_shell::Step;

use crate::platforms::guest::{Guest, System};
use crate::platforms::row::Row;
use crate::platforms::sysroot;

const STAGE: &str = "tsan";
const TARGET: &str = "x86_64-unknown-linux-gnu";
const FLAGS: &str = "-Zsanitizer=thread";

/// The sanitizer itself.
const RUNTIME: &str = "librustc-stable_rt.tsan.a";

/// Lets a compiler that is no nightly one take the flags.
const SWITCH: &str = "RUSTC_BOOTSTRAP";

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
    Row::each(STAGE, TARGET, guest().map(|guest| guest.suites()))
}

fn guest() -> Result<Guest> {
    let compiler = sysroot::compiler()?;
    let runtime = sysroot::of_usual_compiler(RUNTIME)?;
    let folder = sysroot::apart(&compiler, TARGET, "tsan-std", FLAGS)?;
    fs::copy(runtime, folder.join("lib/rustlib").join(TARGET).join("lib").join(RUNTIME))?;
    let flags = format!("--sysroot={} {FLAGS}", folder.display());

    // First it has to find a race.
    fs::write(folder.join("seeded.rs"), SEEDED)?;
    let build = Step::new(&compiler.rustc, &["--edition=2024", "--target", TARGET, "seeded.rs"]);
    build.words(&flags).dir(&folder).hidden_env(SWITCH, "1").quiet().succeed()?;
    let ran = Step::new(folder.join("seeded"), &[]).quiet().run()?;
    let is_found = |line: &str| FOUND.iter().all(|part| line.contains(part));
    ensure!(ran.stderr.lines().any(is_found), "the seeded race was not found: {}", ran.complaint());

    let runner = "timeout --kill-after=5 800";
    let system = System { stage: STAGE, target: TARGET, linker: "cc", runner, flags: &flags };
    // A child that was forked goes on.
    let options = ("TSAN_OPTIONS", "die_after_fork=0".to_owned());
    let mut guest = Guest::of(compiler, &system, &[(SWITCH, "1".to_owned()), options]);
    guest.left_out = LEFT_OUT;
    Ok(guest)
}
