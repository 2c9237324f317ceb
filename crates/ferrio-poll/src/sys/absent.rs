//! What a system answers that has no call for a part of the contract, in the shape of that part.

pub(crate) mod child;
#[allow(dead_code, reason = "Linux has one")]
pub(crate) mod error_queue;
pub(crate) mod wall_timer;
pub(crate) mod watch;
