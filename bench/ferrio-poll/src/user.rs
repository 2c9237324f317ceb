//! How a program on Ferrio tells its own loop something: by a user source, and by a
//! channel that is one.

use std::io;
use std::time::Duration;

use bench_kit::user::User;
use ferrio_poll::user::{Receiver, Sender, Trigger, TryRecvError, UserSource, channel, source};
use ferrio_poll::{Events, Interest, Poll, Token};

/// A loop with a user source and a channel.
pub(crate) struct Sources {
    poll: Poll,
    events: Events,
    source: UserSource,
    trigger: Trigger,
    sender: Sender<u64>,
    receiver: Receiver<u64>,
}

impl Sources {
    pub(crate) fn new() -> io::Result<Self> {
        let poll = Poll::new()?;
        let (mut source, trigger) = source();
        let (sender, mut receiver) = channel();
        poll.registry().register(&mut source, Token(0), Interest::READABLE)?;
        poll.registry().register(&mut receiver, Token(1), Interest::READABLE)?;
        Ok(Self { poll, events: Events::with_capacity(16), source, trigger, sender, receiver })
    }
}

impl User for Sources {
    fn tell(&mut self) -> io::Result<()> {
        self.trigger.fire()
    }

    fn tell_anew(&mut self) -> io::Result<()> {
        self.source.take();
        self.trigger.fire()
    }

    fn send(&mut self, message: u64) -> io::Result<()> {
        Ok(self.sender.send(message)?)
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
