//! Unixes with poll(2) alone. Solaris and illumos have event ports beside it, and illumos an
//! epoll; `docs/rationale.md` says why neither is used.

pub(crate) mod selector;

#[path = "../unix/no_epoll.rs"]
mod no_epoll;

use rustix::event::PollFlags;

pub(crate) use crate::sys::absent::{child, wall_timer, watch};
use crate::sys::backend::Backend;
pub(crate) use crate::sys::unix::{
    calls_absent as calls, event, fork, handle, hooks, pipe, socket, unix_socket,
};
#[cfg(feature = "signal")]
pub(crate) use crate::sys::unix::{signal, signals_absent as signals};

/// poll(2) has no bit for it but on illumos: the end of a stream is something to read.
#[cfg(not(target_os = "illumos"))]
pub(crate) const READ_HANGUP: PollFlags = PollFlags::empty();
/// What poll(2) says of a peer that will send no more.
#[cfg(target_os = "illumos")]
pub(crate) const READ_HANGUP: PollFlags = PollFlags::RDHUP;

/// The only backend.
pub(crate) const CANDIDATES: &[Backend] = &[Backend::Poll2];
