//! What only some systems have.
//!
//! - `unix`: pipes, and sources made of descriptors.
//! - `linux`: raw flags and busy polling of epoll; splice(2), sendfile(2), sends without a copy.
//! - `bsd`: the kqueue itself, for AIO.
//! - `windows`: named pipes, completion packets, and sources made of sockets and of handles.
//!
//! The names of `linux` and `bsd` are there on every Unix, so that a program needs no `cfg` of
//! its own; where the backend lacks what they ask for, the answer is `Unsupported`.

#[cfg(any(unix, all(windows, not(ferrio_check_unsupported))))]
#[doc(hidden)]
pub mod ancillary;
#[cfg(unix)]
pub mod bsd;
#[cfg(unix)]
pub mod linux;

#[cfg(all(windows, not(ferrio_check_unsupported)))]
mod beside;
#[cfg(unix)]
mod embedding;

#[cfg(all(windows, not(ferrio_check_unsupported)))]
#[doc(hidden)]
pub use crate::os::beside::Beside;
#[cfg(unix)]
#[doc(hidden)]
pub use crate::os::embedding::Beside;
#[cfg(unix)]
pub use crate::unix;
#[cfg(windows)]
pub use crate::windows;
