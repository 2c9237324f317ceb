//! The signals of Linux beyond those that all Unixes have, and its codes.

use std::ops::RangeInclusive;

/// The codes of a signal that a process sent. The second one is that of sigqueue(3), which
/// comes with a value.
pub(crate) const SENT: [Option<i32>; 3] = [Some(libc::SI_USER), Some(libc::SI_QUEUE), Some(libc::SI_TKILL)];

/// The real-time signals that the C library leaves to programs.
pub(crate) fn real_time() -> RangeInclusive<i32> {
    libc::SIGRTMIN()..=libc::SIGRTMAX().min(LAST)
}

/// The last signal that is collected. Few architectures have more.
pub(crate) const LAST: i32 = 64;

/// A standard signal that not all systems have.
pub(crate) const NAMES: &[(i32, &str)] = &[(libc::SIGPWR, "SIGPWR")];
