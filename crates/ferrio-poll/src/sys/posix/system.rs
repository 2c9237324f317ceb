//! Unixes with poll(2) alone. Solaris has event ports beside it; `docs/rationale.md` says why
//! they are not used.

pub(crate) mod selector;
#[path = "../unix/socket_extras_absent.rs"]
pub(crate) mod socket_extras;

#[path = "../unix/no_epoll.rs"]
mod no_epoll;

use rustix::event::PollFlags;

pub(crate) use crate::sys::absent::{child, error_queue, wall_timer, watch};
use crate::sys::backend::Backend;
pub(crate) use crate::sys::plain_datagrams as datagrams;
pub(crate) use crate::sys::unix::{
    calls_absent as calls, copying_absent as copying, datagram_names_absent as datagram_names, event, fork,
    handle, hooks, options_absent as options, peer_absent as peer, pipe, socket, unix_socket,
    zero_copy_absent as zero_copy,
};
#[cfg(feature = "signal")]
#[allow(unused_imports, reason = "some of them have no signals at all")]
pub(crate) use crate::sys::unix::{signal, signals_absent as signals};

/// poll(2) has no bit for it: the end of a stream is something to read.
pub(crate) const READ_HANGUP: PollFlags = PollFlags::empty();

/// The only backend.
pub(crate) const CANDIDATES: &[Backend] = &[Backend::Poll2];
