//! One wait: packets become events.

use std::fmt;
use std::io;
use std::mem;
use std::time::{Duration, Instant};

use crate::sys::selected::Selected;
use crate::sys::windows::batch::Batch;
use crate::sys::windows::event::Event;
use crate::sys::windows::port::{Key, Packet};
use crate::sys::windows::slots::{Listed, Shared};

/// The memory that one Poll lends to its waits.
pub(crate) struct Scratch {
    /// The packets that one call takes from the port.
    packets: Box<[Packet]>,
    /// What has to be asked for before the next wait.
    listed: Vec<Listed>,
    /// The same list, while it is worked on.
    asking: Vec<Listed>,
    /// Counts the waits.
    batch: u64,
}

impl Scratch {
    /// Waits until there is an event, until a wake, or until `timeout` is over.
    pub(super) fn wait(
        &mut self,
        shared: &Shared,
        events: &mut [Event],
        timeout: Option<Duration>,
    ) -> io::Result<Selected> {
        self.batch += 1;
        let mut batch = Batch::new(self.batch, events);
        let is_look = timeout == Some(Duration::ZERO);
        let deadline = timeout.filter(|_| !is_look).and_then(|timeout| Instant::now().checked_add(timeout));
        let mut left = timeout;
        loop {
            self.ask(shared, &mut batch);
            // What could not be asked for is an event already.
            let timeout = if batch.count() > 0 { Some(Duration::ZERO) } else { left };
            let woken = self.take(shared, &mut batch, timeout)?;
            if batch.count() > 0 || woken || is_look {
                return Ok(Selected { count: batch.count(), woken });
            }
            // Only ends of cancelled polls came, or the clock of the kernel was ahead of ours.
            if let Some(deadline) = deadline {
                let now = Instant::now();
                if now >= deadline {
                    return Ok(Selected { count: 0, woken: false });
                }
                left = Some(deadline - now);
            }
        }
    }

    /// Asks for what was reported last time and is to be heard of again.
    fn ask(&mut self, shared: &Shared, batch: &mut Batch<'_>) {
        mem::swap(&mut self.listed, &mut self.asking);
        for listed in self.asking.drain(..) {
            if batch.room() > 0 {
                shared.ask(listed, batch);
            } else {
                // A failure would find no place.
                self.listed.push(listed);
            }
        }
    }

    /// Takes packets until there is no room or there are none; true if one was a wake. Only the
    /// first is waited for. A packet that is no event costs no place.
    fn take(
        &mut self,
        shared: &Shared,
        batch: &mut Batch<'_>,
        mut timeout: Option<Duration>,
    ) -> io::Result<bool> {
        let mut woken = false;
        while batch.room() > 0 {
            let room = batch.room().min(self.packets.len());
            let taken = shared.port.take(&mut self.packets[..room], timeout)?;
            for packet in &self.packets[..taken] {
                match packet.key() {
                    Key::Wake => woken = true,
                    Key::Afd | Key::Ask | Key::Signalled => {
                        shared.came_back(*packet, batch, &mut self.listed);
                    }
                    Key::Flight => {
                        woken |= shared.attention.during(|| shared.flights.land(*packet));
                    }
                    Key::Own(number) => {
                        woken |= shared.attention.during(|| shared.inboxes.deliver(number, *packet));
                    }
                }
            }
            if taken < room {
                break;
            }
            timeout = Some(Duration::ZERO);
        }
        Ok(woken)
    }
}

impl Default for Scratch {
    fn default() -> Scratch {
        Scratch {
            packets: vec![Packet::EMPTY; PACKETS_MAX].into(),
            listed: Vec::new(),
            asking: Vec::new(),
            batch: 0,
        }
    }
}

impl fmt::Debug for Scratch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scratch").field("listed", &self.listed).finish_non_exhaustive()
    }
}

/// How many packets one call takes.
const PACKETS_MAX: usize = 256;
