//! The name of an entry.

use crate::slab::Key;

/// The name of an entry of a [`Wheel`](crate::time::Wheel).
///
/// A key is a plain value of 8 bytes, good until its entry expires or is removed.
/// From then on it is stale: it names nothing, and no later entry gets the same key,
/// so that a cancel which comes too late does no harm. It means nothing to another
/// wheel.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct TimerKey(pub(super) Key);
