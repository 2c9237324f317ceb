//! One metal I/O engine: readiness of sockets, pipes and descriptors, of time, paths,
//! child processes and signals today.
//!
//! This crate is the one name to depend on. It re-exports [`ferrio_poll`]; completion,
//! an event loop with handlers and an async runtime will join it under features of
//! their own.

pub mod features;
pub mod guide;

pub use ferrio_poll::{
    Backend, Builder, BusyPeriod, Capabilities, Events, Interest, IoSource, Mode, Poll, Registry, Sources,
    Stats, Support, Timing, Token, Waker, event, fs, net, process, time, user,
};

#[cfg(feature = "signal")]
pub use ferrio_poll::signal;

#[cfg(unix)]
pub use ferrio_poll::{os, unix};

/// Runs the example in the README as a test.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
