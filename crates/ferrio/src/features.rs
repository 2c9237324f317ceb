//! The cargo features and build flags of this crate.
//!
//! Everything a program needs is always there; the defaults are none.
//!
//! | feature | what it adds |
//! |---|---|
//! | `signal` | signals as a source, through the `signal-hook-registry` crate; the crate `ferrio` has it by default |
//! | `log` | a trace line per registration, through the `log` crate |
//! | `tracing` | the same as an event of the `tracing` crate, with the token as a field |
//! | `os-poll`, `os-ext`, `net` | nothing: mio's names, so that a renamed dependency keeps its list |
//!
//! | `--cfg` (in `RUSTFLAGS`) | what it does |
//! |---|---|
//! | `ferrio_force_poll`, `mio_unsupported_force_poll_poll` | the only backend is poll(2) |
//! | `ferrio_force_waker_pipe`, `mio_unsupported_force_waker_pipe` | wakes go through a pipe instead of an eventfd |
//!
//! The environment variable `FERRIO_BACKEND` is read by
//! [`Backend::from_env`](crate::Backend::from_env) and by nothing else.
