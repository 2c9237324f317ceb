//! The tests under ThreadSanitizer, which finds data races.
//!
//! std is instrumented too: the locks and the threads are its code, and what they order would
//! count as a race without that. The runtime is that of the usual compiler, for Debian's has none.

use std::fs;

use anyhow::{Result, ensure};
use xtask_shell::Step;

use crate::platforms::guest;
use crate::platforms::row::Row;
use crate::platforms::sysroot;
use crate::platforms::targets;

/// What rustc is told, and the sanitizer itself.
const FLAGS: &str = "-Zsanitizer=thread";
const RUNTIME: &str = "librustc-stable_rt.tsan.a";

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
pub(super) fn run(all: bool) -> Vec<Row> {
    let target = &targets::guest("tsan").target;
    match prepare(target) {
        Ok(()) => guest::run("tsan", all),
        Err(error) => Row::each("tsan", target, Err(error)),
    }
}

/// Makes its std, and sees it find a race. One that finds nothing is an error.
fn prepare(target: &str) -> Result<()> {
    let compiler = sysroot::compiler()?;
    let runtime = sysroot::of_usual_compiler(RUNTIME)?;
    let folder = sysroot::apart(&compiler, target, "tsan-std", FLAGS)?;
    fs::copy(runtime, folder.join("lib/rustlib").join(target).join("lib").join(RUNTIME))?;
    fs::write(folder.join("seeded.rs"), SEEDED)?;
    let build = Step::new(&compiler.rustc, &["--edition=2024", FLAGS, "--target", target, "seeded.rs"]);
    let build = build.args([format!("--sysroot={}", folder.display())]);
    build.dir(&folder).hidden_env("RUSTC_BOOTSTRAP", "1").quiet().succeed()?;
    let ran = Step::new(folder.join("seeded"), &[]).quiet().run()?;
    let is_found = |line: &str| FOUND.iter().all(|part| line.contains(part));
    ensure!(ran.stderr.lines().any(is_found), "the seeded race was not found: {}", ran.complaint());
    Ok(())
}
