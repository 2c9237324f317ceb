//! Linux and Android: epoll(7), or poll(2) on request.

pub(crate) mod event;
pub(crate) mod hooks;
pub(crate) mod inotify;
#[cfg(target_os = "linux")]
pub(crate) mod pidfd;
#[cfg(target_os = "android")]
#[path = "linux/pidfd_absent.rs"]
pub(crate) mod pidfd;
pub(crate) mod pipe;
pub(crate) mod selector;
#[cfg(feature = "signal")]
pub(crate) mod signal;
pub(crate) mod socket;
pub(crate) mod timerfd;
pub(crate) mod unix_address;
pub(crate) mod unix_socket;

mod epoll;
mod epoll_params;
mod flags;
mod poll2;
mod raw_flags;
mod timeout;
mod wake_fd;

use crate::sys::backend::Backend;

/// The backends of this system, the best first.
pub(crate) const CANDIDATES: &[Backend] =
    if FORCE_POLL { &[Backend::Poll2] } else { &[Backend::Epoll, Backend::Poll2] };

/// True if the build allows poll(2) only.
const FORCE_POLL: bool = cfg!(any(ferrio_force_poll, mio_unsupported_force_poll_poll));
