//! What xtask and the runners of `bench/` share: running programs, and verdicts.

mod folders;
mod report;
mod step;

pub use folders::{root, target_dir};
pub use report::Report;
pub use step::{Outcome, Step};
