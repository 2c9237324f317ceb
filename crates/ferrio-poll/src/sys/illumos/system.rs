//! illumos: epoll(7), or poll(2) on request.

pub(crate) mod calls;
#[path = "../unix/socket_extras_absent.rs"]
pub(crate) mod socket_extras;

#[path = "../unix/no_epoll.rs"]
mod no_epoll;

use rustix::event::PollFlags;

pub(crate) use crate::sys::absent::{child, error_queue, wall_timer, watch};
pub(crate) use crate::sys::epoll::{CANDIDATES, event, selector};
pub(crate) use crate::sys::plain_datagrams as datagrams;
pub(crate) use crate::sys::unix::{
    copying_absent as copying, datagram_names_absent as datagram_names, fork, handle, hooks,
    options_absent as options, peer_absent as peer, pipe, socket, unix_socket, zero_copy_absent as zero_copy,
};
#[cfg(feature = "signal")]
pub(crate) use crate::sys::unix::{signal, signals_absent as signals};

/// What poll(2) says of a peer that will send no more.
pub(crate) const READ_HANGUP: PollFlags = PollFlags::RDHUP;
