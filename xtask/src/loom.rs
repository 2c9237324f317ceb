//! `cargo xtask loom`: the queue of the wake protocol in every interleaving with few
//! preemptions.

use anyhow::Result;
use xtask_shell::libtest::Results;
use xtask_shell::{Report, Step};

/// Runs the models, in release: they visit millions of states.
pub(crate) fn run() -> Result<Report> {
    let models = ["test", "--package", "ferrio-poll", "--features", "signal", "--lib", "--release", "loom"];
    let outcome = Step::cargo(&models)
        .env("RUSTFLAGS", "--cfg ferrio_loom")
        // Three preemptions found every seeded fault; each more multiplies the time.
        .env("LOOM_MAX_PREEMPTIONS", "3")
        .target("loom")
        .run()?;
    Ok(Report::passed(Results::of_success(&outcome)?.summary()))
}
