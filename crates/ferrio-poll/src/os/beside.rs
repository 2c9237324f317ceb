//! Sockets that a parker waits for beside the sources of a Poll.

use std::io;
use std::os::windows::io::BorrowedSocket;
use std::time::Duration;

use crate::event::Event;
use crate::interest::Interest;
use crate::poll::Poll;
use crate::poll::park::Harvest;
use crate::sys::beside;

impl Harvest<'_> {
    /// As [`wait`](Harvest::wait), and ends also when something was found `beside`; the number of
    /// events of the Poll. If something was found before, it only looks.
    ///
    /// # Errors
    ///
    /// Those of [`wait`](Harvest::wait).
    pub fn wait_beside(&mut self, beside: &mut Beside, timeout: Option<Duration>) -> io::Result<usize> {
        let beside = &beside.inner;
        if self.room() == 0 {
            return self.look_aside(|selector, scratch| selector.look_beside(scratch, beside)).map(|()| 0);
        }
        self.wait_by(timeout, |selector, scratch, events, timeout| {
            selector.wait_beside(scratch, events, beside, timeout)
        })
    }
}

/// Sockets that a parker waits for beside the sources of a Poll, each for one event.
///
/// No event of theirs reaches the user of the Poll, whatever their tokens are, and they may be
/// registered with it besides. What is found of them stays until it is taken out, also what was
/// found by a wait of the Poll that is not [`Harvest::wait_beside`].
#[derive(Debug)]
pub struct Beside {
    inner: beside::Beside,
}

impl Beside {
    /// Nothing, beside the sources of `poll`.
    pub fn new(poll: &Poll) -> Beside {
        Beside { inner: poll.registry().shared().selector.beside() }
    }

    /// Asks for one event of `socket`, in place of what was asked for at `place` before; it will
    /// have the token of that number. What holds already is found too. After a second question
    /// about the same socket an answer to the first may still come, and be out of date.
    ///
    /// # Errors
    ///
    /// `InvalidInput` or `Unsupported` for interests that a socket does not have; what the system
    /// says of a socket that it cannot watch. Then nothing is asked for there.
    pub fn arm(&mut self, place: usize, socket: BorrowedSocket<'_>, interest: Interest) -> io::Result<()> {
        self.inner.arm(place, socket, interest)
    }

    /// Ends what is asked for at `place`, which is to be done before its socket is closed. Nothing is
    /// found there afterwards.
    pub fn forget(&mut self, place: usize) {
        self.inner.forget(place);
    }

    /// Takes out what has been found. The rest stays if the iterator is dropped early.
    pub fn found(&mut self) -> impl Iterator<Item = Event> {
        self.inner.found().map(Event::new)
    }
}
