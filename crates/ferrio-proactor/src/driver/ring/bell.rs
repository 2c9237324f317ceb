//! What the ring signals while the backend of the Poll sleeps.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use ferrio_poll::os::Beside;
use ferrio_poll::park::Harvest;
use ferrio_poll::{Interest, Poll, Token};
use rustix::event::{EventfdFlags, eventfd};

use crate::driver::ring::queue::Queue;

/// What the ring signals.
pub(super) enum Bell {
    /// The wake descriptor of the Poll.
    Wake,
    /// An eventfd of the ring's own beside the sources of a Poll on poll(2), whose wait shows
    /// nothing to others.
    Own { eventfd: OwnedFd, beside: Beside },
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
        Ok(Bell::Own { eventfd, beside: Beside::default() })
    }

    /// Waits for the Poll or for the ring's signal; the number of events of the Poll.
    pub(super) fn wait(&mut self, harvest: &mut Harvest<'_>, timeout: Option<Duration>) -> io::Result<usize> {
        let Bell::Own { eventfd, beside } = self else { return harvest.wait(timeout) };
        beside.clear();
        beside.push(eventfd.as_fd(), Token(0), Interest::READABLE)?;
        let count = harvest.wait_beside(beside, timeout)?;
        if beside.found().next().is_some() {
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
