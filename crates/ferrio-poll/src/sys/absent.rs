//! What a system answers that has no call for a part of the contract, in the shape of that part.

pub(crate) mod child;
pub(crate) mod wall_timer;
pub(crate) mod watch;
