//! Time as a source of events, and deadlines for a loop of one's own.
//!
//! - A [`Timer`] is due after a time, or each time it has passed.
//! - A [`WallTimer`] follows the wall clock, also when that is set.
//! - A [`BootTimer`] is due after a time in which the machine may have slept.
//! - A [`Wheel`] keeps what is due when. It has no thread, no descriptor and no clock
//!   of its own: a loop asks it how long to sleep and what is due now.

mod boot_timer;
mod timer;
mod wall_timer;

pub use crate::time::boot_timer::BootTimer;
pub use crate::time::timer::Timer;
pub use crate::time::wall_timer::{Tick, WallTimer};
pub use crate::wheel::{TimerKey, Wheel};
