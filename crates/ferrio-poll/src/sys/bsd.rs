//! Apple's systems and the BSDs: kqueue(2), or poll(2) on request.

#[cfg(not(any(target_os = "netbsd", target_os = "openbsd")))]
pub(crate) mod child;
#[cfg(not(ferrio_fake_kqueue))]
pub(crate) mod peer;
pub(crate) mod selector;
pub(crate) mod wall_timer;
// The kernel that stands in has no changes of files.
#[cfg(ferrio_fake_kqueue)]
#[path = "linux/inotify.rs"]
pub(crate) mod watch;

mod alarm;
mod boot_clock;

use crate::sys::backend::Backend;
// The sockets are those of Linux under a kqueue that stands in.
#[cfg(ferrio_fake_kqueue)]
pub(crate) use crate::sys::linux_calls::peer;
#[cfg(any(target_os = "netbsd", target_os = "openbsd"))]
pub(crate) use crate::sys::unix::child_absent as child;
#[cfg(feature = "signal")]
pub(crate) use crate::sys::unix::signal;
#[cfg(not(ferrio_fake_kqueue))]
pub(crate) use crate::sys::unix::watch_absent as watch;
pub(crate) use crate::sys::unix::{event, fork, handle, hooks, pipe, socket, unix_socket};

/// The backends of these systems, the best first.
pub(crate) const CANDIDATES: &[Backend] =
    if FORCE_POLL { &[Backend::Poll2] } else { &[Backend::Kqueue, Backend::Poll2] };

/// True if the build allows poll(2) only.
const FORCE_POLL: bool = cfg!(any(ferrio_force_poll, mio_unsupported_force_poll_poll));
