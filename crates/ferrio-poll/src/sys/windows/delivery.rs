//! One wait: packets become events.

use std::fmt;
use std::io;
use std::mem;
use std::time::{Duration, Instant};

use crate::sys::selected::Selected;
use crate::sys::windows::batch::Batch;
use crate::sys::windows::event::Event;
use crate::sys::windows::found::Found;
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
        self.wait_for(shared, Batch::new(self.batch, events), timeout)
    }

    /// The same, and ends also when something is in `found`.
    pub(super) fn wait_beside(
        &mut self,
        shared: &Shared,
        events: &mut [Event],
        found: &Found,
        timeout: Option<Duration>,
    ) -> io::Result<Selected> {
        self.batch += 1;
        self.wait_for(shared, Batch::beside(self.batch, events, found), timeout)
    }

    #[inline]
    fn wait_for(
        &mut self,
        shared: &Shared,
        mut batch: Batch<'_>,
        timeout: Option<Duration>,
    ) -> io::Result<Selected> {
        let is_look = timeout == Some(Duration::ZERO);
        let deadline = timeout.filter(|_| !is_look).and_then(|timeout| Instant::now().checked_add(timeout));
        let mut left = timeout;
        loop {
            self.ask(shared, &mut batch);
            // What could not be asked for is an event already.
            let timeout = if batch.has_news() { Some(Duration::ZERO) } else { left };
            let woken = self.take(shared, &mut batch, timeout)?;
            if batch.has_news() || woken || is_look {
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
            if batch.room() > 0 || !shared.needs_room_to_ask(listed) {
                shared.ask(listed, batch);
            } else {
                // A failure would find no place.
                self.listed.push(listed);
            }
        }
    }

    /// Takes packets until there is no room or there are none; true if one was a wake. Only the
    /// first is waited for. A packet that is no event costs no place, and there may be more of those
    /// without end: so it takes a limited number of times.
    fn take(
        &mut self,
        shared: &Shared,
        batch: &mut Batch<'_>,
        mut timeout: Option<Duration>,
    ) -> io::Result<bool> {
        let mut woken = false;
        while batch.room() > 0 {
            let Some(packet) = shared.put_back.pop() else { break };
            woken |= deliver(shared, packet, batch, &mut self.listed);
        }
        for _ in 0..TAKES_MAX {
            let room = batch.room().min(self.packets.len());
            if room == 0 {
                break;
            }
            let has_some = batch.has_news() || woken;
            if has_some {
                timeout = Some(Duration::ZERO);
            }
            let taken = match shared.port.take(&mut self.packets[..room], timeout) {
                Ok(taken) => taken,
                // What was taken before is delivered first.
                Err(_) if has_some => break,
                Err(error) => return Err(error),
            };
            for packet in &self.packets[..taken] {
                woken |= deliver(shared, *packet, batch, &mut self.listed);
            }
            if taken < room {
                break;
            }
            timeout = Some(Duration::ZERO);
        }
        if batch.is_beside() && batch.room() == 0 {
            woken |= self.take_beside(shared, batch);
        }
        Ok(woken)
    }

    /// Takes what needs no room while there is none, and puts the rest back; true if a packet was a
    /// wake. It takes once: more may be ready than the next waits have room for.
    fn take_beside(&mut self, shared: &Shared, batch: &mut Batch<'_>) -> bool {
        let mut woken = false;
        // An error comes again where it can be returned.
        let taken = shared.port.take(&mut self.packets, Some(Duration::ZERO)).unwrap_or(0);
        for packet in &self.packets[..taken] {
            if shared.needs_room(*packet) {
                // The poller itself finds them in its next wait: no packet has to tell it.
                shared.put_back.push(*packet);
            } else {
                woken |= deliver(shared, *packet, batch, &mut self.listed);
            }
        }
        woken
    }
}

/// Delivers what `packet` tells; true if the wait is to end for it.
fn deliver(shared: &Shared, packet: Packet, batch: &mut Batch<'_>, listed: &mut Vec<Listed>) -> bool {
    match packet.key() {
        Key::Wake => return true,
        Key::Afd | Key::Ask | Key::Signalled => shared.came_back(packet, batch, listed),
        Key::Flight => return shared.attention.during(|| shared.flights.land(packet)),
        Key::Own(number) => return shared.attention.during(|| shared.inboxes.deliver(number, packet)),
        Key::PutBack => {}
    }
    false
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

/// How often one wait takes packets while it finds nothing but what is no event.
const TAKES_MAX: usize = 16;
