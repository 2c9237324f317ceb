//! What only some systems have.
//!
//! The names are there on every Unix, so that a program needs no `cfg` of its own; where
//! the backend lacks what they ask for, the answer is `Unsupported`.

pub mod linux;
pub use crate::unix;
