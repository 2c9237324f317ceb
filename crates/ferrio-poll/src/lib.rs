//! Readiness of sockets, pipes and descriptors, reported by one wait.
//!
//! The names and the behaviour are those of mio 1.2, so that a program moves over by
//! a change in its `Cargo.toml`. Beyond that: many wakers per Poll, wakes without a
//! system call while the loop is awake, timeouts of nanoseconds, a second backend
//! chosen at run time, and statistics.
//!
//! Start with [`Poll`], or with the chapters in [`guide`].

#[cfg(debug_assertions)]
mod association;
mod builder;
mod capabilities;
mod fd_impls;
mod interest;
mod io_source;
mod late_signal;
mod lock;
mod mode;
mod poll;
mod queue;
mod raw;
mod registry;
mod seat;
mod shared;
mod stats;
mod sys;
mod timers;
mod token;
mod waiter;
mod waker;

pub mod event;
pub mod features;
pub mod fs;
pub mod guide;
pub mod net;
pub mod process;
pub mod time;
#[cfg(unix)]
pub mod unix;
pub mod user;

pub use builder::Builder;
pub use capabilities::{Capabilities, Support};
pub use event::Events;
pub use interest::Interest;
pub use mode::Mode;
pub use poll::Poll;
pub use registry::Registry;
pub use stats::Stats;
pub use sys::backend::Backend;
pub use token::Token;
pub use waker::Waker;
