//! A Poll inside another event loop, and another sleeper inside a Poll.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::time::Duration;

use crate::event::Event;
use crate::interest::Interest;
use crate::poll::Poll;
use crate::poll::park::Harvest;
use crate::registry::Registry;
use crate::sys::unix::poll2::beside;
use crate::token::Token;

impl AsFd for Poll {
    /// The descriptor of this Poll, by which it can sit inside another event loop:
    /// it is readable while there is something to report.
    ///
    /// The other loop watches it as a level, or polls this one until nothing is left; it
    /// keeps a duplicate, `poll.as_fd().try_clone_to_owned()`, so that the Poll itself stays
    /// free to be polled. Timers do not make it readable: see
    /// [`next_deadline`](Poll::next_deadline).
    ///
    /// On Apple's systems leave kevent64(2) alone with it: a kqueue that was used by that refuses
    /// what a Poll does.
    ///
    /// From the first call on, a wake signals the descriptor also while this Poll is
    /// awake. See [`Capabilities::embeddable`](crate::Capabilities::embeddable) for a backend
    /// that cannot do this.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.registry().as_fd()
    }
}

impl AsRawFd for Poll {
    fn as_raw_fd(&self) -> RawFd {
        self.as_fd().as_raw_fd()
    }
}

impl AsFd for Registry {
    /// The descriptor of the Poll; see [`Poll::as_fd`](crate::Poll#method.as_fd).
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.shared().embed();
        self.shared().selector.descriptor()
    }
}

impl AsRawFd for Registry {
    fn as_raw_fd(&self) -> RawFd {
        self.as_fd().as_raw_fd()
    }
}

impl Poll {
    /// The eventfd that wakes this Poll, for a kernel that is to wake it by itself. `None` if
    /// a write to it would not end a wait.
    #[doc(hidden)]
    pub fn wake_descriptor(&self) -> Option<BorrowedFd<'_>> {
        self.registry().shared().selector.wake_descriptor()
    }
}

impl Harvest<'_> {
    /// As [`wait`](Harvest::wait), and ends also when one of the descriptors of `beside` is ready;
    /// the number of events of the Poll. For a backend that is not
    /// [`embeddable`](crate::Capabilities::embeddable).
    ///
    /// # Errors
    ///
    /// `Interrupted` if a signal handler ran and nothing was ready; `Unsupported` if the backend is
    /// embeddable.
    pub fn wait_beside(&mut self, beside: &mut Beside, timeout: Option<Duration>) -> io::Result<usize> {
        let beside = &mut beside.inner;
        if self.room() == 0 {
            return beside.look().map(|()| 0);
        }
        self.wait_by(timeout, |selector, scratch, events, timeout| {
            selector.wait_beside(scratch, events, beside, timeout)
        })
    }

    /// What is readable while the backend has something to report. Unlike
    /// [`Poll::as_fd`](Poll#method.as_fd) it changes nothing about the wakes, which are heard
    /// through it while the Poll is parked.
    pub fn descriptor(&self) -> BorrowedFd<'_> {
        self.selector().descriptor()
    }
}

/// Descriptors that a parker waits for beside the sources of a Poll, as levels and for one wait.
///
/// The Poll knows nothing of them: they need no token of its own, and may be registered with it
/// besides.
#[derive(Debug, Default)]
pub struct Beside {
    inner: beside::Beside,
}

impl Beside {
    /// Takes all out. To be done before each wait, for it does not own the descriptors.
    pub fn clear(&mut self) {
        self.inner.clear();
    }

    /// Adds a descriptor, whose event will have `token`.
    ///
    /// # Errors
    ///
    /// `Unsupported` for interests that poll(2) does not know.
    pub fn push(&mut self, fd: BorrowedFd<'_>, token: Token, interest: Interest) -> io::Result<()> {
        self.inner.push(fd, token, interest)
    }

    /// What the last wait has found of them. One that is closed is in error.
    pub fn found(&self) -> impl Iterator<Item = Event> {
        self.inner.found().map(Event::new)
    }
}
