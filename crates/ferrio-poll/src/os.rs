//! What only some systems have.
//!
//! - [`unix`]: pipes, and sources made of descriptors.
//! - [`linux`]: raw flags and busy polling of epoll. The names are there on every Unix, so
//!   that a program needs no `cfg` of its own; where the backend lacks what they ask for, the
//!   answer is `Unsupported`.

pub mod linux;

mod embedding;

pub use crate::unix;
