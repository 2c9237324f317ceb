//! One metal I/O engine: readiness of sockets, pipes and descriptors today.
//!
//! This crate is the one name to depend on. It re-exports [`ferrio_poll`]; completion,
//! an event loop with handlers and an async runtime will join it under features of
//! their own.

pub use ferrio_poll::{
    Backend, Builder, Capabilities, Events, Interest, Poll, Registry, Stats, Support, Token, Waker, event,
    features, guide, net,
};

#[cfg(unix)]
pub use ferrio_poll::unix;

/// Runs the example in the README as a test.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
