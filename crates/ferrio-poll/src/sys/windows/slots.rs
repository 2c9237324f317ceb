//! What a selector shares with its registrations, and what a registered source holds of it.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::interest::Interest;
use crate::mode::Mode;
#[cfg(test)]
use crate::sync::AtomicUsize;
use crate::sync::Ordering;
use crate::sys::windows::attention::Attention;
use crate::sys::windows::batch::Batch;
use crate::sys::windows::chunks::{Chunk, Slots};
use crate::sys::windows::flight::Flights;
use crate::sys::windows::found::Found;
use crate::sys::windows::inboxes::Inboxes;
use crate::sys::windows::port::{Key, Packet, Port};
use crate::sys::windows::put_back::PutBack;
#[cfg(test)]
use crate::sys::windows::slot::Counts;
use crate::sys::windows::slot::{self, Slot, SlotRef, Subject};
use crate::token::Token;

/// What a selector shares with its registrations: the port and the slots.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) port: Arc<Port>,
    pub(super) flights: Flights,
    pub(super) inboxes: Inboxes,
    pub(super) attention: Attention,
    pub(super) put_back: PutBack,
    slots: Slots,
}

/// A registration that is to be asked for something before the next wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listed {
    id: u32,
    generation: u32,
}

/// A registration, which ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Registration {
    shared: Arc<Shared>,
    chunk: Arc<Chunk>,
    id: u32,
}

impl Registration {
    /// Registers `subject` with the selector of `shared`.
    pub(super) fn new(
        shared: &Arc<Shared>,
        subject: Subject,
        token: Token,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<Registration> {
        Registration::open(shared, subject, token, interest, mode, None)
    }

    /// Registers `subject` for one event, which goes to `found`.
    pub(super) fn beside(
        shared: &Arc<Shared>,
        subject: Subject,
        token: Token,
        interest: Interest,
        found: &Arc<Found>,
    ) -> io::Result<Registration> {
        Registration::open(shared, subject, token, interest, Mode::Oneshot, Some(Arc::clone(found)))
    }

    fn open(
        shared: &Arc<Shared>,
        subject: Subject,
        token: Token,
        interest: Interest,
        mode: Mode,
        beside: Option<Arc<Found>>,
    ) -> io::Result<Registration> {
        let (chunk, id) = shared.slots.take(&shared.port, || shared.reap())?;
        let registration = chunk.slot(id, &shared.port).open(subject, token, interest, mode, beside);
        if let Err(error) = registration {
            shared.slots.give_back(id);
            return Err(error);
        }
        Ok(Registration { shared: Arc::clone(shared), chunk, id })
    }

    /// Changes the registration. False if its socket was closed behind its back.
    pub(super) fn set(&self, token: Token, interest: Interest, mode: Mode) -> io::Result<bool> {
        self.slot().set(token, interest, mode)
    }

    /// False if its socket was closed behind its back.
    pub(super) fn is_live(&self) -> bool {
        self.slot().slot.is_live()
    }

    /// True if it is one with the selector of `shared`.
    pub(super) fn is_of(&self, shared: &Arc<Shared>) -> bool {
        Arc::ptr_eq(&self.shared, shared)
    }

    /// Nothing is left in `direction`: it may be reported again.
    pub(super) fn rearm(&self, direction: Interest) {
        if let Err(generation) = self.slot().rearm(direction) {
            // The poller tries again, and an event tells if it fails as well. If even this
            // cannot be posted, the next operation of the source arms it.
            let _ = self.shared.port.post(Packet::new(Key::Ask, self.id as usize, generation));
        }
    }

    /// What was reported for reading may have been taken away.
    pub(super) fn touch(&self) {
        self.rearm(Interest::READABLE);
    }

    fn slot(&self) -> SlotRef<'_> {
        self.chunk.slot(self.id, &self.shared.port)
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        if self.slot().close() {
            self.shared.slots.give_back(self.id);
        } else {
            self.shared.slots.closing.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Shared {
    pub(super) fn new(port: Port) -> Shared {
        Shared {
            port: Arc::new(port),
            flights: Flights::default(),
            inboxes: Inboxes::default(),
            attention: Attention::default(),
            put_back: PutBack::new(),
            slots: Slots::new(),
        }
    }

    /// Takes back the operation whose packet was taken from the port. What is to be asked for
    /// before the next wait goes to `listed`.
    pub(super) fn came_back(&self, packet: Packet, batch: &mut Batch<'_>, listed: &mut Vec<Listed>) {
        let (id, op) = match packet.key() {
            Key::Afd => slot::of_context(packet.context()),
            _ => (packet.context() as u32, 0),
        };
        let chunk = self.slots.chunk(id);
        let slot = chunk.slot(id, &self.port);
        let followed = match packet.key() {
            Key::Afd => slot.poll_ended(op, batch),
            Key::Signalled => slot.signalled(packet.bytes(), batch),
            _ => return slot.ask_listed(packet.bytes(), batch),
        };
        if followed.is_freed {
            self.slots.closing.fetch_sub(1, Ordering::Relaxed);
            self.slots.give_back(id);
        }
        if let Some(generation) = followed.listed {
            listed.push(Listed { id, generation });
        }
    }

    /// Asks for what a registration is missing.
    pub(super) fn ask(&self, listed: Listed, batch: &mut Batch<'_>) {
        self.slots.chunk(listed.id).slot(listed.id, &self.port).ask_listed(listed.generation, batch);
    }

    /// True if what `packet` tells is to be delivered only where there is room for an event. An
    /// operation that has ended keeps its slot, so the answer stays true until it is taken back.
    pub(super) fn needs_room(&self, packet: Packet) -> bool {
        match packet.key() {
            Key::Afd => self.slot_needs_room(slot::of_context(packet.context()).0),
            // If the slot is used anew meanwhile, the packet is of the past and reports nothing.
            Key::Ask => self.slot_needs_room(packet.context() as u32),
            Key::PutBack | Key::Wake => false,
            // What belongs to one queue keeps its order with those put back before.
            Key::Flight | Key::Own(_) | Key::Signalled => true,
        }
    }

    /// True if a failure to ask for it is to find room for an event.
    pub(super) fn needs_room_to_ask(&self, listed: Listed) -> bool {
        self.slot_needs_room(listed.id)
    }

    fn slot_needs_room(&self, id: u32) -> bool {
        self.slots.chunk(id).slot(id, &self.port).slot.needs_room()
    }

    /// Takes what is of ended registrations out of the port, in place of a poller that does not
    /// come: a program that registers and deregisters without a wait would use up slot after slot.
    ///
    /// It may run under the lock of a pipe: what has ended has no owner that would be told.
    fn reap(&self) {
        let mut packets = [Packet::EMPTY; REAPED_MAX];
        // An error comes again where it can be returned.
        let taken = self.port.take(&mut packets, Some(Duration::ZERO)).unwrap_or(0);
        let mut are_put_back = false;
        for packet in &packets[..taken] {
            if self.is_of_the_past(*packet) {
                self.end(*packet);
            } else {
                self.put_back.push(*packet);
                are_put_back = true;
            }
        }
        if are_put_back {
            // If this fails the next wait finds them.
            let _ = self.port.post(Packet::new(Key::PutBack, 0, 0));
        }
    }

    /// Looks for operations whose owners are gone, where there are many.
    pub(super) fn reap_flights(&self) {
        if self.flights.are_crowded() {
            self.reap();
        }
    }

    /// True if it is of something that has ended, and that reports nothing.
    fn is_of_the_past(&self, packet: Packet) -> bool {
        let slot_is = |id, is: &dyn Fn(&Slot) -> bool| is(self.slots.chunk(id).slot(id, &self.port).slot);
        match packet.key() {
            Key::Afd => slot_is(slot::of_context(packet.context()).0, &Slot::is_closing),
            Key::Signalled => slot_is(packet.context() as u32, &|slot| slot.has_ended(packet.bytes())),
            Key::Flight => self.flights.is_of_the_past(packet),
            _ => false,
        }
    }

    /// Takes back what is of the past.
    fn end(&self, packet: Packet) {
        match packet.key() {
            Key::Afd | Key::Signalled => {
                self.came_back(packet, &mut Batch::new(0, &mut []), &mut Vec::new());
            }
            Key::Flight => self.flights.land(packet),
            _ => {}
        }
    }
}

#[cfg(test)]
impl Shared {
    /// How many chunks there are, and how many slots are in use.
    pub(super) fn usage(&self) -> (usize, usize) {
        (self.slots.chunk_count(), self.slots.used())
    }

    /// How many polls were begun, and how many cancelled.
    pub(super) fn costs(&self) -> (usize, usize) {
        let chunks = self.slots.chunks();
        let sum = |count: fn(&Counts) -> &AtomicUsize| {
            chunks.iter().map(|chunk| count(&chunk.counts).load(Ordering::Relaxed)).sum()
        };
        (sum(|counts| &counts.polls), sum(|counts| &counts.cancels))
    }
}

impl Drop for Shared {
    /// Waits until the kernel has given back all memory. All polls were cancelled, for no
    /// registration is left, and all operations are cancelled here; so their packets are due at
    /// once.
    fn drop(&mut self) {
        self.flights.cancel_all();
        let deadline = Instant::now() + TEARDOWN_MAX;
        let mut packets = [Packet::EMPTY; REAPED_MAX];
        while let Some(packet) = self.put_back.pop() {
            self.end(packet);
        }
        while self.slots.are_in_use() || self.flights.are_in_use() {
            let left = deadline.saturating_duration_since(Instant::now());
            let taken = self.port.take(&mut packets, Some(left)).unwrap_or(0);
            if taken == 0 {
                self.slots.leak();
                return self.flights.leak();
            }
            packets[..taken].iter().for_each(|packet| self.end(*packet));
        }
    }
}

/// How long the end of a selector waits for the kernel to give memory back.
const TEARDOWN_MAX: Duration = Duration::from_secs(1);

/// How many packets are looked at in one go to have slots back.
const REAPED_MAX: usize = 64;
