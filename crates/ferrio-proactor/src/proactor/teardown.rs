//! The end of a proactor.

use std::mem;
use std::time::Duration;

use ferrio_poll::Poll;

use crate::proactor::Proactor;
use crate::proactor::inner::Inner;

/// What a [`shutdown`](Proactor::shutdown) leaves.
#[derive(Debug)]
#[non_exhaustive]
pub struct Drained {
    /// The Poll that the proactor was made of, with all that is registered there.
    pub poll: Poll,
    /// How many operations were still in the kernel when the time was over. Their memory, their
    /// descriptors, the ring and the pool were leaked, since the kernel may still use them: a peer
    /// of such a descriptor sees no end before the process does.
    pub left: u32,
}

impl Proactor {
    /// Ends the proactor: cancels every operation, waits at most `timeout` for their ends, closes
    /// its descriptors, and gives the Poll back.
    ///
    /// Completions are not delivered: buffers are dropped, and accepted connections closed. To
    /// serve what is under way first, cancel the accepts and go on polling until
    /// [`Stats::completed`](crate::Stats::completed) has caught up.
    ///
    /// # Implementation notes
    ///
    /// A read or write that a disk has begun is not cancelled by any means, and is waited for; so
    /// is a send without a copy to a peer that does not read.
    pub fn shutdown(self, timeout: Duration) -> Drained {
        let (mut inner, poll) = self.into_parts();
        let left = inner.end(timeout);
        Drained { poll, left }
    }
}

impl Inner {
    /// Ends it once. What the kernel may still write to is leaked.
    pub(crate) fn end(&mut self, timeout: Duration) -> u32 {
        if self.check_process().is_err() {
            // The operations are those of another process, which shares the ring's memory.
            mem::forget(self.driver.take());
            return 0;
        }
        let left = self.shut_down(timeout);
        if left > 0 {
            mem::forget(self.driver.take());
            self.core.leak();
        }
        self.driver = None;
        left
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let timeout = self.core.config.drop_deadline;
        self.end(timeout);
    }
}
