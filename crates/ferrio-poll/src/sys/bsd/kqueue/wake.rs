//! What ends a wait: an event that this process triggers, or a pipe.

use std::io;
use std::os::fd::AsRawFd;

use super::kevent::{EV_ADD, EV_CLEAR, EV_ENABLE, EV_RECEIPT, Filter, Kevent, NOTE_TRIGGER};
use super::queue::Queue;
use crate::sys::unix::wake_fd::{self, WakeFd};

/// What ends a wait.
///
/// It is told from sources by its filter, or by its descriptor, and not by a token: all of
/// these are the user's.
#[derive(Debug)]
pub(crate) enum Wake {
    /// An event of `Filter::User`.
    Event,
    /// Where the kernel has no such events: OpenBSD before 7.8.
    Pipe(WakeFd),
}

impl Wake {
    pub(crate) fn new(queue: &Queue) -> io::Result<Wake> {
        // Without a trigger: FreeBSD forgets one that comes with the registration.
        let mut changes = [Kevent::new(0, Filter::User, ADD)];
        queue.change(&mut changes)?;
        if changes[0].error() == 0 && !wake_fd::FORCE_PIPE {
            return Ok(Wake::Event);
        }
        let pipe = WakeFd::new_pipe()?;
        let mut changes = [Kevent::new(pipe.reader().as_raw_fd() as usize, Filter::Read, ADD)];
        queue.change(&mut changes)?;
        match changes[0].error() {
            0 => Ok(Wake::Pipe(pipe)),
            code => Err(io::Error::from_raw_os_error(code)),
        }
    }

    /// Makes the current wait end, or else the next.
    pub(crate) fn signal(&self, queue: &Queue) -> io::Result<()> {
        match self {
            // Without a flag: FreeBSD takes `EV_CLEAR` for the wish to take the trigger back.
            Wake::Event => queue.apply(&Kevent { fflags: NOTE_TRIGGER, ..Kevent::new(0, Filter::User, 0) }),
            Wake::Pipe(pipe) => pipe.signal(),
        }
    }

    /// True if `kevent` is of the wake.
    pub(crate) fn is_meant(&self, kevent: &Kevent) -> bool {
        match self {
            Wake::Event => kevent.filter == Filter::User,
            Wake::Pipe(pipe) => {
                kevent.filter == Filter::Read && kevent.ident == pipe.reader().as_raw_fd() as usize
            }
        }
    }

    /// The event was taken.
    pub(crate) fn taken(&self) {
        if let Wake::Pipe(pipe) = self {
            pipe.drain();
        }
    }
}

const ADD: u16 = EV_ADD | EV_ENABLE | EV_CLEAR | EV_RECEIPT;
