//! The book: a chapter for each subject, and how to come from other libraries. All its code is
//! run by the tests.
//!
//! 1. [`getting_started`]: a Poll, a source, a loop, and a small echo server.
//! 2. [`partial_writes`]: what to do with the bytes that a write did not take.
//! 3. [`fairness`]: how to keep a busy client from starving the others.
//! 4. [`shutdown`]: how connections end, and how the loop ends.
//! 5. [`modes`]: edges, levels and oneshots, and when to use which.
//! 6. [`sources`]: anything with a descriptor as a source, and tokens that go stale.
//! 7. [`sockets`]: options before a socket is bound, accepting, and connecting to one of several addresses.
//! 8. [`unix_sockets_and_descriptors`]: records, passed descriptors, socket files, socket activation.
//! 9. [`udp_at_speed`]: many datagrams by one call, what a datagram tells, and what did not arrive.
//! 10. [`timers_and_signals`]: time, signals, child processes and files.
//! 11. [`wakers_and_threads`]: waking a Poll, and a Poll inside another loop.
//! 12. [`user_events_and_threads`]: readiness that a program makes itself, and channels.
//! 13. [`statistics`]: what a Poll has done, and how its loop spends its time.
//! 14. [`a_proxy`]: a TCP proxy, step by step.
//! 15. [`a_supervisor`]: children, pipes, signals and a watched file in one loop.
//! 16. [`portability`]: what holds everywhere, and what depends on the backend.
//! 17. [`migrating_from_mio`]: from mio 1.2, and from its old versions.
//! 18. [`migrating_from_polling`]: function by function.
//! 19. [`migrating_from_libev_and_libuv`]: watcher by watcher, handle by handle.
//!
//! The chapters about completion are there with the feature `proactor`.
//!
//! 20. [`completion`]: operations in the same wait, handles, results, cancelling, shutting down.
//! 21. [`buffers_and_the_pool`]: to whom a buffer belongs, chunks, starvation.
//! 22. [`from_readiness_to_completion`]: a broadcast server is converted, step by step.
//! 23. [`when_io_uring_is_denied`]: why there is no ring, what happens then, choosing a driver.

#[doc = include_str!("../book/getting-started.md")]
pub mod getting_started {}

#[doc = include_str!("../book/partial-writes.md")]
pub mod partial_writes {}

#[doc = include_str!("../book/fairness.md")]
pub mod fairness {}

#[doc = include_str!("../book/shutdown.md")]
pub mod shutdown {}

#[doc = include_str!("../book/modes.md")]
pub mod modes {}

#[doc = include_str!("../book/sources.md")]
pub mod sources {}

#[doc = include_str!("../book/sockets.md")]
pub mod sockets {}
#[doc = include_str!("../book/unix-sockets-and-descriptors.md")]
pub mod unix_sockets_and_descriptors {}

#[doc = include_str!("../book/timers-and-signals.md")]
pub mod timers_and_signals {}

#[doc = include_str!("../book/wakers-and-threads.md")]
pub mod wakers_and_threads {}

#[doc = include_str!("../book/user-events-and-threads.md")]
pub mod user_events_and_threads {}

#[doc = include_str!("../book/statistics.md")]
pub mod statistics {}

#[doc = include_str!("../book/a-proxy.md")]
pub mod a_proxy {}

#[doc = include_str!("../book/a-supervisor.md")]
pub mod a_supervisor {}

#[doc = include_str!("../book/udp-at-speed.md")]
pub mod udp_at_speed {}

#[doc = include_str!("../book/portability.md")]
pub mod portability {}

#[doc = include_str!("../book/migrating-from-mio.md")]
pub mod migrating_from_mio {}

#[doc = include_str!("../book/migrating-from-polling.md")]
pub mod migrating_from_polling {}

#[doc = include_str!("../book/migrating-from-libev-and-libuv.md")]
pub mod migrating_from_libev_and_libuv {}

#[cfg_attr(not(feature = "proactor"), doc = "This chapter is there with the feature `proactor`.")]
#[cfg_attr(feature = "proactor", doc = include_str!("../book/completion.md"))]
pub mod completion {}

#[cfg_attr(not(feature = "proactor"), doc = "This chapter is there with the feature `proactor`.")]
#[cfg_attr(feature = "proactor", doc = include_str!("../book/buffers-and-the-pool.md"))]
pub mod buffers_and_the_pool {}

#[cfg_attr(not(feature = "proactor"), doc = "This chapter is there with the feature `proactor`.")]
#[cfg_attr(feature = "proactor", doc = include_str!("../book/from-readiness-to-completion.md"))]
pub mod from_readiness_to_completion {}

#[cfg_attr(not(feature = "proactor"), doc = "This chapter is there with the feature `proactor`.")]
#[cfg_attr(feature = "proactor", doc = include_str!("../book/when-io-uring-is-denied.md"))]
pub mod when_io_uring_is_denied {}
