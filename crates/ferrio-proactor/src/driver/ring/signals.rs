//! How nothing is lost between a look at the ring and the sleep elsewhere.
//!
//! The kernel signals the first completion that is due while nothing is, and only if the owner
//! has asked for it:
//!
//! ```text
//! owner                            kernel
//!   ask for signals                  add the work; if there was none before:
//!   fence                              set TASKRUN
//!   no TASKRUN? sleep                  fence
//!                                      asked for? signal the eventfd
//! ```
//!
//! With both fences one of the two sees what the other has written: either the owner sees the work
//! and does not sleep, or the kernel sees that it is to signal.

use std::time::Duration;

use crate::buffer::sync::{Ordering, fence};

/// A ring, or the model of one, that signals what is due for it if it is asked to.
pub(crate) trait Signals {
    /// From now on what becomes due is signalled.
    fn signal_on(&mut self);

    /// From now on nothing is signalled.
    fn signal_off(&mut self);

    /// Whether something is due.
    fn has_work(&self) -> bool;
}

/// Waits by `wait`, whose timeout it gives, while `ring` signals.
pub(crate) fn wait_signalled<R: Signals, T>(
    ring: &mut R,
    timeout: Option<Duration>,
    wait: impl FnOnce(Option<Duration>) -> T,
) -> T {
    ring.signal_on();
    fence(Ordering::SeqCst);
    // What came before the ring was told to signal is not signalled.
    let timeout = if ring.has_work() { Some(Duration::ZERO) } else { timeout };
    let waited = wait(timeout);
    ring.signal_off();
    waited
}

#[cfg(all(test, ferrio_loom))]
pub(crate) mod models;
