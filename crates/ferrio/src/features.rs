//! The cargo features and build flags of this crate.
//!
//! | feature | what it adds |
//! |---|---|
//! | `signal`, on by default | signals as a source, through the `signal-hook-registry` crate |
//! | `proactor` | the module `proactor`: completion, on Unix and Windows; on other systems it is empty |
//! | `bytes` | `Bytes` and `BytesMut` of the crate `bytes` as buffers of completion |
//! | `log` | a trace line per registration, through the `log` crate |
//! | `tracing` | the same as an event of the `tracing` crate, with the token as a field |
//!
//! | `--cfg` (in `RUSTFLAGS`) | what it does |
//! |---|---|
//! | `ferrio_force_poll`, `mio_unsupported_force_poll_poll` | the only backend is poll(2) |
//! | `ferrio_force_waker_pipe`, `mio_unsupported_force_waker_pipe` | wakes go through a pipe instead of an eventfd |
//!
//! The environment variable `FERRIO_BACKEND` is read by
//! [`Backend::from_env`](crate::Backend::from_env), and by nothing else.
//!
//! The crate `ferrio-poll` also accepts the features `os-poll`, `os-ext` and `net`, which do
//! nothing: they are mio's, so that a renamed dependency can keep its list. There `signal` is
//! off by default.
