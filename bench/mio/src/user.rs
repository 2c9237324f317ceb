//! How a program on mio tells its own loop something: by a waker, and by a channel of
//! the standard library with a wake for each message.

use std::io;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::time::Duration;

use bench_kit::user::User;
use mio::{Events, Poll, Token, Waker};

/// A loop with a waker and a channel.
pub(crate) struct Wakes {
    poll: Poll,
    events: Events,
    waker: Waker,
    sender: Sender<u64>,
    receiver: Receiver<u64>,
}

impl Wakes {
    pub(crate) fn new() -> io::Result<Self> {
        let poll = Poll::new()?;
        let waker = Waker::new(poll.registry(), Token(0))?;
        let (sender, receiver) = channel();
        Ok(Self { poll, events: Events::with_capacity(16), waker, sender, receiver })
    }
}

impl User for Wakes {
    fn tell(&mut self) -> io::Result<()> {
        self.waker.wake()
    }

    // Nothing can be taken from a waker but by a poll.
    fn tell_anew(&mut self) -> io::Result<()> {
        self.waker.wake()
    }

    fn send(&mut self, message: u64) -> io::Result<()> {
        self.sender.send(message).map_err(io::Error::other)?;
        self.waker.wake()
    }

    fn receive(&mut self) -> io::Result<Option<u64>> {
        match self.receiver.try_recv() {
            Ok(message) => Ok(Some(message)),
            Err(TryRecvError::Empty) => Ok(None),
            Err(error) => Err(io::Error::other(error)),
        }
    }

    fn poll(&mut self) -> io::Result<usize> {
        self.poll.poll(&mut self.events, Some(Duration::ZERO))?;
        Ok(self.events.iter().count())
    }
}
