//! Waking a Poll from elsewhere.

use std::fmt;
use std::io;
use std::sync::Arc;

use crate::registry::Registry;
use crate::shared::Shared;
use crate::token::Token;

/// Wakes a [`Poll`](crate::Poll) from any thread, or from a signal handler.
///
/// A wake is an event that is readable and carries the waker's token. Wakes that
/// come before the event was handed out are one event: a waker says *that*
/// something happened, and the data travels elsewhere. What was written before a
/// wake is visible to whoever handles its event.
///
/// A Poll may have any number of wakers, each with a token of its own. A waker may
/// be dropped right after its last wake, and may outlive its Poll.
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
/// # fn main() -> std::io::Result<()> {
/// use std::sync::Arc;
/// use std::thread;
/// use ferrio_poll::{Events, Poll, Token, Waker};
///
/// const WAKE: Token = Token(10);
///
/// let mut poll = Poll::new()?;
/// let mut events = Events::with_capacity(2);
/// let waker = Arc::new(Waker::new(poll.registry(), WAKE)?);
///
/// let handle = thread::spawn(move || waker.wake());
/// poll.poll(&mut events, None)?;
/// assert_eq!(events[0].token(), WAKE);
/// assert!(events[0].is_readable());
/// handle.join().unwrap()
/// # }
/// ```
pub struct Waker {
    /// The Poll to wake.
    shared: Arc<Shared>,
    /// Its place in the queue of that Poll.
    slot: usize,
}

impl Waker {
    /// A waker of the Poll behind `registry`, whose events carry `token`.
    ///
    /// # Errors
    ///
    /// What the system says if the wake descriptor cannot be made; it is made once,
    /// with the first waker.
    pub fn new(registry: &Registry, token: Token) -> io::Result<Waker> {
        let shared = Arc::clone(registry.shared());
        let slot = shared.open_slot(token)?;
        Ok(Waker { shared, slot })
    }

    /// Wakes the Poll.
    ///
    /// # Errors
    ///
    /// None are known; a full eventfd or pipe is handled.
    pub fn wake(&self) -> io::Result<()> {
        self.shared.wake(self.slot)
    }
}

impl Drop for Waker {
    fn drop(&mut self) {
        self.shared.queue.remove(self.slot);
    }
}

impl fmt::Debug for Waker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waker").field("slot", &self.slot).finish_non_exhaustive()
    }
}
