//! What sockets and pipes tell the backends.

use std::os::fd::{AsRawFd, BorrowedFd};

use crate::interest::Interest;
use crate::sys::linux::poll2::owners;

/// An operation on `fd` ran short, or would have blocked: readiness in this
/// direction is used up and may be reported again.
pub(crate) fn rearm(fd: BorrowedFd<'_>, direction: Interest) {
    if owners::may_exist() {
        owners::for_each(fd.as_raw_fd(), |owner| owner.rearm(fd, direction));
    }
}

/// `fd` is about to be closed.
///
/// A thread that sleeps in poll(2) holds the file, and as long as it does `close`
/// ends nothing: the peer of a socket would not be told.
pub(crate) fn forget(fd: BorrowedFd<'_>) {
    if owners::may_exist() {
        owners::for_each(fd.as_raw_fd(), |owner| owner.forget(fd));
        owners::remove_all(fd.as_raw_fd());
    }
}
