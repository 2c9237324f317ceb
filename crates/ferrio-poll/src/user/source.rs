//! Readiness that a program makes itself.

use std::fmt;
use std::io;
use std::sync::Arc;

use crate::interest::Interest;
use crate::queue::Direction;
use crate::registry::{Registry, Source};
use crate::seat::Seat;
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
/// let (mut receiver, trigger) = user::source();
/// poll.registry().register(&mut receiver, WORK, Interest::READABLE)?;
///
/// let worker = thread::spawn(move || trigger.fire());
/// poll.wait(&mut events, None)?;
/// assert_eq!(events[0].token(), WORK);
/// assert!(receiver.take().is_some());
/// worker.join().unwrap()
/// # }
/// ```
pub fn source() -> (Receiver, Trigger) {
    let seats = Arc::new(Seats {
        readable: Seat::new(Direction::Readable),
        writable: Seat::new(Direction::Writable),
    });
    (Receiver { seats: Arc::clone(&seats) }, Trigger { seats })
}

/// The side of a user source that is registered.
///
/// It is ready from when it was fired until [`take`](Receiver::take). It may be fired
/// before it is registered: registering it then reports it at once. The
/// [modes](crate::Mode) mean what they mean for a socket with unread data.
///
/// It stays with the first Poll that it is registered with; registering it with another
/// is `InvalidInput`. Dropping it ends its registration.
pub struct Receiver {
    seats: Arc<Seats>,
}

/// The side of a user source that makes it ready, from any thread or from a signal
/// handler.
///
/// Fires that come before the event was handed out are one event. What was written
/// before a fire is visible to whoever handles its event.
///
/// # Implementation notes
///
/// As for [`Waker::wake`](crate::Waker::wake): a system call only if the Poll is asleep
/// and nobody else has woken it yet. No lock is taken and nothing is allocated.
#[derive(Clone)]
pub struct Trigger {
    seats: Arc<Seats>,
}

/// Both directions of one source.
#[derive(Debug)]
struct Seats {
    readable: Seat,
    writable: Seat,
}

impl Receiver {
    /// What the source was fired for since the last time, or `None`.
    ///
    /// Like reading a socket until `WouldBlock`: it is no longer ready, and an event that
    /// was not handed out yet is not due any more.
    pub fn take(&self) -> Option<Interest> {
        match (self.seats.readable.take(), self.seats.writable.take()) {
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
        self.seats.readable.fire()
    }

    /// Makes the source writable.
    ///
    /// # Errors
    ///
    /// None are known.
    pub fn fire_writable(&self) -> io::Result<()> {
        self.seats.writable.fire()
    }
}

impl Source for Receiver {
    fn register(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        check(interest)?;
        self.seats.readable.check_free(registry)?;
        self.seats.writable.check_free(registry)?;
        if interest.is_readable() {
            self.seats.readable.register(registry, token)?;
        }
        if interest.is_writable() {
            self.seats.writable.register(registry, token)?;
        }
        Ok(())
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        check(interest)?;
        self.deregister(registry)?;
        self.register(registry, token, interest)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        let readable = self.seats.readable.deregister(registry);
        let writable = self.seats.writable.deregister(registry);
        readable.or(writable)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.seats.readable.leave();
        self.seats.writable.leave();
    }
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").finish_non_exhaustive()
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
    let text =
        format!("interest {interest:?} never comes true for a user source: ask for READABLE or WRITABLE");
    Err(io::Error::new(io::ErrorKind::Unsupported, text))
}
