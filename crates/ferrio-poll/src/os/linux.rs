//! What only Linux has.
//!
//! - [`RegistryExt`] registers with the kernel's own [`EpollFlags`], such as
//!   `EPOLLEXCLUSIVE`.
//! - [`PollExt`] has the kernel poll network devices before a wait sleeps.

mod poll_ext;
mod registry_ext;

pub use crate::os::linux::poll_ext::PollExt;
pub use crate::os::linux::registry_ext::RegistryExt;
pub use crate::sys::busy_poll::BusyPoll;
pub use crate::sys::epoll_flags::EpollFlags;

/// Keeps the traits ours.
#[allow(unnameable_types, reason = "its purpose is that no other crate can name it")]
pub trait Sealed {}
