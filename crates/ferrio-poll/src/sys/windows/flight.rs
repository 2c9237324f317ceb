//! Operations that own their memory until they have landed.
//!
//! The kernel uses the memory of a read or a write until a packet says that it has ended,
//! however long ago its owner went away or cancelled it. So that memory stands in a table of
//! the selector, from before the call that starts the operation until its packet was taken from
//! the port. The packet has the number of the place in the table and no address: whatever the
//! port gives, no pointer of it is followed. The number is odd: operations that others start on such
//! a file have the address of an `OVERLAPPED` in its place, which is even, and their packets are
//! dropped.
#![allow(unsafe_code, reason = "the promise that memory stays where it is until its packet was taken")]

#[cfg(test)]
mod tests;

use std::fmt;
use std::io;
use std::mem;
use std::os::windows::io::OwnedHandle;
use std::sync::{Arc, Weak};

use windows_sys::Win32::Foundation::STATUS_BUFFER_OVERFLOW;

use crate::sync::{Mutex, lock};
use crate::sys::windows::operation::is_error;
pub(crate) use crate::sys::windows::operation::{Memory, Operation};
use crate::sys::windows::port::Packet;
use crate::sys::windows::status;

/// The operations of one selector that are under way.
#[derive(Debug, Default)]
pub(super) struct Flights {
    table: Mutex<Table>,
}

/// The places of the operations.
#[derive(Debug, Default)]
struct Table {
    places: Vec<Option<Flight>>,
    free: Vec<u32>,
    /// How many were ever started.
    count: u64,
}

/// An operation that is under way.
#[derive(Debug)]
struct Flight {
    /// Tells it from others that had its place.
    number: u64,
    operation: Operation,
    memory: Memory,
    /// Open as long as the operation is under way.
    file: Arc<OwnedHandle>,
    /// What is told of the end, if it still exists. The reference is weak, for the owner holds the selector.
    owner: Weak<dyn Owner>,
}

/// Something that starts operations and is told how they ended.
pub(crate) trait Owner: fmt::Debug + Send + Sync {
    /// An operation has ended. No lock of the selector is held.
    fn landed(self: Arc<Self>, landing: Landing);
}

/// The name of an operation, which no other of its selector ever has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FlightId {
    place: u32,
    number: u64,
}

/// How an operation ended.
#[derive(Debug)]
pub(crate) struct Landing {
    pub(crate) id: FlightId,
    pub(crate) operation: Operation,
    /// The memory, back from the kernel.
    pub(crate) memory: Memory,
    /// How many bytes were read or written.
    pub(crate) result: io::Result<usize>,
    /// True if the message that was read goes on.
    pub(crate) is_cut: bool,
}

impl Flights {
    /// Starts `operation` on `file`, whose packets come to the port of this selector.
    ///
    /// # Errors
    ///
    /// If it was not started; `owner` hears no more of it, and has `memory` back.
    pub(super) fn start(
        &self,
        operation: Operation,
        file: &Arc<OwnedHandle>,
        owner: Weak<dyn Owner>,
        mut memory: Memory,
    ) -> Result<FlightId, (io::Error, Memory)> {
        let lent = memory.lend(operation);
        let id = lock(&self.table).insert(operation, memory, file, owner);
        // SAFETY: the memory stands in the table until the packet was taken, and whoever takes it
        // out before has seen that the operation was not started.
        let status = unsafe { operation.begin(file, &lent, context(id.place)) };
        if is_error(status) {
            // It has no packet. Nobody else takes it: its id is not known yet.
            if let Some(flight) = self.remove(id.place) {
                return Err((status::error(status), flight.memory));
            }
        }
        Ok(id)
    }

    /// Has operation `id` end early, unless it has ended. Its packet comes all the same.
    pub(super) fn cancel(&self, id: FlightId) {
        let table = lock(&self.table);
        if let Some(flight) = table.get(id) {
            flight.memory.cancel(&flight.file);
        }
    }

    /// Has all operations end early.
    pub(super) fn cancel_all(&self) {
        for flight in lock(&self.table).places.iter().flatten() {
            flight.memory.cancel(&flight.file);
        }
    }

    /// Takes back the operation whose packet was taken from the port, and tells its owner.
    pub(super) fn land(&self, packet: Packet) {
        let Some(place) = place_of(packet) else { return };
        // The place is free before the owner is told, who may start the next.
        let Some(Flight { number, operation, memory, owner, .. }) = self.remove(place) else { return };
        let Some(owner) = owner.upgrade() else { return };
        let status = packet.status();
        let bytes = packet.bytes() as usize;
        owner.landed(Landing {
            id: FlightId { place, number },
            operation,
            memory,
            result: if is_error(status) { Err(status::error(status)) } else { Ok(bytes) },
            is_cut: status == STATUS_BUFFER_OVERFLOW,
        });
    }

    /// True if the packet is of an operation whose owner is gone: then nobody is told.
    pub(super) fn is_of_the_past(&self, packet: Packet) -> bool {
        let table = lock(&self.table);
        let flight = place_of(packet).and_then(|place| table.places.get(place as usize)?.as_ref());
        flight.is_some_and(|flight| flight.owner.strong_count() == 0)
    }

    /// True if the next operation needs another place, and there are many.
    pub(super) fn are_crowded(&self) -> bool {
        let table = lock(&self.table);
        table.free.is_empty() && table.places.len() >= PLACES_BEFORE_REAP
    }

    /// True while operations are under way.
    pub(super) fn are_in_use(&self) -> bool {
        let table = lock(&self.table);
        table.free.len() != table.places.len()
    }

    /// How many places the table has, and how many of them are free.
    #[cfg(test)]
    pub(super) fn places(&self) -> (usize, usize) {
        let table = lock(&self.table);
        (table.places.len(), table.free.len())
    }

    /// Gives up memory that may still be the kernel's.
    pub(super) fn leak(&self) {
        let table = mem::take(&mut *lock(&self.table));
        #[cfg(test)]
        LEAKED.set(LEAKED.get() + table.places.iter().flatten().count());
        mem::forget(table);
    }

    fn remove(&self, place: u32) -> Option<Flight> {
        lock(&self.table).remove(place)
    }
}

impl Table {
    /// Takes a free place, or makes one.
    fn insert(
        &mut self,
        operation: Operation,
        memory: Memory,
        file: &Arc<OwnedHandle>,
        owner: Weak<dyn Owner>,
    ) -> FlightId {
        self.count += 1;
        let number = self.count;
        let flight = Flight { number, operation, memory, file: Arc::clone(file), owner };
        let place = self.free.pop().unwrap_or_else(|| {
            self.places.push(None);
            self.places.len() as u32 - 1
        });
        self.places[place as usize] = Some(flight);
        FlightId { place, number }
    }

    fn get(&self, id: FlightId) -> Option<&Flight> {
        self.places[id.place as usize].as_ref().filter(|flight| flight.number == id.number)
    }

    fn remove(&mut self, place: u32) -> Option<Flight> {
        let flight = self.places.get_mut(place as usize)?.take();
        if flight.is_some() {
            self.free.push(place);
        }
        flight
    }
}

/// The context of the operation at `place`: odd, so that it is neither 0, which would mean no
/// packet, nor the address of anything that is aligned.
fn context(place: u32) -> usize {
    place as usize * 2 + 1
}

/// The place that a packet stands for; `None` for a packet of an operation that others have started
/// on the file.
fn place_of(packet: Packet) -> Option<u32> {
    let context = packet.context();
    if context % 2 == 0 { None } else { u32::try_from(context / 2).ok() }
}

/// How many operations selectors have leaked that ended in this thread.
#[cfg(test)]
pub(crate) fn leaked() -> usize {
    LEAKED.get()
}

#[cfg(test)]
std::thread_local! {
    static LEAKED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// As many places are made without a look for some that could be had back.
const PLACES_BEFORE_REAP: usize = 128;
