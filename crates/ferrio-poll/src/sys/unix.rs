//! What all Unixes share.

pub(crate) mod busy_poll;
// rustix has no pidfd on the first, and not all of waitid(2) on the others.
#[cfg(any(target_os = "android", target_os = "netbsd", target_os = "openbsd"))]
pub(crate) mod child_absent;
pub(crate) mod descriptor;
pub(crate) mod epoll_flags;
pub(crate) mod fork;
pub(crate) mod handle;
pub(crate) mod hooks;
pub(crate) mod pipe;
pub(crate) mod poll2;
pub(crate) mod refusal;
#[cfg(feature = "signal")]
pub(crate) mod signal;
pub(crate) mod socket;
pub(crate) mod unix_socket;
#[cfg(not(any(target_os = "android", target_os = "netbsd", target_os = "openbsd")))]
pub(crate) mod waiting;
pub(crate) mod wake_fd;
// As the events.
#[cfg(not(target_os = "linux"))]
pub(crate) mod watch_absent;

// Linux has events of its own; there it is for kqueue on a kernel that stands in.
#[cfg(any(not(target_os = "linux"), ferrio_fake_kqueue, test))]
#[cfg_attr(not(ferrio_fake_kqueue), allow(dead_code, reason = "on Linux its tests use a part of it"))]
pub(crate) mod event;

#[cfg(not(any(target_vendor = "apple", target_os = "haiku", target_os = "aix")))]
#[path = "unix/atomic.rs"]
mod made;
#[cfg(any(target_vendor = "apple", target_os = "haiku", target_os = "aix"))]
#[path = "unix/stepwise.rs"]
mod made;
mod unix_address;
