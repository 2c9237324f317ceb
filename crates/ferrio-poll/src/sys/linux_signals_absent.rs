//! The signals of other Unixes beyond those that all have, and their codes.
//!
//! The codes are those of the manuals and headers of the systems; the `libc` crate has them for
//! Linux alone.

use std::ops::RangeInclusive;

/// The codes of a signal that a process sent. The second one is that of sigqueue(3), which
/// comes with a value.
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
#[cfg(any(target_vendor = "apple", target_os = "freebsd", target_os = "netbsd", target_os = "openbsd"))]
pub(crate) const NAMES: &[(i32, &str)] = &[(libc::SIGEMT, "SIGEMT"), (libc::SIGINFO, "SIGINFO")];
/// What else there is has a number here, and no name.
#[cfg(not(any(
    target_vendor = "apple",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
)))]
pub(crate) const NAMES: &[(i32, &str)] = &[];
