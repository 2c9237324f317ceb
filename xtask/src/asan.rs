//! `cargo xtask asan`: the tests of the engine under AddressSanitizer.
//!
//! The sanitizer comes with the stable compiler, behind a switch that lets it use
//! unstable flags. std itself is not instrumented. Leaks are looked for too. At the end the
//! parsers of control messages are fed with a million inputs each.

use std::env::consts::ARCH;
use std::fs;
use std::time::Duration;

use anyhow::{Result, ensure};
use xtask_shell::libtest::Tally;
use xtask_shell::{Report, Step, target_dir};

use crate::contract::BACKENDS;

/// The flags: the sanitizer, frames that its reports can name, and our word to the sources, by which
/// buffers are poisoned while the kernel has them.
const FLAGS: &str = "-Zsanitizer=address -Cforce-frame-pointers=yes --cfg ferrio_asan";

/// Lets a stable compiler take them.
const SWITCH: &str = "RUSTC_BOOTSTRAP";

/// All but those that run under strace, where leaks cannot be looked for.
const TESTS: &str = "--package ferrio-poll --features signal --lib --test contract --test model \
                     --test descriptors --test allocations";

/// Of the completion layer, which tries each backend by itself, but for those that leak what the
/// kernel may still write to.
const COMPLETION: &str = "--package ferrio-proactor --lib --test operations -- --skip uncached \
                          --skip a_buffer_that_is_left --skip denied_later";

/// Those, without a look for leaks.
const LEAKING: &str = "--package ferrio-proactor --test operations -- uncached a_buffer_that_is_left \
                       denied_later";

/// The parsers of what a kernel writes, which are fed with `FUZZ_INPUTS` inputs each.
const FUZZ: &str = "--package ferrio-poll --features signal --lib -- fuzz_";
const FUZZ_INPUTS: &str = "1000000";

/// How long one run of the tests may take; instrumented code is a few times slower.
const LIMIT: Duration = Duration::from_secs(600);

/// Reads freed memory: what a sanitizer that works must find.
const SEEDED: &str = "fn main() {
    let freed = { let boxed = Box::new(7_u8); &raw const *boxed };
    println!(\"{}\", unsafe { freed.read_volatile() });
}
";

/// Sees a seeded fault be found, then runs the tests on each backend, and the parsers.
pub(crate) fn run() -> Result<Report> {
    // The flags must not reach build scripts and macros, so the target is named.
    let target = match ARCH {
        "x86_64" | "aarch64" => format!("{ARCH}-unknown-linux-gnu"),
        other => return Ok(Report::skipped(format!("no AddressSanitizer for {other}"))),
    };
    if let Some(reason) = obstacle(&target)? {
        return Ok(Report::skipped(reason));
    }
    let mut tally = Tally::default();
    for backend in BACKENDS {
        tests(&mut tally, backend, &target, TESTS, ("FERRIO_BACKEND", backend))?;
    }
    tests(&mut tally, "completion", &target, COMPLETION, ("FERRIO_BACKEND", "epoll"))?;
    tests(&mut tally, "what leaks", &target, LEAKING, ("ASAN_OPTIONS", "detect_leaks=0"))?;
    tests(&mut tally, "fuzz", &target, FUZZ, ("FERRIO_FUZZ_INPUTS", FUZZ_INPUTS))?;
    tally.report()
}

/// Runs `tests` with a variable set, as `name`.
fn tests(tally: &mut Tally, name: &str, target: &str, tests: &str, variable: (&str, &str)) -> Result<()> {
    let step = Step::cargo(&["test", "--target", target]).words(tests).target("asan");
    let step = step.env(SWITCH, "1").env("RUSTFLAGS", FLAGS).env(variable.0, variable.1);
    let outcome = tally.run(name, step.limit(LIMIT))?;
    let mut lines = outcome.stdout.lines().chain(outcome.stderr.lines());
    if let Some(line) = lines.find(|line| line.contains("Sanitizer: ")) {
        tally.fail(name, line.trim());
    }
    Ok(())
}

/// Why there is no sanitizer here, if so. One that finds nothing is an error.
fn obstacle(target: &str) -> Result<Option<String>> {
    let folder = target_dir("asan");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("seeded.rs"), SEEDED)?;
    let build = Step::new("rustc", &["--edition=2024", "--target", target, "seeded.rs"]).words(FLAGS);
    let built = build.dir(&folder).hidden_env(SWITCH, "1").quiet().run()?;
    if !built.success() {
        let first = built.stderr.lines().next().unwrap_or_default();
        return Ok(Some(format!("no AddressSanitizer in this compiler: {first}")));
    }
    let ran = Step::new(folder.join("seeded"), &[]).quiet().run()?;
    let is_found = !ran.success() && ran.stderr.contains("heap-use-after-free");
    ensure!(is_found, "the sanitizer did not find a read of freed memory: {}", ran.complaint());
    Ok(None)
}
