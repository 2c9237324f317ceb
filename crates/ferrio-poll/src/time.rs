//! Deadlines for an event loop.
//!
//! A [`Wheel`] keeps what is due when. It has no thread, no descriptor and no clock
//! of its own: a loop asks it how long to sleep and what is due now.

mod wheel;

pub use wheel::{TimerKey, Wheel};
