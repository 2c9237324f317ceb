//! Child processes: the exit of one is an event.
//!
//! Their pipes are in [`unix::pipe`](crate::unix::pipe).

mod child_exit;

pub use crate::process::child_exit::ChildExit;
