//! The numbers of signals, of those that each system has.

use std::ops::RangeInclusive;

use crate::sys::signal;

/// The terminal is gone. Servers take it as the wish to read their settings anew. On Windows
/// the window of the console was closed: the process has some seconds to end itself.
pub const SIGHUP: i32 = signal::SIGHUP;
/// The user pressed ctrl-c.
pub const SIGINT: i32 = signal::SIGINT;
/// The wish that the process ends. On Windows the system shuts down, which services alone are
/// told of: the process has some seconds to end itself.
pub const SIGTERM: i32 = signal::SIGTERM;

/// The real-time signals, which the system queues one by one and in their order.
///
/// Their number and their first one depend on the C library, so that programs count
/// from the first. Windows has none.
#[doc(alias = "SIGRTMIN")]
#[doc(alias = "SIGRTMAX")]
pub fn real_time() -> RangeInclusive<i32> {
    signal::real_time()
}
