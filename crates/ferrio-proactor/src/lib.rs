//! Completion of I/O operations, in the same wait as readiness.
//!
//! A [`Proactor`] takes operations that own their buffers, and gives them back when they are
//! done. It is made of a [`Poll`](ferrio_poll::Poll) and waits for both at once.
//!
//! It works on every Unix and on Windows, by io_uring on Linux and else over the backend of the Poll.
//! On other systems the crate is empty.
#![cfg(any(unix, windows))]

mod buffer;
mod capabilities;
mod completion;
mod config;
mod core;
mod driver;
mod error;
mod id;
pub mod op;
mod proactor;
mod rejected;
mod sys;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
pub mod windows;

pub use crate::buffer::chunk::Chunk;
pub use crate::buffer::{Slice, StableBuf, StableBufMut};
pub use crate::capabilities::{Capabilities, DriverKind, Way};
pub use crate::completion::{Completion, Completions, Done, Kind, is_cancelled};
pub use crate::config::{Choice, Config};
pub use crate::core::stats::Stats;
pub use crate::id::{Handle, OpId};
pub use crate::proactor::Proactor;
pub use crate::proactor::remote::Remote;
pub use crate::proactor::teardown::Drained;
pub use crate::rejected::{Busy, Reason, Rejected};
