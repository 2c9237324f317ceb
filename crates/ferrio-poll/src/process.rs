//! Processes: the exit of one is an event.
//!
//! - [`ChildExit`] is the exit of a child, with its status.
//! - [`ProcessExit`] is the exit of any process.
//!
//! On Unix the pipes of children are in `unix::pipe`.

mod child_exit;
mod process_exit;

pub use crate::process::child_exit::ChildExit;
pub use crate::process::process_exit::ProcessExit;
pub use crate::sys::job_change::JobChange;
