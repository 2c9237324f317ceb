//! Linux and Android: epoll(7), or poll(2) on request.

pub(crate) mod calls;
pub(crate) mod copying;
pub(crate) mod datagram_names;
#[path = "../datagrams/batches.rs"]
pub(crate) mod datagrams;
pub(crate) mod error_queue;
pub(crate) mod inotify;
pub(crate) mod options;
pub(crate) mod peer;
#[cfg(target_os = "linux")]
pub(crate) mod pidfd;
#[cfg(feature = "signal")]
pub(crate) mod signals;
#[path = "../unix/socket_extras.rs"]
pub(crate) mod socket_extras;
pub(crate) mod timerfd;
pub(crate) mod zero_copy;

mod epoll_params;
mod extras;
mod raw_flags;
#[cfg(target_os = "linux")]
#[path = "../unix/waiting.rs"]
mod waiting;

use rustix::event::PollFlags;

#[cfg(target_os = "android")]
pub(crate) use crate::sys::absent::child;
pub(crate) use crate::sys::epoll::{CANDIDATES, event, selector};
#[cfg(feature = "signal")]
pub(crate) use crate::sys::unix::signal;
pub(crate) use crate::sys::unix::{fork, handle, hooks, pipe, socket, unix_socket};
#[cfg(target_os = "linux")]
pub(crate) use pidfd as child;
pub(crate) use {inotify as watch, timerfd as wall_timer};

/// What poll(2) says of a peer that will send no more.
pub(crate) const READ_HANGUP: PollFlags = PollFlags::RDHUP;
