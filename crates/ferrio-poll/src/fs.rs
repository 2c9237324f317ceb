//! Files and directories: what happens to one is an event.
//!
//! A regular file itself is always ready and cannot be registered; a [`Watch`] on its
//! path can.

mod change;
mod kinds;
mod tree;
mod watch;

pub use crate::fs::change::{Change, Kind, WatchId};
pub use crate::fs::kinds::Kinds;
pub use crate::fs::tree::Tree;
pub use crate::fs::watch::Watch;
