//! The clock that counts suspends.

use std::time::Duration;

#[cfg(any(target_vendor = "apple", target_os = "linux", target_os = "openbsd"))]
use rustix::time::{ClockId, clock_gettime};

/// The time since the boot, suspends included. `None` where no clock says it.
#[cfg(any(target_vendor = "apple", target_os = "linux", target_os = "openbsd"))]
pub(super) fn now() -> Option<Duration> {
    let time = clock_gettime(CLOCK);
    Some(Duration::new(time.tv_sec as u64, time.tv_nsec as u32))
}

/// The time since the boot, suspends included. FreeBSD, NetBSD and DragonFly have no clock for
/// it: theirs of that name stands still.
#[cfg(not(any(target_vendor = "apple", target_os = "linux", target_os = "openbsd")))]
pub(super) fn now() -> Option<Duration> {
    None
}

/// The monotonic clock of Apple's systems counts suspends; others have a second one.
#[cfg(target_vendor = "apple")]
const CLOCK: ClockId = ClockId::Monotonic;
/// Linux stands in for a system with a kqueue.
#[cfg(any(target_os = "linux", target_os = "openbsd"))]
const CLOCK: ClockId = ClockId::Boottime;
