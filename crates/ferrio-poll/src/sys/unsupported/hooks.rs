//! What sources tell the backends: nothing.

use crate::interest::Interest;
use crate::sys::handle::{Handle, Place};

pub(crate) fn rearm(_: Handle<'_>, _: &Place, _: Interest) {}

pub(crate) fn touch(_: Handle<'_>, _: &Place) {}

pub(crate) fn forget(_: Handle<'_>, _: &mut Place) {}

pub(crate) fn release(_: &mut Place) {}
