//! What illumos has beyond other Unixes in the calls that are shared with them: an eventfd.

use std::os::fd::OwnedFd;

use rustix::event::EventfdFlags;
use rustix::io::Errno;

pub(crate) use crate::sys::unix::calls_absent::{
    ERROR_OF_CONNECTION, abstract_from_kernel, abstract_to_kernel, has_readiness, unnamed_to_kernel,
};

/// A counter that a write makes readable.
pub(crate) fn eventfd() -> Result<OwnedFd, Errno> {
    rustix::event::eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)
}
