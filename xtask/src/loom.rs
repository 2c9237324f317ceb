//! `cargo xtask loom`: the queue of the wake protocol in every interleaving with few
//! preemptions.

use anyhow::Result;
use xtask_shell::libtest::Results;
use xtask_shell::{Report, Step};

/// What the wake protocol is built of, and what buffers are shared by; in release, for the models
/// visit millions of states.
const MODELS: &str = "test --package ferrio-poll --package ferrio-proactor --features ferrio-poll/signal \
                      --lib --release loom";

/// Runs the models.
pub(crate) fn run() -> Result<Report> {
    let step = Step::cargo(&[]).words(MODELS).target("loom").env("RUSTFLAGS", "--cfg ferrio_loom");
    // Three preemptions found every seeded fault; each more multiplies the time.
    let outcome = step.env("LOOM_MAX_PREEMPTIONS", "3").run()?;
    Ok(Report::passed(Results::of_success(&outcome)?.summary()))
}
