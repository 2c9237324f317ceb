//! What sources tell the selector.

use crate::interest::Interest;
use crate::sys::wasi::handle::{Handle, Place};

/// An operation on a source ran short, or would have blocked: readiness in this direction is
/// used up and may be reported again.
pub(crate) fn rearm(_: Handle<'_>, place: &Place, direction: Interest) {
    if let Some(registration) = &place.0 {
        registration.rearm(direction);
    }
}

/// An operation ended in a way that says nothing about what is left, as an error and the end of
/// a stream do. What was reported may be gone with it.
pub(crate) fn touch(_: Handle<'_>, place: &Place) {
    if let Some(registration) = &place.0 {
        registration.touch();
    }
}

/// The descriptor is about to be closed: another file may have its number next.
pub(crate) fn forget(_: Handle<'_>, place: &mut Place) {
    place.0 = None;
}

/// The source is taken apart, and its descriptor lives on; the registration does not.
pub(crate) fn release(place: &mut Place) {
    place.0 = None;
}
