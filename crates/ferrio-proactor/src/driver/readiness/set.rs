//! The descriptors that operations wait for, and where the driver sleeps.
//!
//! Where the user's Poll has a descriptor that shows its news, they are registered as levels with
//! a Poll of the driver's own, so that no token of the user's is touched. The user's Poll is
//! registered there too, and the driver sleeps in its own. A descriptor stays registered for what
//! was waited for last, since the next operation mostly waits for the same. When it becomes ready
//! and nobody waits, the registration shrinks.
//!
//! On poll(2), whose descriptor shows nothing, the user's Poll sleeps, and each wait is told anew
//! which other descriptors it is for.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::time::Duration;

use ferrio_poll::event::Event;
use ferrio_poll::os::Beside;
use ferrio_poll::park::Harvest;
use ferrio_poll::unix::SourceFd;
use ferrio_poll::{Events, Interest, Mode, Poll, Token};

use crate::core::Core;
use crate::driver::readiness::waiting::{READY_MAX, Ready, Waiting};
use crate::driver::readiness::want::Want;
use crate::id::OpId;

/// The descriptors, and where the driver sleeps.
#[derive(Debug)]
pub(super) struct Set {
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
    /// The driver's, where that of the user is registered, or not yet.
    Own { poll: Poll, events: Events, is_registered: bool },
    /// The user's, which waits for these descriptors beside its sources. The place in the table
    /// that has the first turn in the next wait.
    Beside { list: Beside, turn: usize },
}

/// The token of the user's Poll in ours.
const OF_USER: Token = Token(usize::MAX);

impl Set {
    pub(super) fn open(user: &Poll) -> io::Result<Set> {
        let place = if user.capabilities().embeddable {
            Place::Own { poll: Poll::new()?, events: Events::with_capacity(READY_MAX), is_registered: false }
        } else {
            Place::Beside { list: Beside::default(), turn: 0 }
        };
        Ok(Set { watches: Vec::new(), place })
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
        if let Place::Own { poll, .. } = &self.place {
            if want & !watch.registered != Want::NOTHING {
                watch.register(poll, entry, fd, watch.registered | want)?;
            }
        }
        watch.waiting.push(id, want);
        Ok(())
    }

    /// The operation `id` no longer waits for the descriptor at `entry`.
    pub(super) fn abandon(&mut self, entry: u32, id: OpId) {
        if let Some(watch) = self.watches.get_mut(entry as usize) {
            watch.waiting.retain(|waiting, _| waiting != id);
        }
    }

    /// This side has shut the socket at `entry` down: readiness tells of it.
    pub(super) fn shut_down(&mut self, _entry: u32, _ready: &mut impl Extend<OpId>) {}

    /// Forgets a descriptor, which leaves the table.
    pub(super) fn forget(&mut self, entry: u32, fd: BorrowedFd<'_>) {
        let Some(watch) = self.watches.get_mut(entry as usize) else { return };
        debug_assert!(
            watch.waiting.wanted() == Want::NOTHING,
            "an operation waits for a descriptor that goes"
        );
        if let Place::Own { poll, .. } = &self.place {
            if watch.registered != Want::NOTHING {
                // It fails only if somebody else has closed the descriptor, and then it is gone.
                let _ = poll.registry().deregister(&mut SourceFd(&fd.as_raw_fd()));
            }
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
        ready: &mut Vec<Ready>,
    ) -> io::Result<()> {
        let Set { watches, place } = self;
        match place {
            Place::Own { poll, events, is_registered } => {
                if !*is_registered {
                    let fd: RawFd = harvest.descriptor().as_raw_fd();
                    let registry = poll.registry();
                    registry.register_with(&mut SourceFd(&fd), OF_USER, Interest::READABLE, Mode::Level)?;
                    *is_registered = true;
                }
                events.clear();
                let slept = poll.poll(events, timeout);
                let mut has_news = false;
                for event in &*events {
                    if event.token() == OF_USER {
                        has_news = true;
                    } else {
                        wake(watches, Some(poll), event, core, ready);
                    }
                }
                if has_news { harvest.look().map(drop) } else { slept }
            }
            Place::Beside { list, turn } => {
                list.clear();
                for (entry, watch) in (0..).zip(&*watches) {
                    if let Some(interest) = watch.waiting.wanted().interest() {
                        list.push(core.table.at(entry).fd(), Token(entry as usize), interest)?;
                    }
                }
                harvest.wait_beside(list, timeout)?;
                // They are found in the order of their places.
                let first = *turn;
                let later = list.found().filter(|event| event.token().0 >= first);
                let earlier = list.found().filter(|event| event.token().0 < first);
                for event in later.chain(earlier).take(READY_MAX) {
                    *turn = event.token().0 + 1;
                    wake(watches, None, &event, core, ready);
                }
                Ok(())
            }
        }
    }
}

/// Moves the operations that wait for what `event` says to `ready`. If nobody waits for it, it is
/// asked for no longer in `poll`: as a level it would be found for ever.
fn wake(watches: &mut [Watch], poll: Option<&Poll>, event: &Event, core: &Core, ready: &mut Vec<Ready>) {
    let entry = event.token().0 as u32;
    let watch = &mut watches[entry as usize];
    let found = Want::of(event);
    let before = ready.len();
    watch.waiting.retain(|id, want| {
        let is_ready = want.intersects(found);
        if is_ready {
            ready.push(Ready { id, is_read_closed: event.is_read_closed() });
        }
        !is_ready
    });
    if let (true, Some(poll)) = (ready.len() == before, poll) {
        let wanted = watch.waiting.wanted();
        // A change that fails leaves it as it was: it is found and tried again.
        let _ = watch.register(poll, entry, core.table.at(entry).fd(), wanted);
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
}
