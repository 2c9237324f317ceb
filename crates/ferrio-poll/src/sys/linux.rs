//! Linux and Android: epoll(7), or poll(2) on request.

pub(crate) mod event;
pub(crate) mod inotify;
#[cfg(target_os = "linux")]
pub(crate) mod pidfd;
pub(crate) mod selector;
pub(crate) mod timerfd;

mod epoll;
mod epoll_params;
mod flags;
mod raw_flags;
mod timeout;

use crate::sys::backend::Backend;
pub(crate) use crate::sys::linux_calls::peer;
#[cfg(target_os = "android")]
pub(crate) use crate::sys::unix::child_absent as child;
#[cfg(feature = "signal")]
pub(crate) use crate::sys::unix::signal;
pub(crate) use crate::sys::unix::{fork, handle, hooks, pipe, socket, unix_socket};
#[cfg(target_os = "linux")]
pub(crate) use pidfd as child;
pub(crate) use {inotify as watch, timerfd as wall_timer};

/// The backends of this system, the best first.
pub(crate) const CANDIDATES: &[Backend] =
    if FORCE_POLL { &[Backend::Poll2] } else { &[Backend::Epoll, Backend::Poll2] };

/// True if the build allows poll(2) only.
const FORCE_POLL: bool = cfg!(any(ferrio_force_poll, mio_unsupported_force_poll_poll));
