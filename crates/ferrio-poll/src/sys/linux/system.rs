//! Linux and Android: epoll(7), or poll(2) on request.

pub(crate) mod calls;
pub(crate) mod event;
pub(crate) mod inotify;
#[cfg(target_os = "linux")]
pub(crate) mod pidfd;
pub(crate) mod selector;
#[cfg(feature = "signal")]
pub(crate) mod signals;
pub(crate) mod timerfd;

mod epoll;
mod epoll_params;
mod flags;
mod raw_flags;
mod timeout;

use rustix::event::PollFlags;

#[cfg(target_os = "android")]
pub(crate) use crate::sys::absent::child;
use crate::sys::backend::Backend;
#[cfg(feature = "signal")]
pub(crate) use crate::sys::unix::signal;
pub(crate) use crate::sys::unix::{fork, handle, hooks, pipe, socket, unix_socket};
#[cfg(target_os = "linux")]
pub(crate) use pidfd as child;
pub(crate) use {inotify as watch, timerfd as wall_timer};

/// The backends of this system, the best first.
pub(crate) const CANDIDATES: &[Backend] =
    if FORCE_POLL { &[Backend::Poll2] } else { &[Backend::Epoll, Backend::Poll2] };

/// What poll(2) says of a peer that will send no more.
pub(crate) const READ_HANGUP: PollFlags = PollFlags::RDHUP;

/// True if the build allows poll(2) only.
const FORCE_POLL: bool = cfg!(any(ferrio_force_poll, mio_unsupported_force_poll_poll));
