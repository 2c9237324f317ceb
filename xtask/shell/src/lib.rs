//! What xtask and the runners of `bench/` and `compat/` share: running programs, reading
//! what cargo and tests say, and verdicts.

pub mod libtest;
pub mod registry;

mod folders;
mod report;
mod step;

pub use folders::{root, target_dir};
pub use report::Report;
pub use step::{Outcome, Step, is_installed};
