//! How a program on Ferrio tells its own loop something: by a user source, and by a
//! channel that is one.

use std::io;
use std::time::Duration;

use bench_kit::user::User;
use ferrio_poll::user::{Inbox, Receiver, Sender, Trigger, TryRecvError, channel, source};
use ferrio_poll::{Events, Interest, Poll, Token};

/// A loop with a user source and a channel.
pub(crate) struct Sources {
    poll: Poll,
    events: Events,
    receiver: Receiver,
    trigger: Trigger,
    sender: Sender<u64>,
    inbox: Inbox<u64>,
}

impl Sources {
    pub(crate) fn new() -> io::Result<Self> {
        let poll = Poll::new()?;
        let (mut receiver, trigger) = source();
        let (sender, mut inbox) = channel();
        poll.registry().register(&mut receiver, Token(0), Interest::READABLE)?;
        poll.registry().register(&mut inbox, Token(1), Interest::READABLE)?;
        Ok(Self { poll, events: Events::with_capacity(16), receiver, trigger, sender, inbox })
    }
}

impl User for Sources {
    fn tell(&mut self) -> io::Result<()> {
        self.trigger.fire()
    }

    fn tell_anew(&mut self) -> io::Result<()> {
        self.receiver.take();
        self.trigger.fire()
    }

    fn send(&mut self, message: u64) -> io::Result<()> {
        self.sender.send(message).map_err(io::Error::other)
    }

    fn receive(&mut self) -> io::Result<Option<u64>> {
        match self.inbox.try_recv() {
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
