//! What sources tell the backends.

use std::os::fd::AsRawFd;

use crate::interest::Interest;
use crate::sys::unix::handle::{Handle, Place};
use crate::sys::unix::poll2::owners;

/// An operation on `handle` ran short, or would have blocked: readiness in this
/// direction is used up and may be reported again.
pub(crate) fn rearm(handle: Handle<'_>, _place: &Place, direction: Interest) {
    if owners::may_exist() {
        owners::for_each(handle.as_raw_fd(), |owner| owner.rearm(handle, direction));
    }
}

/// An operation on `handle` ended in a way that says nothing about what is left, as an error
/// and the end of a stream do. What was reported may be gone with it.
pub(crate) fn touch(handle: Handle<'_>, _place: &Place) {
    if owners::may_exist() {
        owners::for_each(handle.as_raw_fd(), |owner| owner.touch(handle));
    }
}

/// `handle` is about to be closed.
///
/// A thread that sleeps in poll(2) holds the file, and as long as it does `close`
/// ends nothing: the peer of a socket would not be told.
pub(crate) fn forget(handle: Handle<'_>, _place: &mut Place) {
    if owners::may_exist() {
        owners::for_each(handle.as_raw_fd(), |owner| owner.forget(handle));
        owners::remove_all(handle.as_raw_fd());
    }
}

/// The source is taken apart, and its descriptor lives on; so does its registration.
pub(crate) fn release(_place: &mut Place) {}
