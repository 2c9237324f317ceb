//! What wakes the owner of a pool when a buffer comes back that it waits for.

use ferrio_poll::park::Nudge;

/// Wakes the owner, from any thread.
pub(crate) trait Wake: Send + Sync {
    /// Ends the sleep of the owner, or else its next one.
    fn wake(&self);
}

impl Wake for Nudge {
    fn wake(&self) {
        // No error of it is known, and the buffer is in the list in any case: the owner finds it
        // when something else wakes it.
        let _ = self.nudge();
    }
}
