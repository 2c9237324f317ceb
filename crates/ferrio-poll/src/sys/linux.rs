//! Linux and Android: epoll(7), or poll(2) on request.

pub(crate) mod backend;
#[cfg(target_os = "linux")]
pub(crate) mod child;
#[cfg(target_os = "android")]
#[path = "linux/child_absent.rs"]
pub(crate) mod child;
pub(crate) mod descriptor;
pub(crate) mod event;
pub(crate) mod fork;
pub(crate) mod hooks;
pub(crate) mod inotify;
pub(crate) mod pipe;
pub(crate) mod selected;
pub(crate) mod selector;
#[cfg(feature = "signal")]
pub(crate) mod signal;
pub(crate) mod socket;
pub(crate) mod timer_fd;
pub(crate) mod unix_address;

mod busy_poll;
mod epoll;
mod flags;
mod poll2;
mod raw_flags;
mod refusal;
mod timeout;
mod wake_fd;
