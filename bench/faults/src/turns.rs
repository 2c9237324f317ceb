//! The turns of a loop: waits of which some are interrupted.

use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

use ferrio_poll::{Backend, Events, Poll};

/// When a wait for something that must come has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// A Poll, what it last reported, and how often it was asked.
pub(crate) struct Turns {
    pub(crate) poll: Poll,
    pub(crate) events: Events,
    /// How many there were.
    pub(crate) count: u64,
    /// Polls that said that they were interrupted.
    pub(crate) interrupted: u64,
}

impl Turns {
    /// On the backend that the environment names.
    pub(crate) fn new() -> io::Result<Self> {
        let poll = Poll::builder().backend(Backend::from_env()?).build()?;
        Ok(Self { poll, events: Events::with_capacity(16), count: 0, interrupted: 0 })
    }

    /// Waits for something that must come. Every other turn is told of interruptions
    /// and then has no events; the rest goes on by itself.
    pub(crate) fn turn(&mut self) -> io::Result<()> {
        self.count += 1;
        if self.count % 2 == 1 {
            return self.poll(None).map(drop);
        }
        match self.poll.wait(&mut self.events, Some(PATIENCE))? {
            0 => Err(io::Error::other("nothing came")),
            _ => Ok(()),
        }
    }

    /// Waits for what may come in `time`.
    pub(crate) fn within(&mut self, time: Duration) -> io::Result<()> {
        self.count += 1;
        self.poll(Some(time)).map(drop)
    }

    /// Takes what is there now.
    pub(crate) fn look(&mut self) -> io::Result<()> {
        let begin = Instant::now();
        while !self.poll(Some(Duration::ZERO))? {
            if begin.elapsed() > PATIENCE {
                return Err(io::Error::other("every poll is interrupted"));
            }
        }
        Ok(())
    }

    /// Polls; false if it was interrupted.
    fn poll(&mut self, timeout: Option<Duration>) -> io::Result<bool> {
        match self.poll.poll(&mut self.events, timeout) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {
                self.interrupted += 1;
                Ok(false)
            }
            result => result.map(|()| true),
        }
    }
}
