//! Windows, by one I/O completion port for each Poll.
//!
//! - Sockets are watched by AFD, the driver beneath Winsock: a *poll* of it is an operation
//!   that ends, by a packet at the port, as soon as one of the asked conditions holds. `state`
//!   turns such one-shot polls into edges, levels and oneshots and knows no Windows;
//!   `slot` and `slots` are the memory in which polls lie; `afd` makes the calls.
//! - Objects that can be waited for, as processes and timers are, are `wait`ed for by the
//!   port too, and share the same state.
//! - Operations of named pipes are *flights*: they own their memory until they land.
//! - A wake is a packet of its own.

pub(crate) mod event;
pub(crate) mod fork;
pub(crate) mod handle;
pub(crate) mod hooks;
pub(crate) mod port;
pub(crate) mod selector;
pub(crate) mod socket;

mod afd;
mod batch;
mod delivery;
mod slot;
mod slots;
mod state;
mod status;
mod wait;

use crate::sys::backend::Backend;

/// The backends of Windows.
pub(crate) const CANDIDATES: &[Backend] = &[Backend::Iocp];

/// Until objects are watched.
macro_rules! absent {
    ($($type:ty),*) => { $(
        impl handle::AsSource for $type {
            fn as_source(&self) -> handle::Handle<'_> { match *self {} }
        }
        impl std::os::windows::io::AsHandle for $type {
            fn as_handle(&self) -> std::os::windows::io::BorrowedHandle<'_> { match *self {} }
        }
    )* };
}
use crate::sys::unsupported;
absent!(
    unsupported::child::Exit,
    unsupported::wall_timer::Timer,
    unsupported::wall_timer::BootTimer,
    unsupported::watch::Watcher
);
