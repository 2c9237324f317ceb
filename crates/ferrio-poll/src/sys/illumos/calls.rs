//! What illumos has beyond other Unixes in the calls that are shared with them: an eventfd.

use std::os::fd::OwnedFd;

use rustix::event::EventfdFlags;
use rustix::io::Errno;

pub(crate) use crate::sys::unix::calls_absent::{
    CREDENTIALS, ERROR_OF_CONNECTION, RECORDS_ARE_WHOLE, TAKES_DESCRIPTOR, abstract_from_kernel,
    abstract_to_kernel, has_readiness, set_mode_of_file, set_mode_of_socket, unnamed_to_kernel,
};

/// A counter that a write makes readable.
pub(crate) fn eventfd() -> Result<OwnedFd, Errno> {
    rustix::event::eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)
}
