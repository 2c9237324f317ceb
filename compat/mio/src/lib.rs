//! mio's names on Ferrio's engine.
//!
//! With `[patch.crates-io] mio = { path = "…/compat/mio" }` every crate that asks for
//! mio 1.x gets this one. The types are ferrio-poll's, so a program may use both.
//!
//! It is mio's promise, no more: one `Waker` per `Poll`. What Ferrio has beyond it is
//! reached through ferrio-poll.

pub mod features;
pub mod guide;

#[cfg(all(windows, feature = "os-ext"))]
pub mod windows;

mod waker;

pub use ferrio_poll::{Events, Interest, Poll, Registry, Token, event};
pub use waker::Waker;

#[cfg(feature = "net")]
pub use ferrio_poll::net;

#[cfg(all(unix, feature = "os-ext"))]
pub use ferrio_poll::unix;
