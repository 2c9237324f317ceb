//! The features of this crate are mio's: `os-poll`, `os-ext`, `net` and `log`.
//!
//! `net` and `os-ext` show the modules of those names. `os-poll` changes nothing: the engine
//! is always there.
