//! What all Unixes share.

pub(crate) mod ancillary;
pub(crate) mod busy_poll;
pub(crate) mod calls_absent;
#[allow(dead_code, reason = "Linux has what is absent elsewhere")]
pub(crate) mod copying_absent;
#[allow(dead_code, reason = "most Unixes have more")]
pub(crate) mod datagram_names_absent;
pub(crate) mod descriptor;
pub(crate) mod epoll_flags;
#[cfg_attr(target_os = "emscripten", path = "unix/fork_absent.rs")]
pub(crate) mod fork;
pub(crate) mod handle;
pub(crate) mod hooks;
pub(crate) mod inherited;
pub(crate) mod message_layout;
#[allow(dead_code, reason = "Linux has what is absent elsewhere")]
pub(crate) mod options_absent;
pub(crate) mod packets;
pub(crate) mod passing;
#[allow(dead_code, reason = "most have what is absent elsewhere")]
pub(crate) mod peer_absent;
pub(crate) mod pipe;
pub(crate) mod poll2;
pub(crate) mod refusal;
// The bindings of the C libraries of some lack a part of what it needs.
#[cfg(feature = "signal")]
#[cfg_attr(
    any(target_os = "emscripten", target_os = "haiku", target_os = "redox"),
    path = "unix/signal_absent.rs"
)]
pub(crate) mod signal;
#[cfg(feature = "signal")]
pub(crate) mod signals_absent;
pub(crate) mod socket;
pub(crate) mod socket_file;
mod socket_options;
pub(crate) mod unix_socket;
// On Linux for its tests alone.
#[cfg(any(target_os = "netbsd", target_os = "openbsd", all(test, target_os = "linux", not(ferrio_loom))))]
pub(crate) mod waitid;
pub(crate) mod wake_fd;
#[allow(dead_code, reason = "Linux has what is absent elsewhere")]
pub(crate) mod zero_copy_absent;

// epoll has events of its own; on Linux it is for kqueue on a kernel that stands in.
#[cfg(any(not(target_os = "linux"), ferrio_fake_kqueue, test))]
#[cfg_attr(not(ferrio_fake_kqueue), allow(dead_code, reason = "on Linux its tests use a part of it"))]
pub(crate) mod event;

#[cfg_attr(not(any(target_vendor = "apple", target_os = "haiku")), path = "unix/atomic.rs")]
#[cfg_attr(any(target_vendor = "apple", target_os = "haiku"), path = "unix/stepwise.rs")]
mod made;
mod unix_address;
