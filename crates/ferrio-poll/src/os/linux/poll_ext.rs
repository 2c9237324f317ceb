//! Busy polling by the kernel.

use std::io;

use crate::os::linux::Sealed;
use crate::poll::Poll;
use crate::sys::busy_poll::BusyPoll;

/// Busy polling by the kernel.
pub trait PollExt: Sealed {
    /// Sets how the kernel polls network devices before a wait of this Poll sleeps.
    ///
    /// # Errors
    ///
    /// `Unsupported` on a backend whose [`busy_poll`](crate::Capabilities::busy_poll) is
    /// absent, on Linux before 6.9 and on one that was built without it. `InvalidInput` for
    /// more microseconds than `i32::MAX`, `PermissionDenied` for a budget of more than 64
    /// without `CAP_NET_ADMIN`.
    fn set_busy_poll(&self, parameters: BusyPoll) -> io::Result<()>;

    /// How the kernel polls network devices before a wait of this Poll sleeps.
    ///
    /// # Errors
    ///
    /// `Unsupported`, as for [`set_busy_poll`](PollExt::set_busy_poll).
    fn busy_poll(&self) -> io::Result<BusyPoll>;
}

impl PollExt for Poll {
    fn set_busy_poll(&self, parameters: BusyPoll) -> io::Result<()> {
        self.registry().shared().selector.set_busy_poll(parameters)
    }

    fn busy_poll(&self) -> io::Result<BusyPoll> {
        self.registry().shared().selector.busy_poll()
    }
}

impl Sealed for Poll {}
