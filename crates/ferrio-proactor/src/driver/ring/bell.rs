//! What the ring signals while the backend of the Poll sleeps.

use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::time::Duration;

use ferrio_poll::park::Harvest;
use ferrio_poll::unix::SourceFd;
use ferrio_poll::{Interest, Mode, Poll, Registry, Token};
use rustix::event::{EventfdFlags, eventfd};

use crate::driver::ring::queue::Queue;

/// The token of an eventfd of the ring's own, which no event ever has.
const COMPANION: Token = Token(usize::MAX);

/// What the ring signals.
pub(super) enum Bell {
    /// The wake descriptor of the Poll.
    Wake,
    /// An eventfd of the ring's own beside the sources of a Poll on poll(2), whose wait shows
    /// nothing to others.
    Own { eventfd: OwnedFd, registry: Registry },
    /// Nothing: only the ring itself sleeps.
    Silent,
}

impl Bell {
    pub(super) fn new(queue: &Queue, poll: &Poll) -> io::Result<Bell> {
        if let Some(fd) = poll.wake_descriptor() {
            queue.register_eventfd(fd)?;
            return Ok(Bell::Wake);
        }
        if poll.capabilities().embeddable {
            return Ok(Bell::Silent);
        }
        let eventfd = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        queue.register_eventfd(eventfd.as_fd())?;
        let registry = poll.registry().try_clone()?;
        let fd = eventfd.as_raw_fd();
        registry.register_with(&mut SourceFd(&fd), COMPANION, Interest::READABLE, Mode::Level)?;
        Ok(Bell::Own { eventfd, registry })
    }

    /// Waits for the Poll or for the ring's signal; the number of events of the Poll.
    pub(super) fn wait(&self, harvest: &mut Harvest<'_>, timeout: Option<Duration>) -> io::Result<usize> {
        let Bell::Own { eventfd, .. } = self else { return harvest.wait(timeout) };
        let (count, is_rung) = harvest.wait_beside(eventfd.as_fd(), timeout)?;
        if is_rung {
            // It counts signals, of which the ring tells all the same.
            let _ = rustix::io::read(eventfd, &mut [0; 8]);
        }
        Ok(count)
    }

    /// Whether the ring can sleep, and hear of the Poll there.
    pub(super) fn can_sleep_in_ring(&self) -> bool {
        !matches!(self, Bell::Own { .. })
    }

    /// Whether the Poll can sleep, and hear of the ring there.
    pub(super) fn can_sleep_in_poll(&self) -> bool {
        !matches!(self, Bell::Silent)
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        if let Bell::Own { eventfd, registry } = self {
            // It fails only if the Poll is gone, and the registration with it.
            let _ = registry.deregister(&mut SourceFd(&eventfd.as_raw_fd()));
        }
    }
}
