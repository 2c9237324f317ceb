//! What is true of signals where a system has none beyond those that all Unixes have.
#![allow(dead_code, reason = "some systems have more of them, and some cannot listen for any")]

use std::ops::RangeInclusive;

/// The codes of a signal that a process sent. They were not looked up: no signal has an origin
/// but those of children.
pub(crate) const SENT: [Option<i32>; 3] = [None; 3];

/// None: some systems have real-time signals, beyond the numbers that are collected.
pub(crate) fn real_time() -> RangeInclusive<i32> {
    RangeInclusive::new(1, 0)
}

/// The last signal that is collected.
pub(crate) const LAST: i32 = 31;

/// What else there is has a number here, and no name.
pub(crate) const NAMES: &[(i32, &str)] = &[];
