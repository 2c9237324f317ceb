//! What the harness has of the kernel of Linux.

use std::os::fd::OwnedFd;

#[cfg(target_os = "android")]
pub(crate) use std::os::android::net::SocketAddrExt;
#[cfg(target_os = "linux")]
pub(crate) use std::os::linux::net::SocketAddrExt;

use rustix::event::EventfdFlags;

/// Whether the modules of `linux` are compiled.
pub(crate) const IS_LINUX: bool = true;

/// The folder with an entry for each descriptor of this process.
pub(crate) const DESCRIPTORS: &str = "/proc/self/fd";

/// A descriptor that holds nothing yet, and is readable once something was written to it.
pub(crate) fn eventfd() -> OwnedFd {
    rustix::event::eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK).expect("eventfd")
}
