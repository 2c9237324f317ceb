//! The descriptors of a proactor.
//!
//! They belong to it, so that the number of one stays taken until the last operation on it is
//! done: an operation that the kernel has not looked at yet cannot hit another file.

use std::mem;

use crate::core::slab::NO_SLOT;
use crate::id::Handle;
use crate::op::perform::Lane;
use crate::sys::{self, Borrowed, Domain, Owned};

/// A descriptor, or a free place.
#[derive(Debug)]
pub(crate) struct Entry {
    fd: Option<Owned>,
    generation: u32,
    /// How many operations are on it; for a free place the next one that is free.
    pub(crate) operations: u32,
    /// It is closed as soon as no operation is on it.
    pub(crate) is_closing: bool,
    /// Its status flags were set as the readiness driver needs them.
    pub(crate) is_prepared: bool,
    /// The domain of the socket, once somebody has asked.
    domain: Option<Domain>,
    /// Whether it has boundaries and no end, once somebody has asked.
    is_datagrams: Option<bool>,
    pub(crate) reads: Queue,
    pub(crate) writes: Queue,
}

/// The operations on a descriptor that go one after the other, linked by their slots: the first
/// is under way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Queue {
    pub(crate) first: u32,
    pub(crate) last: u32,
}

impl Queue {
    const EMPTY: Queue = Queue { first: NO_SLOT, last: NO_SLOT };

    pub(crate) fn is_empty(self) -> bool {
        self.first == NO_SLOT
    }
}

impl Entry {
    pub(crate) fn queue(&mut self, lane: Lane) -> &mut Queue {
        match lane {
            Lane::Read => &mut self.reads,
            Lane::Write => &mut self.writes,
        }
    }

    /// The domain of the socket: asks the kernel once.
    #[allow(dead_code, reason = "only a ring asks")]
    pub(crate) fn domain(&mut self) -> Domain {
        let domain = self.domain.unwrap_or_else(|| sys::domain(self.fd()));
        self.domain = Some(domain);
        domain
    }

    /// Whether an empty message is a datagram and not the end of a connection: asks the kernel
    /// once, and not of TCP.
    pub(crate) fn is_datagrams(&mut self) -> bool {
        let ask = || self.domain != Some(Domain::Tcp) && sys::is_datagrams(self.fd());
        let is_datagrams = self.is_datagrams.unwrap_or_else(ask);
        self.is_datagrams = Some(is_datagrams);
        is_datagrams
    }

    /// Whether what is sent has no boundaries: asks the kernel.
    pub(crate) fn is_stream(&self) -> bool {
        sys::is_stream(self.fd())
    }

    pub(crate) fn fd(&self) -> Borrowed<'_> {
        sys::borrow(self.fd.as_ref().expect("a place in use has a descriptor"))
    }
}

/// All of them.
#[derive(Debug)]
pub(crate) struct Table {
    entries: Vec<Entry>,
    free: u32,
    len: usize,
}

impl Table {
    pub(crate) fn new() -> Table {
        Table { entries: Vec::new(), free: NO_SLOT, len: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn insert(&mut self, fd: Owned) -> Handle {
        self.len += 1;
        let slot = self.free;
        if let Some(entry) = self.entries.get_mut(slot as usize) {
            self.free = entry.operations;
            *entry = Entry { fd: Some(fd), ..Entry::of_generation(entry.generation) };
            return Handle { slot, generation: entry.generation };
        }
        let slot = self.entries.len() as u32;
        self.entries.push(Entry { fd: Some(fd), ..Entry::of_generation(0) });
        Handle { slot, generation: 0 }
    }

    /// Takes a descriptor out, on which no operation is.
    pub(crate) fn remove(&mut self, slot: u32) -> Owned {
        let free = self.free;
        let entry = self.at_mut(slot);
        debug_assert_eq!(entry.operations, 0, "a descriptor goes after its operations");
        let fd = entry.fd.take().expect("a place in use has a descriptor");
        entry.generation = entry.generation.wrapping_add(1);
        entry.operations = free;
        self.free = slot;
        self.len -= 1;
        fd
    }

    /// The place of a descriptor that is neither gone nor about to be closed.
    pub(crate) fn get(&self, handle: Handle) -> Option<&Entry> {
        let entry = self.entries.get(handle.slot as usize)?;
        let is_usable = entry.generation == handle.generation && entry.fd.is_some() && !entry.is_closing;
        is_usable.then_some(entry)
    }

    /// Closes the descriptors, but for those that operations are on.
    pub(crate) fn leak_busy(self) {
        for entry in self.entries {
            if entry.operations > 0 {
                mem::forget(entry.fd);
            }
        }
    }

    /// The handle of a descriptor, also of one that is about to be closed.
    pub(crate) fn handle(&self, slot: u32) -> Handle {
        Handle { slot, generation: self.at(slot).generation }
    }

    pub(crate) fn at(&self, slot: u32) -> &Entry {
        &self.entries[slot as usize]
    }

    pub(crate) fn at_mut(&mut self, slot: u32) -> &mut Entry {
        &mut self.entries[slot as usize]
    }

    /// The handles of all descriptors that are not about to be closed.
    pub(crate) fn handles(&self) -> impl Iterator<Item = Handle> {
        let entries = (0..).zip(&self.entries);
        let used = entries.filter(|(_, entry)| entry.fd.is_some() && !entry.is_closing);
        used.map(|(slot, entry)| Handle { slot, generation: entry.generation })
    }
}

impl Entry {
    fn of_generation(generation: u32) -> Entry {
        Entry {
            fd: None,
            generation,
            operations: 0,
            is_closing: false,
            is_prepared: false,
            domain: None,
            is_datagrams: None,
            reads: Queue::EMPTY,
            writes: Queue::EMPTY,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use super::{Entry, Table};
    use crate::sys::Owned;

    fn any() -> Owned {
        UdpSocket::bind("127.0.0.1:0").unwrap().into()
    }

    #[test]
    fn a_handle_goes_stale_with_its_descriptor() {
        let mut table = Table::new();
        let first = table.insert(any());
        let other = table.insert(any());
        drop(table.remove(first.slot));
        assert!(table.get(first).is_none() && table.get(other).is_some());
        let second = table.insert(any());
        assert_eq!(second.slot, first.slot);
        assert!(table.get(first).is_none() && table.get(second).is_some());
        assert_eq!(table.handles().collect::<Vec<_>>(), [second, other]);
        assert_eq!(table.len(), 2);
    }

    #[test]
    fn a_descriptor_that_is_about_to_be_closed_takes_no_more_operations() {
        let mut table = Table::new();
        let handle = table.insert(any());
        table.at_mut(handle.slot).is_closing = true;
        assert!(table.get(handle).is_none());
        assert_eq!(table.handles().count(), 0);
    }

    #[test]
    fn what_stands_beside_a_descriptor_takes_no_more_than_32_bytes() {
        let others = size_of::<Entry>() - size_of::<Option<Owned>>();
        assert!(others <= 32, "{others}");
    }
}
