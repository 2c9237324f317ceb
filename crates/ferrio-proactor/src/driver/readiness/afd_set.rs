//! The sockets that operations wait for, on Windows: beside the sources of the user's Poll, on its own
//! completion port, each for one event.

use std::io;
use std::time::Duration;

use ferrio_poll::Poll;
use ferrio_poll::event::Event;
use ferrio_poll::os::Beside;
use ferrio_poll::park::Harvest;

use crate::core::Core;
use crate::driver::readiness::waiting::{READY_MAX, Ready, Waiting};
use crate::driver::readiness::want::Want;
use crate::id::OpId;
use crate::sys::Borrowed;

/// The sockets that operations wait for.
#[derive(Debug)]
pub(super) struct Set {
    /// By the place in the table.
    waiting: Vec<Waiting>,
    beside: Beside,
    /// Memory for what one wait has found.
    found: Vec<Event>,
    /// Operations whose socket cannot be asked for any more: they are tried, and fail by themselves.
    stranded: Vec<OpId>,
}

impl Set {
    pub(super) fn open(user: &Poll) -> io::Result<Set> {
        Ok(Set { waiting: Vec::new(), beside: Beside::new(user), found: Vec::new(), stranded: Vec::new() })
    }

    /// Lets the operation `id` wait until the socket at the place `entry` of the table is ready.
    ///
    /// # Errors
    ///
    /// Those of a registration: it is no socket, or the kernel has no room for it.
    pub(super) fn add(&mut self, entry: u32, fd: Borrowed<'_>, id: OpId, want: Want) -> io::Result<()> {
        let index = entry as usize;
        if self.waiting.len() <= index {
            self.waiting.resize_with(index + 1, Waiting::default);
        }
        let waiting = &mut self.waiting[index];
        waiting.push(id, want);
        let armed = arm(&mut self.beside, entry, fd, waiting);
        if armed.is_err() {
            // What the others had asked for is gone too.
            waiting.retain(|other, _| {
                self.stranded.extend((other != id).then_some(other));
                false
            });
        }
        armed
    }

    /// The operation `id` no longer waits for the socket at `entry`.
    pub(super) fn abandon(&mut self, entry: u32, id: OpId) {
        self.stranded.retain(|other| *other != id);
        if let Some(waiting) = self.waiting.get_mut(entry as usize) {
            waiting.retain(|other, _| other != id);
        }
    }

    /// This side has shut the socket at `entry` down: adds the operations that wait to read from it to
    /// `ready`, for no event tells of that.
    pub(super) fn shut_down(&mut self, entry: u32, ready: &mut impl Extend<OpId>) {
        let Some(waiting) = self.waiting.get_mut(entry as usize) else { return };
        waiting.retain(|id, want| {
            let is_ready = want.intersects(Want::READ | Want::HANGUP);
            ready.extend(is_ready.then_some(id));
            !is_ready
        });
    }

    /// Forgets a descriptor, which leaves the table.
    pub(super) fn forget(&mut self, entry: u32, _: Borrowed<'_>) {
        if let Some(waiting) = self.waiting.get(entry as usize) {
            debug_assert!(waiting.wanted() == Want::NOTHING, "an operation waits for a descriptor that goes");
            self.beside.forget(entry as usize);
        }
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
        let timeout = if self.stranded.is_empty() { timeout } else { Some(Duration::ZERO) };
        let slept = harvest.wait_beside(&mut self.beside, timeout).map(drop);
        self.found.extend(self.beside.found().take(READY_MAX));
        for event in self.found.drain(..) {
            let (entry, found) = (event.token().0 as u32, Want::of(&event));
            let is_read_closed = event.is_read_closed();
            let waiting = &mut self.waiting[entry as usize];
            waiting.retain(|id, want| {
                let is_ready = want.intersects(found);
                if is_ready {
                    ready.push(Ready { id, is_read_closed });
                }
                !is_ready
            });
            // The others go on waiting. What cannot be asked for fails when it is tried.
            if arm(&mut self.beside, entry, core.table.at(entry).fd(), waiting).is_err() {
                waiting.retain(|id, _| {
                    self.stranded.push(id);
                    false
                });
            }
        }
        ready.extend(self.stranded.drain(..).map(|id| Ready { id, is_read_closed: false }));
        slept
    }
}

/// Asks for what somebody waits for, if anybody does.
fn arm(beside: &mut Beside, entry: u32, fd: Borrowed<'_>, waiting: &Waiting) -> io::Result<()> {
    let Some(interest) = waiting.wanted().interest() else { return Ok(()) };
    match fd {
        Borrowed::Socket(socket) => beside.arm(entry as usize, socket, interest),
        Borrowed::File(_) => Err(io::ErrorKind::Unsupported.into()),
    }
}
