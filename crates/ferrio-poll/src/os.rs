//! What only some systems have.
//!
//! - [`unix`]: pipes, sources made of descriptors, and a Poll inside another event loop.
//! - [`linux`]: raw flags and busy polling of epoll. The names are there on every Unix, so
//!   that a program needs no `cfg` of its own; where the backend lacks what they ask for, the
//!   answer is `Unsupported`.

pub mod linux;
pub mod unix;
