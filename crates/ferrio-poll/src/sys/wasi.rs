//! WASI: `poll_oneoff` of its first version, poll(2) of the C library of its second.
//!
//! A program has one thread there, so nobody can be asleep while somebody wakes: a wake is
//! a flag, and a wait that nothing could end is an error. Both versions know levels only;
//! `table` makes edges and oneshots of them.

#[cfg(target_env = "p1")]
#[path = "wasi/oneoff.rs"]
mod questions;
#[cfg(not(target_env = "p1"))]
#[path = "wasi/poll2.rs"]
mod questions;

#[cfg(not(target_env = "p1"))]
#[path = "wasi/socket.rs"]
pub(crate) mod socket;
#[cfg(target_env = "p1")]
#[path = "wasi/socket_inherited.rs"]
pub(crate) mod socket;

pub(crate) mod child;
pub(crate) mod event;
#[path = "unix/fork_absent.rs"]
pub(crate) mod fork;
pub(crate) mod handle;
pub(crate) mod hooks;
pub(crate) mod selector;
#[cfg(feature = "signal")]
pub(crate) mod signal;

#[cfg(not(target_env = "p1"))]
#[path = "unix/descriptor.rs"]
mod descriptor;
mod look;
mod table;

pub(crate) use crate::sys::absent::{error_queue, wall_timer, watch};
use crate::sys::backend::Backend;
pub(crate) use crate::sys::plain_datagrams as datagrams;

/// The only backend.
#[cfg(target_env = "p1")]
pub(crate) const CANDIDATES: &[Backend] = &[Backend::PollOneoff];
/// The only backend.
#[cfg(not(target_env = "p1"))]
pub(crate) const CANDIDATES: &[Backend] = &[Backend::Poll2];
