//! Apple's systems and the BSDs: kqueue(2), or poll(2) on request.

// The kernel that stands in is that of Linux in all but its events.
#[cfg(ferrio_fake_kqueue)]
#[path = "../linux/calls.rs"]
pub(crate) mod calls;
pub(crate) mod child;
#[cfg(ferrio_fake_kqueue)]
#[path = "../linux/copying.rs"]
pub(crate) mod copying;
#[cfg_attr(ferrio_fake_kqueue, path = "../linux/datagram_names.rs")]
pub(crate) mod datagram_names;
#[path = "../datagrams/batches.rs"]
pub(crate) mod datagrams;
#[cfg(ferrio_fake_kqueue)]
#[path = "../linux/error_queue.rs"]
pub(crate) mod error_queue;
#[cfg(ferrio_fake_kqueue)]
#[path = "../linux/options.rs"]
pub(crate) mod options;
#[cfg_attr(ferrio_fake_kqueue, path = "../linux/peer.rs")]
pub(crate) mod peer;
pub(crate) mod selector;
#[cfg(feature = "signal")]
#[cfg_attr(ferrio_fake_kqueue, path = "../linux/signals.rs")]
pub(crate) mod signals;
#[path = "../unix/socket_extras.rs"]
pub(crate) mod socket_extras;
pub(crate) mod wall_timer;
pub(crate) mod watch;
#[cfg(ferrio_fake_kqueue)]
#[path = "../linux/zero_copy.rs"]
pub(crate) mod zero_copy;

mod alarm;
mod boot_clock;
mod kqueue;
#[path = "../unix/no_epoll.rs"]
mod no_epoll;
#[path = "../unix/waiting.rs"]
mod waiting;

use rustix::event::PollFlags;

#[cfg(not(ferrio_fake_kqueue))]
pub(crate) use crate::sys::absent::error_queue;
use crate::sys::backend::Backend;
#[cfg(feature = "signal")]
pub(crate) use crate::sys::unix::signal;
#[cfg(not(ferrio_fake_kqueue))]
pub(crate) use crate::sys::unix::{
    calls_absent as calls, copying_absent as copying, options_absent as options,
    zero_copy_absent as zero_copy,
};
pub(crate) use crate::sys::unix::{event, fork, handle, hooks, pipe, socket, unix_socket};

/// The backends of these systems, the best first.
pub(crate) const CANDIDATES: &[Backend] =
    if FORCE_POLL { &[Backend::Poll2] } else { &[Backend::Kqueue, Backend::Poll2] };

/// What poll(2) says of a peer that will send no more.
#[cfg(any(target_os = "freebsd", ferrio_fake_kqueue))]
pub(crate) const READ_HANGUP: PollFlags = PollFlags::RDHUP;
/// It has no bit for it: the end of a stream is something to read.
#[cfg(not(any(target_os = "freebsd", ferrio_fake_kqueue)))]
pub(crate) const READ_HANGUP: PollFlags = PollFlags::empty();

/// True if the build allows poll(2) only.
const FORCE_POLL: bool = cfg!(any(ferrio_force_poll, mio_unsupported_force_poll_poll));
