//! Readiness of sockets, pipes and descriptors, reported by one wait.
//!
//! The names and the behaviour are those of mio 1.2, so that a program moves over by
//! a change in its `Cargo.toml`. Beyond that: level and oneshot [modes](Mode), many
//! wakers per Poll, wakes without a system call while the loop is awake, [`time`]rs,
//! signals (`signal`, a feature), exits of [`process`]es, changes of [files](fs), [`user`]
//! events and channels, sources of one's own, a second backend chosen at run time, and
//! statistics.
//!
//! Start with [`Poll`]. The crate `ferrio` re-exports all of this under one name, and has the
//! book.

mod error;
mod interest;
mod mode;
mod poll;
mod queue;
mod registry;
mod slab;
mod source;
mod sync;
mod sys;
mod timers;
mod token;
mod waker;
mod wheel;

pub mod event;
pub mod fs;
pub mod net;
pub mod os;
pub mod process;
#[cfg(feature = "signal")]
pub mod signal;
pub mod time;
#[cfg(unix)]
pub mod unix;
pub mod user;
#[cfg(windows)]
pub mod windows;

pub use crate::event::Events;
pub use crate::interest::Interest;
pub use crate::mode::Mode;
pub use crate::poll::Poll;
pub use crate::poll::builder::Builder;
#[doc(hidden)]
pub use crate::poll::park;
pub use crate::poll::stats::Stats;
pub use crate::poll::timing::{BusyPeriod, Timing};
pub use crate::registry::Registry;
pub use crate::source::buffer;
pub use crate::source::io_source::IoSource;
pub use crate::source::ready_list::ReadyList;
pub use crate::source::sources::{Sources, VacantEntry};
pub use crate::source::try_io::{TryRead, TryWrite};
pub use crate::sys::backend::Backend;
pub use crate::sys::capabilities::{Capabilities, Support};
pub use crate::token::Token;
pub use crate::waker::Waker;
