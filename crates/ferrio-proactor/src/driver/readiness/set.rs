//! The descriptors that operations wait for, and where the driver sleeps.
//!
//! They are registered with a Poll of the driver's own, as levels, so that no token of the user's
//! is touched. Where the user's Poll has a descriptor that shows its news, that is registered there
//! too, and the driver sleeps in its own Poll. On poll(2) it is the other way round: the descriptor
//! of the driver's Poll is registered with the user's, which sleeps.
//!
//! A descriptor stays registered for what was waited for last, since the next operation mostly
//! waits for the same. When it becomes ready and nobody waits, the registration shrinks.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::time::Duration;

use ferrio_poll::park::Harvest;
use ferrio_poll::unix::SourceFd;
use ferrio_poll::{Events, Interest, Mode, Poll, Registry, Token};

use crate::core::Core;
use crate::driver::readiness::waiting::Waiting;
use crate::driver::readiness::want::Want;
use crate::id::OpId;

/// The descriptors, and where the driver sleeps.
#[derive(Debug)]
pub(super) struct Set {
    poll: Poll,
    events: Events,
    /// By the place in the table.
    watches: Vec<Watch>,
    place: Place,
}

/// A descriptor, as far as somebody has waited for it.
#[derive(Debug, Default)]
struct Watch {
    registered: Want,
    waiting: Waiting,
}

/// Which Poll sleeps.
#[derive(Debug)]
enum Place {
    /// The driver's; that of the user is registered there, or not yet.
    Own { is_registered: bool },
    /// The user's, with which the driver's is registered.
    Beside { registry: Registry },
}

/// The token of the user's Poll in ours.
const OF_USER: Token = Token(usize::MAX);

/// The token of our Poll in the user's, which no event ever has.
const COMPANION: Token = Token(usize::MAX);

impl Set {
    pub(super) fn open(user: &Poll) -> io::Result<Set> {
        let poll = Poll::new()?;
        if !poll.capabilities().embeddable {
            let text = "completions need epoll or kqueue for what they wait for: this system offers neither";
            return Err(io::Error::new(io::ErrorKind::Unsupported, text));
        }
        let place = if user.capabilities().embeddable {
            Place::Own { is_registered: false }
        } else {
            let registry = user.registry().try_clone()?;
            let fd = poll.as_fd().as_raw_fd();
            registry.register_with(&mut SourceFd(&fd), COMPANION, Interest::READABLE, Mode::Level)?;
            Place::Beside { registry }
        };
        Ok(Set { poll, events: Events::with_capacity(256), watches: Vec::new(), place })
    }

    pub(super) fn is_beside_poll(&self) -> bool {
        matches!(self.place, Place::Beside { .. })
    }

    /// Lets the operation `id` wait until `fd`, at the place `entry` of the table, is ready.
    ///
    /// # Errors
    ///
    /// Those of a registration: the descriptor is a file, which is always ready, or the kernel has
    /// no room for it.
    pub(super) fn add(&mut self, entry: u32, fd: BorrowedFd<'_>, id: OpId, want: Want) -> io::Result<()> {
        let index = entry as usize;
        if self.watches.len() <= index {
            self.watches.resize_with(index + 1, Watch::default);
        }
        let watch = &mut self.watches[index];
        if want & !watch.registered != Want::NOTHING {
            watch.register(&self.poll, entry, fd, watch.registered | want)?;
        }
        watch.waiting.push(id, want);
        Ok(())
    }

    /// Takes this set out of the user's Poll.
    pub(super) fn leave(&mut self) {
        if let Place::Beside { registry } = &self.place {
            let fd = self.poll.as_fd().as_raw_fd();
            // It fails only if the user's Poll is gone, and the registration with it.
            let _ = registry.deregister(&mut SourceFd(&fd));
        }
        self.place = Place::Own { is_registered: true };
    }

    /// The operation `id` no longer waits for the descriptor at `entry`.
    pub(super) fn abandon(&mut self, entry: u32, id: OpId) {
        if let Some(watch) = self.watches.get_mut(entry as usize) {
            watch.waiting.retain(|waiting, _| waiting != id);
        }
    }

    /// Forgets a descriptor, which leaves the table.
    pub(super) fn forget(&mut self, entry: u32, fd: BorrowedFd<'_>) {
        let Some(watch) = self.watches.get_mut(entry as usize) else { return };
        debug_assert!(
            watch.waiting.wanted() == Want::NOTHING,
            "an operation waits for a descriptor that goes"
        );
        if watch.registered != Want::NOTHING {
            // It fails only if somebody else has closed the descriptor, and then it is gone.
            let _ = self.poll.registry().deregister(&mut SourceFd(&fd.as_raw_fd()));
        }
        watch.registered = Want::NOTHING;
    }

    /// Sleeps until something is ready: adds the operations that wait for it to `ready`, and
    /// lets the user's Poll take in its own.
    pub(super) fn wait(
        &mut self,
        harvest: &mut Harvest<'_>,
        timeout: Option<Duration>,
        core: &Core,
        ready: &mut Vec<OpId>,
    ) -> io::Result<()> {
        self.events.clear();
        let slept = match &mut self.place {
            Place::Own { is_registered } => {
                if !*is_registered {
                    let fd: RawFd = harvest.descriptor().as_raw_fd();
                    let registry = self.poll.registry();
                    registry.register_with(&mut SourceFd(&fd), OF_USER, Interest::READABLE, Mode::Level)?;
                    *is_registered = true;
                }
                self.poll.poll(&mut self.events, timeout)
            }
            Place::Beside { .. } => match harvest.wait_beside(self.poll.as_fd(), timeout) {
                Ok((_, true)) => self.poll.poll(&mut self.events, Some(Duration::ZERO)),
                Ok((_, false)) => Ok(()),
                Err(error) => Err(error),
            },
        };
        let mut has_news = false;
        for event in &self.events {
            if event.token() == OF_USER {
                has_news = true;
            } else {
                let entry = event.token().0 as u32;
                let watch = &mut self.watches[entry as usize];
                watch.wake(&self.poll, entry, Want::of(event), core, ready);
            }
        }
        if has_news { harvest.look().map(drop) } else { slept }
    }
}

impl Watch {
    fn register(&mut self, poll: &Poll, entry: u32, fd: BorrowedFd<'_>, want: Want) -> io::Result<()> {
        let (fd, registry) = (fd.as_raw_fd(), poll.registry());
        let mut source = SourceFd(&fd);
        let token = Token(entry as usize);
        match (self.registered == Want::NOTHING, want.interest()) {
            (true, Some(interest)) => registry.register_with(&mut source, token, interest, Mode::Level)?,
            (false, Some(interest)) => registry.reregister_with(&mut source, token, interest, Mode::Level)?,
            (false, None) => registry.deregister(&mut source)?,
            (true, None) => {}
        }
        self.registered = want;
        Ok(())
    }

    /// Moves the operations that wait for what was `found` to `ready`. If nobody waits for it, it
    /// is asked for no longer: as a level it would be found for ever.
    fn wake(&mut self, poll: &Poll, entry: u32, found: Want, core: &Core, ready: &mut Vec<OpId>) {
        let before = ready.len();
        self.waiting.retain(|id, want| {
            let is_ready = want.intersects(found);
            if is_ready {
                ready.push(id);
            }
            !is_ready
        });
        if ready.len() > before {
            return;
        }
        let wanted = self.waiting.wanted();
        // A change that fails leaves it as it was: it is found and tried again.
        let _ = self.register(poll, entry, core.table.at(entry).fd(), wanted);
    }
}

impl Drop for Set {
    fn drop(&mut self) {
        self.leave();
    }
}
