//! What does the operations: the ring, or readiness.
//!
//! A driver starts the operations that the core gives it, and tells the core what came of them.
//! The core decides what is next: an operation is started once those before it in the queue of
//! its descriptor are over.

// Where there is a ring, and the io-uring crate knows the layout of the kernel's structures.
#[cfg_attr(
    not(all(
        target_os = "linux",
        not(ferrio_fake_kqueue),
        any(
            target_arch = "x86_64",
            target_arch = "aarch64",
            target_arch = "riscv64",
            target_arch = "loongarch64",
            target_arch = "powerpc64"
        )
    )),
    path = "driver/ring_absent.rs"
)]
pub(crate) mod ring;

pub(crate) mod direct;
mod readiness;

use std::io;
use std::time::Duration;

use ferrio_poll::Poll;
use ferrio_poll::park::{Harvest, Nudge};

use crate::capabilities::{Capabilities, DriverKind};
use crate::config::Choice;
use crate::core::{After, Core};
use crate::driver::readiness::Readiness;
use crate::driver::ring::Ring;
use crate::op::perform::Codes;
use crate::sys::{self, Borrowed, Errno};

/// The driver of a proactor.
pub(crate) enum Driver {
    Ring(Box<Ring>),
    Readiness(Box<Readiness>),
}

impl Driver {
    /// Makes the driver that the configuration asks for, in the thread that polls. A ring may be
    /// told how it is set up.
    ///
    /// # Errors
    ///
    /// What keeps a ring from being made, unless the system denies rings and another driver may
    /// be taken: want of descriptors or of memory is an error and no reason to do without.
    pub(crate) fn open(core: &Core, poll: &Poll, nudge: &Nudge, setup: Option<&str>) -> io::Result<Driver> {
        let reason = match core.config.driver {
            Choice::Readiness => None,
            choice => match Ring::open(core, poll, setup)? {
                Ok(ring) => return Ok(Driver::Ring(Box::new(ring))),
                Err(denied) if choice == Choice::Auto => Some(denied),
                Err(denied) => {
                    let text = format!("no ring: {denied}; Choice::Auto does without one");
                    return Err(io::Error::new(io::ErrorKind::Unsupported, text));
                }
            },
        };
        Readiness::open(core, poll, nudge, reason.as_ref())
            .map(|readiness| Driver::Readiness(Box::new(readiness)))
    }

    pub(crate) fn kind(&self) -> DriverKind {
        match self {
            Driver::Ring(_) => DriverKind::Ring,
            Driver::Readiness(_) => DriverKind::Readiness,
        }
    }

    pub(crate) fn capabilities(&self) -> Capabilities {
        match self {
            Driver::Ring(ring) => ring.capabilities(),
            Driver::Readiness(readiness) => readiness.capabilities(),
        }
    }

    /// The kinds of operations that it can do.
    pub(crate) fn codes(&self) -> Codes {
        match self {
            Driver::Ring(ring) => ring.codes(),
            Driver::Readiness(readiness) => readiness.codes(),
        }
    }

    /// Starts an operation, and those that follow if it is over at once.
    pub(crate) fn start(&mut self, core: &mut Core, index: u32) {
        match self {
            Driver::Ring(ring) => ring.start(core, index),
            Driver::Readiness(readiness) => readiness.start(core, index),
        }
    }

    /// Sends to a socket on which no other send is under way, if that is cheaper now than as an
    /// operation. `None` if nothing was sent: it is for an operation to do.
    pub(crate) fn send_at_once(&self, fd: Borrowed<'_>, bytes: &[u8]) -> Option<i32> {
        match self {
            // Many sends are submitted by one call.
            Driver::Ring(_) => None,
            Driver::Readiness(_) => match sys::send(fd, bytes) {
                Err(Errno::AGAIN | Errno::INTR) => None,
                // The kernel tells an error of a socket once.
                sent => Some(direct::code(sent)),
            },
        }
    }

    /// Ends an operation that was started, now or later: it is marked as cancelled.
    pub(crate) fn cancel(&mut self, core: &mut Core, index: u32) {
        match self {
            Driver::Ring(ring) => ring.cancel(core, index),
            Driver::Readiness(readiness) => readiness.cancel(core, index),
        }
    }

    /// Does what follows from an operation that is over.
    pub(crate) fn follow(&mut self, core: &mut Core, after: After) {
        match self {
            Driver::Ring(ring) => ring.follow(core, after),
            Driver::Readiness(readiness) => readiness.follow(core, after),
        }
    }

    /// Forgets a descriptor, which leaves the table now.
    pub(crate) fn forget(&mut self, core: &Core, entry: u32) {
        match self {
            // The ring knows operations, no descriptors.
            Driver::Ring(_) => {}
            Driver::Readiness(readiness) => readiness.forget(core, entry),
        }
    }

    /// Sleeps until an operation is over, the Poll has something, or `timeout` is over.
    pub(crate) fn park(
        &mut self,
        core: &mut Core,
        harvest: &mut Harvest<'_>,
        timeout: Option<Duration>,
    ) -> io::Result<()> {
        match self {
            Driver::Ring(ring) => ring.park(core, harvest, timeout),
            Driver::Readiness(readiness) => readiness.park(core, harvest, timeout),
        }
    }

    /// Cancels all that is under way and waits until it is over, until `timeout` is over. What is
    /// left in the core's slab after that is in the kernel still.
    pub(crate) fn shut_down(&mut self, core: &mut Core, timeout: Duration) {
        match self {
            Driver::Ring(ring) => ring.shut_down(core, timeout),
            Driver::Readiness(readiness) => readiness.shut_down(core, timeout),
        }
    }

    /// How often it entered the ring, and how often that had too few places.
    pub(crate) fn ring_counts(&self) -> (u64, u64) {
        match self {
            Driver::Ring(ring) => ring.counts(),
            Driver::Readiness(_) => (0, 0),
        }
    }
}
