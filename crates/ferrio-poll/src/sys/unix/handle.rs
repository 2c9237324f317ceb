//! What a source shows to a selector: its descriptor.

pub(crate) use std::os::fd::AsFd as AsSource;
pub(crate) use std::os::fd::BorrowedFd as Handle;

pub(crate) use crate::sys::fd_impls::{object_impls, owner_impls};

/// What `source` shows to a selector.
#[inline]
pub(crate) fn of<T: AsSource>(source: &T) -> Handle<'_> {
    source.as_fd()
}

/// True if an operation on `handle` would wait.
#[cfg(debug_assertions)]
pub(crate) fn is_blocking(handle: Handle<'_>) -> bool {
    rustix::fs::fcntl_getfl(handle).is_ok_and(|flags| !flags.contains(rustix::fs::OFlags::NONBLOCK))
}

/// What a registered source remembers of its registration: nothing, for the descriptor says
/// it all. So a socket is no larger than std's.
#[derive(Debug)]
pub(crate) struct Place;

impl Place {
    /// That of a source which is not registered.
    pub(crate) const fn new() -> Place {
        Place
    }
}
