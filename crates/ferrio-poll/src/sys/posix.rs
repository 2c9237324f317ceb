//! Unixes with poll(2) alone. Solaris and illumos have event ports beside it, and illumos an
//! epoll; `docs/rationale.md` says why neither is used.

pub(crate) mod peer;
pub(crate) mod selector;

use crate::sys::backend::Backend;
#[cfg(feature = "signal")]
pub(crate) use crate::sys::unix::signal;
pub(crate) use crate::sys::unix::{
    child_absent as child, event, fork, handle, hooks, pipe, socket, unix_socket,
    wall_timer_absent as wall_timer, watch_absent as watch,
};

/// The only backend.
pub(crate) const CANDIDATES: &[Backend] = &[Backend::Poll2];
