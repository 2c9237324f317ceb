//! Readiness that a program makes itself.

use std::fmt;
use std::io;
use std::sync::Arc;

use crate::interest::Interest;
use crate::queue::LatchState;
use crate::registry::readiness::{Readiness, wanted};
use crate::registry::{Registry, Source};
use crate::token::Token;

/// Makes a source that is ready when its trigger says so.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use std::thread;
/// use ferrio::{Events, Interest, Poll, Token, user};
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
    let readiness = Arc::new(Readiness::both());
    (UserSource { readiness: Arc::clone(&readiness) }, Trigger { readiness })
}

/// A source that its [`Trigger`] makes ready; made by [`source`].
///
/// It is ready from when it was fired until [`take`](UserSource::take). It may be fired
/// before it is registered: registering it then reports it at once. The
/// [modes](crate::Mode) mean what they mean for a socket: one event says all that the source
/// was fired for, and in [`Mode::Oneshot`](crate::Mode::Oneshot) the first disarms both
/// directions.
///
/// It stays with the first Poll that it is registered with; registering it with another
/// is `InvalidInput`. Dropping it ends its registration.
#[doc(alias = "Registration")]
#[doc(alias = "ev_async")]
#[doc(alias = "uv_async_t")]
pub struct UserSource {
    readiness: Arc<Readiness>,
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
    readiness: Arc<Readiness>,
}

impl UserSource {
    /// What the source was fired for since the last time, or `None`.
    ///
    /// Like reading a socket until `WouldBlock`: it is no longer ready, and an event that
    /// was not delivered yet is cancelled.
    pub fn take(&self) -> Option<Interest> {
        let fired = self.readiness.take_directions(LatchState::FIRED);
        match (fired.contains(LatchState::READABLE), fired.contains(LatchState::WRITABLE)) {
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
        self.readiness.fire_for(LatchState::READABLE)
    }

    /// Makes the source writable.
    ///
    /// # Errors
    ///
    /// None are known.
    pub fn fire_writable(&self) -> io::Result<()> {
        self.readiness.fire_for(LatchState::WRITABLE)
    }
}

impl Source for UserSource {
    fn register(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        self.readiness.register_for(registry, token, wanted(interest, "a user source")?)
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        self.readiness.reregister_for(registry, token, wanted(interest, "a user source")?)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        self.readiness.deregister(registry)
    }
}

impl Drop for UserSource {
    fn drop(&mut self) {
        self.readiness.end_registration();
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
