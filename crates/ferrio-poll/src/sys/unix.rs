//! What all Unixes share.

pub(crate) mod busy_poll;
// Nothing tells of an exit there, or rustix has no pidfd, or not all of waitid(2).
#[cfg(not(any(
    target_os = "linux",
    target_vendor = "apple",
    target_os = "dragonfly",
    target_os = "freebsd"
)))]
pub(crate) mod child_absent;
pub(crate) mod descriptor;
pub(crate) mod epoll_flags;
#[cfg(not(target_os = "emscripten"))]
pub(crate) mod fork;
#[cfg(target_os = "emscripten")]
#[path = "unix/fork_absent.rs"]
pub(crate) mod fork;
pub(crate) mod handle;
pub(crate) mod hooks;
pub(crate) mod inherited;
pub(crate) mod packets;
pub(crate) mod passing;
pub(crate) mod pipe;
pub(crate) mod poll2;
pub(crate) mod refusal;
#[cfg(all(feature = "signal", not(any(target_os = "emscripten", target_os = "haiku", target_os = "redox"))))]
pub(crate) mod signal;
// The bindings of their C libraries lack a part of what it needs.
#[cfg(all(feature = "signal", any(target_os = "emscripten", target_os = "haiku", target_os = "redox")))]
#[path = "unix/signal_absent.rs"]
pub(crate) mod signal;
pub(crate) mod socket;
pub(crate) mod socket_file;
pub(crate) mod unix_socket;
#[cfg(any(target_os = "linux", target_vendor = "apple", target_os = "dragonfly", target_os = "freebsd"))]
pub(crate) mod waiting;
pub(crate) mod wake_fd;
#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
pub(crate) mod wall_timer_absent;
// As the events.
#[cfg(not(target_os = "linux"))]
pub(crate) mod watch_absent;

// Linux has events of its own; there it is for kqueue on a kernel that stands in.
#[cfg(any(not(target_os = "linux"), ferrio_fake_kqueue, test))]
#[cfg_attr(not(ferrio_fake_kqueue), allow(dead_code, reason = "on Linux its tests use a part of it"))]
pub(crate) mod event;

mod control;
#[cfg(not(any(target_vendor = "apple", target_os = "haiku")))]
#[path = "unix/atomic.rs"]
mod made;
#[cfg(any(target_vendor = "apple", target_os = "haiku"))]
#[path = "unix/stepwise.rs"]
mod made;
mod unix_address;
