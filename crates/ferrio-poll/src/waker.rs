//! Waking a Poll from elsewhere.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::registry::Registry;
use crate::registry::shared::Shared;
use crate::token::Token;

/// Wakes a [`Poll`](crate::Poll) from any thread, or from a signal handler.
///
/// A wake is an event that is readable and carries the waker's token. Wakes that
/// come before the event was delivered are one event: a waker says *that*
/// something happened, and the data travels elsewhere. What was written before a
/// wake is visible to the code that handles its event.
///
/// A Poll may have any number of wakers, each with a token of its own. A clone of a waker is
/// the same waker: its wakes and those of the original are one event. A waker may be dropped
/// right after its last wake, and may outlive its Poll.
///
/// # Implementation notes
///
/// A wake is a system call only if the Poll is asleep and nobody else has woken it
/// yet: one write(2) to an eventfd(2), or to a pipe(2) where that is denied.
/// Otherwise it is two or three atomic operations. `wake` takes no lock, allocates
/// nothing and leaves `errno` alone.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use std::thread;
/// use ferrio::{Events, Poll, Token, Waker};
///
/// const WAKE: Token = Token(10);
///
/// let mut poll = Poll::new()?;
/// let mut events = Events::with_capacity(2);
/// let waker = Waker::new(poll.registry(), WAKE)?;
///
/// let clone = waker.clone();
/// let handle = thread::spawn(move || clone.wake());
/// poll.poll(&mut events, None)?;
/// assert_eq!(events[0].token(), WAKE);
/// assert!(events[0].is_readable());
/// handle.join().unwrap()
/// # }
/// ```
#[doc(alias = "notify")]
#[doc(alias = "eventfd")]
#[doc(alias = "ev_async")]
#[doc(alias = "uv_async_t")]
#[derive(Clone)]
pub struct Waker {
    slot: Arc<Slot>,
}

/// The place of a waker in the queue of its Poll.
struct Slot {
    shared: Arc<Shared>,
    index: usize,
}

impl Waker {
    /// A waker of the Poll behind `registry`, whose events carry `token`.
    ///
    /// # Errors
    ///
    /// `Unsupported` in a forked process, if the Poll [forbids](crate::Builder::forbid_fork)
    /// that.
    pub fn new(registry: &Registry, token: Token) -> io::Result<Waker> {
        let shared = Arc::clone(registry.shared());
        shared.check_process()?;
        let index = shared.queue.insert(token);
        Ok(Waker { slot: Arc::new(Slot { shared, index }) })
    }

    /// Wakes the Poll.
    ///
    /// # Errors
    ///
    /// None are known; a full eventfd or pipe is handled.
    pub fn wake(&self) -> io::Result<()> {
        let Slot { shared, index } = &*self.slot;
        let count = if shared.wake(*index)? { &shared.wakes_signalled } else { &shared.wakes_silent };
        count.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        // The last wake is still delivered.
        self.shared.queue.remove(self.index);
    }
}

impl fmt::Debug for Waker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waker").field("slot", &self.slot.index).finish_non_exhaustive()
    }
}
