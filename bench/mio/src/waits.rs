//! Single waits, with mio's names.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::time::Duration;

use bench_kit::waits::Waits;
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token, Waker};

/// A loop.
pub(crate) struct Loop {
    poll: Poll,
    events: Events,
    /// Nobody wakes it; that it is there is what costs.
    _waker: Option<Waker>,
}

impl Waits for Loop {
    fn new(has_waker: bool) -> io::Result<Self> {
        let poll = Poll::new()?;
        let waker = has_waker.then(|| Waker::new(poll.registry(), Token(0))).transpose()?;
        Ok(Self { poll, events: Events::with_capacity(64), _waker: waker })
    }

    fn watch(&mut self, fd: BorrowedFd<'_>) -> io::Result<()> {
        let registry = self.poll.registry();
        registry.register(&mut SourceFd(&fd.as_raw_fd()), Token(1), Interest::READABLE)
    }

    fn wait(&mut self, timeout: Duration) -> io::Result<usize> {
        self.poll.poll(&mut self.events, Some(timeout))?;
        Ok(self.events.iter().count())
    }
}
