//! Room in a channel with a bound, as an event.
//!
//! A sender that finds the channel full sets a flag, `WANTED`, and tries once more; the
//! receiver, when it has taken a message, takes the flag and tells the rooms. Both change the
//! flag by a read-modify-write, so one of them comes first. If the sender does, the receiver
//! finds the flag; if the receiver does, the second try of the sender finds the room that it
//! has made.
//!
//! The receiver does that only if a second flag, `USED`, says that somebody ever asks for
//! room, which it reads by a plain load and may see too late. So the first room of a channel
//! also makes the receiver ready: it looks again, and is bound to see the flag then.

use std::fmt;
use std::io;
use std::sync::{Arc, mpsc};

use crate::error;
use crate::interest::Interest;
use crate::queue::Direction;
use crate::registry::readiness::Readiness;
use crate::registry::{Registry, Source};
use crate::sync::{AtomicU8, Mutex, Ordering, lock};
use crate::token::Token;
use crate::user::channel_error::TrySendError;

/// Room in a channel: writable until `try_send` gives `Full`, and again once the receiver has
/// taken a message; made by [`SyncSender::room`](super::SyncSender::room).
///
/// Register it as writable. A sender whose `try_send` gave [`Full`](TrySendError::Full) keeps
/// the message and tries again on the next event, as with a socket and `WouldBlock`. A new one
/// is writable, whether or not there is room, so that nothing is missed before it was made; and
/// it is when the receiver is gone, of which `try_send` then tells.
///
/// It belongs to the channel, not to one sender: `Full` to any sender has all rooms of the
/// channel told of the next message that is taken, and the first to try gets the place. With
/// many senders, some try in vain and wait again.
///
/// The [modes](crate::Mode) mean what they mean for a socket that can be written to. It stays
/// with the first Poll that it is registered with; registering it with another is
/// `InvalidInput`. Dropping it ends its registration.
///
/// # Implementation notes
///
/// A channel without one pays a load for each message that is taken. The first one that is
/// made may give the receiver an event for which it finds no message.
#[doc(alias = "writable")]
pub struct Room {
    readiness: Arc<Readiness>,
    rooms: Arc<Rooms>,
}

/// The rooms of a channel.
#[derive(Debug)]
pub(super) struct Rooms {
    /// `USED` and `WANTED`.
    flags: AtomicU8,
    /// What is told. Held while they are told, so that none is forgotten.
    list: Mutex<Vec<Arc<Readiness>>>,
}

/// The receiver's part in the rooms of its channel. Dropping it tells them, which has to be
/// after the receiver itself was dropped.
#[derive(Debug)]
pub(super) struct Taking(Arc<Rooms>);

impl Room {
    /// One more room. If it is the first of the channel, `fire` makes the receiver ready.
    pub(super) fn new(rooms: &Arc<Rooms>, fire: impl FnOnce()) -> Room {
        let readiness = Arc::new(Readiness::new(Direction::Writable));
        // There is no Poll yet that could fail to be woken.
        let _ = readiness.fire();
        let mut list = lock(&rooms.list);
        let is_first = list.is_empty();
        list.push(Arc::clone(&readiness));
        rooms.flags.fetch_or(USED, Ordering::AcqRel);
        drop(list);
        if is_first {
            fire();
        }
        Room { readiness, rooms: Arc::clone(rooms) }
    }
}

impl Rooms {
    pub(super) fn new() -> Arc<Rooms> {
        Arc::new(Rooms { flags: AtomicU8::new(0), list: Mutex::new(Vec::new()) })
    }

    /// Sends `message` by `try_send`; if that finds no room, all rooms are told of the next
    /// that there is.
    pub(super) fn send<T>(
        &self,
        message: T,
        try_send: impl Fn(T) -> Result<(), mpsc::TrySendError<T>>,
    ) -> Result<(), TrySendError<T>> {
        let message = match try_send(message) {
            // A sender sees the rooms that it made itself, and those of others it need not wait
            // for.
            Err(mpsc::TrySendError::Full(message)) if self.flags.load(Ordering::Relaxed) != 0 => message,
            result => return Ok(result?),
        };
        self.want();
        let result = try_send(message);
        if !matches!(result, Err(mpsc::TrySendError::Full(_))) {
            // There is more of it, or the channel has ended: the others may have been told of
            // that just before `want`, which made them forget it.
            self.tell();
        }
        Ok(result?)
    }

    /// There is no room, and all are to be told when there is.
    fn want(&self) {
        let list = lock(&self.list);
        for readiness in list.iter() {
            readiness.take();
        }
        self.flags.fetch_or(WANTED, Ordering::AcqRel);
    }

    fn tell(&self) {
        for readiness in lock(&self.list).iter() {
            // No way is known in which it fails.
            let _ = readiness.fire();
        }
    }
}

impl Taking {
    pub(super) fn new(rooms: &Arc<Rooms>) -> Taking {
        Taking(Arc::clone(rooms))
    }

    /// A message was taken, or none was there after the readiness of the receiver was.
    pub(super) fn taken(&self) {
        if self.0.flags.load(Ordering::Relaxed) != 0 {
            self.taken_by_waiting();
        }
    }

    /// The same for a receiver that does not look again when it is made ready.
    pub(super) fn taken_by_waiting(&self) {
        if self.0.flags.fetch_and(!WANTED, Ordering::AcqRel) & WANTED != 0 {
            self.0.tell();
        }
    }
}

impl Drop for Taking {
    fn drop(&mut self) {
        self.0.tell();
    }
}

impl Source for Room {
    fn register(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        check(interest)?;
        self.readiness.register(registry, token)
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        check(interest)?;
        self.readiness.reregister(registry, token)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        self.readiness.deregister(registry)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.readiness.end_registration();
        let mut list = lock(&self.rooms.list);
        list.retain(|readiness| !Arc::ptr_eq(readiness, &self.readiness));
        if list.is_empty() {
            self.rooms.flags.fetch_and(!(USED | WANTED), Ordering::AcqRel);
        }
    }
}

impl fmt::Debug for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Room").finish_non_exhaustive()
    }
}

/// Refuses an interest that a room can never have.
fn check(interest: Interest) -> io::Result<()> {
    if interest.is_writable() {
        return Ok(());
    }
    Err(error::interest_never_true(interest, "the room in a channel", "WRITABLE"))
}

/// There is a room to be told. Set by the first one, cleared by the drop of the last.
const USED: u8 = 1;

/// A sender found no room since the rooms were told. Set by `want`, taken by the receiver.
const WANTED: u8 = 1 << 1;

#[cfg(all(test, ferrio_loom))]
mod models;
