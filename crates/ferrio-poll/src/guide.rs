//! The book. Every block of code in it is compiled and run by the tests.
//!
//! 1. [`getting_started`]: a Poll, a source, a loop, and a small echo server.
//! 2. [`partial_writes`]: what to do with the bytes that a write did not take.
//! 3. [`fairness`]: how one busy client is kept from starving the others.
//! 4. [`shutdown`]: how connections end, and how the loop does.
//! 5. [`wakers_and_threads`]: waking a Poll, and placing it inside another loop.
//! 6. [`portability`]: what holds everywhere, and what depends on the backend.
//! 7. [`migrating_from_mio`]: for users of mio, of today's and of its old versions.

#[doc = include_str!("../../../docs/book/getting-started.md")]
pub mod getting_started {}

#[doc = include_str!("../../../docs/book/partial-writes.md")]
pub mod partial_writes {}

#[doc = include_str!("../../../docs/book/fairness.md")]
pub mod fairness {}

#[doc = include_str!("../../../docs/book/shutdown.md")]
pub mod shutdown {}

#[doc = include_str!("../../../docs/book/wakers-and-threads.md")]
pub mod wakers_and_threads {}

#[doc = include_str!("../../../docs/book/portability.md")]
pub mod portability {}

#[doc = include_str!("../../../docs/book/migrating-from-mio.md")]
pub mod migrating_from_mio {}
