//! Readiness of sockets, pipes and descriptors, reported by one wait.
//!
//! The names and the behaviour are those of mio 1.2, so that a program moves over by
//! a change in its `Cargo.toml`. Beyond that: level and oneshot [modes](Mode), many
//! wakers per Poll, wakes without a system call while the loop is awake, [`time`]rs,
//! signals (`signal`, a feature), exits of [`process`]es, changes of [files](fs), [`user`] events and
//! channels, sources of one's own, a second backend chosen at run time, and statistics.
//!
//! Start with [`Poll`], or with the chapters in [`guide`].

#[cfg(debug_assertions)]
mod association;
mod builder;
mod busy_poll;
mod capabilities;
mod epoll_flags;
mod extras;
mod fd_impls;
mod fork_guard;
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
mod sources;
mod spin;
mod stats;
mod sys;
mod timers;
mod timing;
mod token;
mod waiter;
mod waker;
mod wheel;

pub mod event;
pub mod features;
pub mod fs;
pub mod guide;
pub mod net;
#[cfg(unix)]
pub mod os;
pub mod process;
#[cfg(feature = "signal")]
pub mod signal;
pub mod time;
#[cfg(unix)]
pub mod unix;
pub mod user;

pub use builder::Builder;
pub use capabilities::{Capabilities, Support};
pub use event::Events;
pub use interest::Interest;
pub use io_source::IoSource;
pub use mode::Mode;
pub use poll::Poll;
pub use registry::Registry;
pub use sources::Sources;
pub use stats::Stats;
pub use sys::backend::Backend;
pub use timing::{Stretch, Timing};
pub use token::Token;
pub use waker::Waker;
