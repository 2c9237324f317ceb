//! Windows, by one I/O completion port for each Poll.
//!
//! - Sockets are watched by AFD, the driver beneath Winsock: a *poll* of it is an operation
//!   that ends, by a packet at the port, as soon as one of the asked conditions holds. `state`
//!   turns such one-shot polls into edges, levels and oneshots and knows no Windows;
//!   `slot`, `chunks` and `slots` are the memory in which polls lie; `afd` makes the calls.
//! - Objects that can be waited for, as processes and timers are, are `wait`ed for by the
//!   port too, and share the same state.
//! - Operations of named pipes are *flights*: they own their memory until they land.
//! - A wake is a packet of its own.
//!
//! What knows no Windows is compiled for tests on other systems too.

#[cfg_attr(not(windows), allow(dead_code, reason = "only its flags are needed for tests elsewhere"))]
pub(crate) mod event;

mod attention;
#[cfg_attr(ferrio_loom, allow(dead_code, reason = "the models do not use all of it"))]
mod state;

#[cfg(windows)]
pub(crate) mod ancillary;
#[cfg(windows)]
pub(crate) mod beside;
#[cfg(windows)]
pub(crate) mod child;
#[cfg(windows)]
pub(crate) mod datagram_names;
#[cfg(windows)]
pub(crate) mod datagrams;
#[cfg(windows)]
pub(crate) mod fork;
#[cfg(windows)]
pub(crate) mod handle;
#[cfg(windows)]
pub(crate) mod hooks;
#[cfg(windows)]
pub(crate) mod message_layout;
#[cfg(windows)]
pub(crate) mod overlapped;
#[cfg(windows)]
pub(crate) mod pipe;
#[cfg(windows)]
pub(crate) mod port;
#[cfg(windows)]
pub(crate) mod selector;
#[cfg(all(windows, feature = "signal"))]
pub(crate) mod signal;
#[cfg(windows)]
pub(crate) mod socket;
#[cfg(windows)]
mod socket_options;
#[cfg(windows)]
pub(crate) mod status;
#[cfg(windows)]
pub(crate) mod waitable;
#[cfg(windows)]
pub(crate) mod wall_timer;
#[cfg(windows)]
pub(crate) mod watch;

#[cfg(windows)]
mod afd;
#[cfg(windows)]
mod batch;
#[cfg(windows)]
mod chunks;
#[cfg(windows)]
mod delivery;
#[cfg(windows)]
mod flight;
#[cfg(windows)]
mod found;
#[cfg(windows)]
mod inboxes;
#[cfg(windows)]
mod operation;
#[cfg(windows)]
mod put_back;
#[cfg(windows)]
mod raw_option;
#[cfg(windows)]
mod security;
#[cfg(windows)]
mod slot;
#[cfg(windows)]
mod slots;
#[cfg(windows)]
mod wait;

#[cfg(windows)]
pub(crate) use crate::sys::absent::error_queue;
#[cfg(windows)]
use crate::sys::backend::Backend;

/// The backends of Windows.
#[cfg(windows)]
pub(crate) const CANDIDATES: &[Backend] = &[Backend::Iocp];
