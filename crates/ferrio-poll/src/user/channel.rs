//! Messages that arrive with the events.

use std::fmt;
use std::io;
use std::sync::{Arc, mpsc};

use crate::interest::Interest;
use crate::queue::Direction;
use crate::registry::readiness::Readiness;
use crate::registry::{Registry, Source, check_readable};
use crate::token::Token;
use crate::user::channel_error::{RecvError, SendError, TryRecvError, TrySendError};
use crate::user::channel_room::{Room, Rooms, Taking};

/// Makes a channel without a bound.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use std::thread;
/// use ferrio::user::{self, TryRecvError};
/// use ferrio::{Events, Interest, Poll, Token};
///
/// let mut poll = Poll::new()?;
/// let mut events = Events::with_capacity(8);
/// let (sender, mut receiver) = user::channel();
/// poll.registry().register(&mut receiver, Token(0), Interest::READABLE)?;
///
/// let worker = thread::spawn(move || (1..=3).for_each(|n| sender.send(n).unwrap()));
/// let mut sum = 0;
/// 'open: loop {
///     poll.wait(&mut events, None)?;
///     loop {
///         match receiver.try_recv() {
///             Ok(n) => sum += n,
///             Err(TryRecvError::Empty) => break,
///             Err(TryRecvError::Disconnected) => break 'open,
///         }
///     }
/// }
/// assert_eq!(sum, 6);
/// # worker.join().unwrap();
/// # Ok(())
/// # }
/// ```
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = mpsc::channel();
    let readiness = Arc::new(Readiness::new(Direction::Readable));
    (Sender { sender, hold: Hold::new(&readiness) }, Receiver { receiver, readiness, taking: None })
}

/// Makes a channel that holds at most `bound` messages.
///
/// # Panics
///
/// If `bound` is 0: such a channel hands a message over only while the receiver waits for
/// it, and a loop waits in its poll.
pub fn sync_channel<T>(bound: usize) -> (SyncSender<T>, Receiver<T>) {
    assert!(bound > 0, "a channel with a bound of {bound} has no room for a message: give it at least 1");
    let (sender, receiver) = mpsc::sync_channel(bound);
    let readiness = Arc::new(Readiness::new(Direction::Readable));
    let rooms = Rooms::new();
    let taking = Some(Taking::new(&rooms));
    (SyncSender { sender, hold: Hold::new(&readiness), rooms }, Receiver { receiver, readiness, taking })
}

/// The receiving side of a channel, which is registered.
///
/// It is ready when a message has arrived, and when the last sender is gone. Take
/// messages until [`TryRecvError::Empty`], as a socket is read until `WouldBlock`; then
/// the next message is a new event. The [modes](crate::Mode) mean what they mean for a
/// socket with unread data.
///
/// Messages may be sent before it is registered, and stay when it is deregistered. It
/// stays with the first Poll that it is registered with; registering it with another is
/// `InvalidInput`. Dropping it ends its registration, and senders are told.
///
/// # Implementation notes
///
/// The messages themselves go through [`std::sync::mpsc`].
pub struct Receiver<T> {
    /// The messages.
    receiver: mpsc::Receiver<T>,
    readiness: Arc<Readiness>,
    /// Tells senders of room; dropped after `receiver`, so that they find the channel closed.
    /// `None` if there is always room.
    taking: Option<Taking>,
}

/// Sends messages to a [`Receiver`], from any thread.
pub struct Sender<T> {
    /// Dropped before `hold`: when the receiver is told of the last sender, the channel is
    /// closed already.
    sender: mpsc::Sender<T>,
    hold: Arc<Hold>,
}

/// Sends messages to a [`Receiver`] that holds a limited number, from any thread.
pub struct SyncSender<T> {
    /// Dropped before `hold`, as in [`Sender`].
    sender: mpsc::SyncSender<T>,
    hold: Arc<Hold>,
    /// Where senders wait for room.
    rooms: Arc<Rooms>,
}

/// What all senders of a channel share. Tells the receiver when the last one is gone.
struct Hold {
    readiness: Arc<Readiness>,
}

impl<T> Receiver<T> {
    /// Takes a message.
    ///
    /// # Errors
    ///
    /// [`Empty`](TryRecvError::Empty) if there is none: an event follows the next one.
    /// [`Disconnected`](TryRecvError::Disconnected) if all were taken and no sender is
    /// left.
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        match self.receiver.try_recv() {
            Err(TryRecvError::Empty) => {}
            result => {
                self.taking.iter().for_each(Taking::taken);
                return result;
            }
        }
        self.readiness.take();
        // One may have come, and its sender been overlooked, before that.
        let result = self.receiver.try_recv();
        self.taking.iter().for_each(Taking::taken);
        if !matches!(result, Err(TryRecvError::Empty)) {
            // Others may be behind it, or the end of the channel. No way is known in which
            // firing fails.
            let _ = self.readiness.fire();
        }
        result
    }

    /// Waits for a message, and blocks this thread alone: not for use in a loop.
    ///
    /// # Errors
    ///
    /// If no sender is left and all messages were taken.
    pub fn recv(&self) -> Result<T, RecvError> {
        let result = self.receiver.recv();
        self.taking.iter().for_each(Taking::taken_by_waiting);
        result
    }

    /// The messages that are there now; it ends where [`try_recv`](Receiver::try_recv) has none.
    ///
    /// # Examples
    ///
    /// ```
    /// # extern crate ferrio_poll as ferrio;
    /// use ferrio::user;
    ///
    /// let (sender, receiver) = user::channel();
    /// (1..=3).for_each(|n| sender.send(n).unwrap());
    /// assert_eq!(receiver.try_iter().sum::<i32>(), 6);
    /// ```
    pub fn try_iter(&self) -> TryIter<'_, T> {
        TryIter { receiver: self }
    }

    /// All messages, until no sender is left. It blocks this thread alone, as
    /// [`recv`](Receiver::recv) does.
    pub fn iter(&self) -> Iter<'_, T> {
        Iter { receiver: self }
    }
}

/// The messages that are there now; made by [`Receiver::try_iter`].
#[derive(Debug)]
pub struct TryIter<'a, T> {
    receiver: &'a Receiver<T>,
}

/// All messages until the channel ends; made by [`Receiver::iter`].
#[derive(Debug)]
pub struct Iter<'a, T> {
    receiver: &'a Receiver<T>,
}

impl<T> Iterator for TryIter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.receiver.try_recv().ok()
    }
}

impl<T> Iterator for Iter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.receiver.recv().ok()
    }
}

impl<'a, T> IntoIterator for &'a Receiver<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<T> Sender<T> {
    /// Sends a message, and wakes the Poll if it is asleep.
    ///
    /// # Errors
    ///
    /// If the receiver is gone; the error has the message.
    pub fn send(&self, message: T) -> Result<(), SendError<T>> {
        self.sender.send(message)?;
        self.hold.fire();
        Ok(())
    }
}

impl<T> SyncSender<T> {
    /// Sends a message if there is room for it, and wakes the Poll if it is asleep.
    ///
    /// # Errors
    ///
    /// [`Full`](TrySendError::Full) if there is no room,
    /// [`Disconnected`](TrySendError::Disconnected) if the receiver is gone; both have the
    /// message.
    pub fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        self.rooms.send(message, |message| self.sender.try_send(message))?;
        self.hold.fire();
        Ok(())
    }

    /// Room in the channel as a source: after [`try_send`](SyncSender::try_send) gave
    /// [`Full`](TrySendError::Full), it is writable once the receiver has taken a message.
    ///
    /// # Examples
    ///
    /// ```
    /// # extern crate ferrio_poll as ferrio;
    /// # fn main() -> std::io::Result<()> {
    /// use std::thread;
    /// use ferrio::user::{self, TrySendError};
    /// use ferrio::{Events, Interest, Poll, Token};
    ///
    /// let mut poll = Poll::new()?;
    /// let mut events = Events::with_capacity(8);
    /// let (sender, receiver) = user::sync_channel(2);
    /// let mut room = sender.room();
    /// poll.registry().register(&mut room, Token(0), Interest::WRITABLE)?;
    /// let worker = thread::spawn(move || receiver.iter().sum::<u32>());
    ///
    /// let mut next = 1;
    /// while next <= 100 {
    ///     match sender.try_send(next) {
    ///         Ok(()) => next += 1,
    ///         // The loop has other sources, too, and goes on with them meanwhile.
    ///         Err(TrySendError::Full(_)) => {
    ///             poll.wait(&mut events, None)?;
    ///         }
    ///         Err(error) => return Err(error.into()),
    ///     }
    /// }
    /// drop(sender);
    /// assert_eq!(worker.join().unwrap(), 5050);
    /// # Ok(())
    /// # }
    /// ```
    pub fn room(&self) -> Room {
        Room::new(&self.rooms, || self.hold.fire())
    }

    /// Sends a message, and waits until there is room for it. In the thread of the loop
    /// that is to take it, it would wait for ever.
    ///
    /// # Errors
    ///
    /// If the receiver is gone; the error has the message.
    pub fn send(&self, message: T) -> Result<(), SendError<T>> {
        self.sender.send(message)?;
        self.hold.fire();
        Ok(())
    }
}

impl Hold {
    fn new(readiness: &Arc<Readiness>) -> Arc<Hold> {
        Arc::new(Hold { readiness: Arc::clone(readiness) })
    }

    fn fire(&self) {
        // The message is on its way. No way is known in which firing fails.
        let _ = self.readiness.fire();
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.fire();
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Sender<T> {
        Sender { sender: self.sender.clone(), hold: Arc::clone(&self.hold) }
    }
}

impl<T> Clone for SyncSender<T> {
    fn clone(&self) -> SyncSender<T> {
        let (hold, rooms) = (Arc::clone(&self.hold), Arc::clone(&self.rooms));
        SyncSender { sender: self.sender.clone(), hold, rooms }
    }
}

impl<T> Source for Receiver<T> {
    fn register(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        check_readable(interest, "a channel")?;
        self.readiness.register(registry, token)
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        check_readable(interest, "a channel")?;
        self.readiness.reregister(registry, token)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        self.readiness.deregister(registry)
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.readiness.end_registration();
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for SyncSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyncSender").finish_non_exhaustive()
    }
}
