//! `cargo xtask loom`: the queue of the wake protocol in every interleaving with few
//! preemptions.

use anyhow::Result;
use xtask_shell::libtest::Results;
use xtask_shell::{Report, Step};

/// Runs the models, in release: they visit millions of states.
pub(crate) fn run() -> Result<Report> {
    // What the wake protocol is built of, and what buffers are shared by.
    let packages =
        ["--package", "ferrio-poll", "--package", "ferrio-proactor", "--features", "ferrio-poll/signal"];
    let models = [&["test"], &packages[..], &["--lib", "--release", "loom"]].concat();
    let outcome = Step::cargo(&models)
        .env("RUSTFLAGS", "--cfg ferrio_loom")
        // Three preemptions found every seeded fault; each more multiplies the time.
        .env("LOOM_MAX_PREEMPTIONS", "3")
        .target("loom")
        .run()?;
    Ok(Report::passed(Results::of_success(&outcome)?.summary()))
}
