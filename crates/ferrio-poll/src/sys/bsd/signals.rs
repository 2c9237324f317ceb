//! The signals of these systems beyond those that all Unixes have, and their codes.

use std::ops::RangeInclusive;

/// The codes of a signal that a process sent. The second one is that of sigqueue(3), which
/// comes with a value. They are those of the headers; the `libc` crate does not have them.
#[cfg(any(target_os = "freebsd", target_vendor = "apple"))]
pub(crate) const SENT: [Option<i32>; 3] = [Some(0x10001), Some(0x10002), Some(0x10007)];
/// They were not looked up: no signal has an origin but those of children.
#[cfg(not(any(target_os = "freebsd", target_vendor = "apple")))]
pub(crate) const SENT: [Option<i32>; 3] = [None; 3];

/// None: some systems have real-time signals, beyond the numbers that are collected.
pub(crate) fn real_time() -> RangeInclusive<i32> {
    RangeInclusive::new(1, 0)
}

/// The last signal that is collected.
pub(crate) const LAST: i32 = 31;

/// Standard signals that not all systems have.
pub(crate) const NAMES: &[(i32, &str)] = &[(libc::SIGEMT, "SIGEMT"), (libc::SIGINFO, "SIGINFO")];
