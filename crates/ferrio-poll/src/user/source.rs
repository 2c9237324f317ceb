//! Readiness that a program makes itself.

use std::fmt;
use std::io;
use std::sync::Arc;

use crate::error;
use crate::interest::Interest;
use crate::queue::Direction;
use crate::registry::readiness::Readiness;
use crate::registry::{Registry, Source};
use crate::token::Token;

/// Makes a source that is ready when its trigger says so.
///
/// # Examples
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// use std::thread;
/// use ferrio_poll::{Events, Interest, Poll, Token, user};
///
/// const WORK: Token = Token(1);
///
/// let mut poll = Poll::new()?;
/// let mut events = Events::with_capacity(8);
/// let (mut source, trigger) = user::source();
/// poll.registry().register(&mut source, WORK, Interest::READABLE)?;
///
/// let worker = thread::spawn(move || trigger.fire());
/// poll.wait(&mut events, None)?;
/// assert_eq!(events[0].token(), WORK);
/// assert!(source.take().is_some());
/// worker.join().unwrap()
/// # }
/// ```
pub fn source() -> (UserSource, Trigger) {
    let shared = Arc::new(Directions {
        readable: Readiness::new(Direction::Readable),
        writable: Readiness::new(Direction::Writable),
    });
    (UserSource { shared: Arc::clone(&shared) }, Trigger { shared })
}

/// A source that its [`Trigger`] makes ready; made by [`source`].
///
/// It is ready from when it was fired until [`take`](UserSource::take). It may be fired
/// before it is registered: registering it then reports it at once. The
/// [modes](crate::Mode) mean what they mean for a socket with unread data.
///
/// It stays with the first Poll that it is registered with; registering it with another
/// is `InvalidInput`. Dropping it ends its registration.
#[doc(alias = "Registration")]
#[doc(alias = "ev_async")]
#[doc(alias = "uv_async_t")]
pub struct UserSource {
    shared: Arc<Directions>,
}

/// Makes a [`UserSource`] ready, from any thread or from a signal handler.
///
/// Fires that come before the event was delivered are one event. What was written
/// before a fire is visible to the code that handles its event.
///
/// # Implementation notes
///
/// As for [`Waker::wake`](crate::Waker::wake): a system call only if the Poll is asleep
/// and nobody else has woken it yet. No lock is taken and nothing is allocated.
#[doc(alias = "SetReadiness")]
#[derive(Clone)]
pub struct Trigger {
    shared: Arc<Directions>,
}

/// Both directions of one source.
#[derive(Debug)]
struct Directions {
    readable: Readiness,
    writable: Readiness,
}

impl UserSource {
    /// What the source was fired for since the last time, or `None`.
    ///
    /// Like reading a socket until `WouldBlock`: it is no longer ready, and an event that
    /// was not delivered yet is cancelled.
    pub fn take(&self) -> Option<Interest> {
        match (self.shared.readable.take(), self.shared.writable.take()) {
            (false, false) => None,
            (true, false) => Some(Interest::READABLE),
            (false, true) => Some(Interest::WRITABLE),
            (true, true) => Some(Interest::READABLE | Interest::WRITABLE),
        }
    }
}

impl Trigger {
    /// Makes the source readable.
    ///
    /// # Errors
    ///
    /// None are known.
    pub fn fire(&self) -> io::Result<()> {
        self.shared.readable.fire()
    }

    /// Makes the source writable.
    ///
    /// # Errors
    ///
    /// None are known.
    pub fn fire_writable(&self) -> io::Result<()> {
        self.shared.writable.fire()
    }
}

impl Source for UserSource {
    fn register(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        check(interest)?;
        self.shared.readable.check_free(registry)?;
        self.shared.writable.check_free(registry)?;
        if interest.is_readable() {
            self.shared.readable.register(registry, token)?;
        }
        if interest.is_writable() {
            self.shared.writable.register(registry, token)?;
        }
        Ok(())
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        check(interest)?;
        self.deregister(registry)?;
        self.register(registry, token, interest)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        let readable = self.shared.readable.deregister(registry);
        let writable = self.shared.writable.deregister(registry);
        readable.or(writable)
    }
}

impl Drop for UserSource {
    fn drop(&mut self) {
        self.shared.readable.end_registration();
        self.shared.writable.end_registration();
    }
}

impl fmt::Debug for UserSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserSource").finish_non_exhaustive()
    }
}

impl fmt::Debug for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trigger").finish_non_exhaustive()
    }
}

/// Refuses an interest that a user source can never have.
fn check(interest: Interest) -> io::Result<()> {
    if interest.is_readable() || interest.is_writable() {
        return Ok(());
    }
    Err(error::interest_never_true(interest, "a user source", "READABLE or WRITABLE"))
}
