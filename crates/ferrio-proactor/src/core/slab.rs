//! The operations under way, at addresses that stay.
//!
//! The kernel holds addresses of operations, so a slot never moves: slots lie in chunks that
//! are allocated once. A slot is used again under another generation, by which a late
//! completion is known.

use std::mem;

use ferrio_poll::Token;

use crate::id::OpId;
use crate::op::erased::Erased;
use crate::op::perform::{Lane, Shape};

/// How many slots are allocated at once.
const CHUNK: usize = 64;

/// No slot: the end of a list. No operation has this number, so what the driver submits for
/// itself can be marked by it.
pub(crate) const NO_SLOT: u32 = u32::MAX;

/// An operation under way, or a free slot.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) token: Token,
    generation: u32,
    /// The next in the queue of its descriptor, or the next free slot.
    pub(crate) next: u32,
    /// The place of its first descriptor in the table.
    pub(crate) entry: u32,
    /// The place of its second descriptor, if it has one.
    pub(crate) other: u32,
    pub(crate) shape: Shape,
    pub(crate) lane: Option<Lane>,
    pub(crate) stage: Stage,
    /// Its user, or the close of its descriptor, wants it to end.
    pub(crate) is_cancelled: bool,
    /// Its descriptor was called ready, and nothing came of that yet.
    pub(crate) is_woken: bool,
    /// An event said of its descriptor that there is no more than what is there.
    pub(crate) is_read_closed: bool,
    /// Its descriptors were set for it as the driver needs them, to block or not to.
    pub(crate) is_prepared: bool,
    operation: Option<Erased>,
}

/// How far an operation has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Stage {
    /// It waits for those before it on its descriptor.
    Queued,
    /// The driver has it.
    Started,
    /// So many bytes of it are done.
    Partial(u32),
    /// What the driver hears of it is a hint only: it looks whether it is done.
    Begun,
    /// It is a job for a thread, and is taken back as long as none has begun it.
    Away,
    /// It waits for a free buffer: it is in no kernel.
    Starved,
    /// The driver has cancelled it, to start it again.
    #[allow(dead_code, reason = "only a ring is given it anew")]
    Renewed,
    /// Its result is here, but the kernel still reads its buffer.
    #[allow(dead_code, reason = "only a ring notifies")]
    Notified(i32),
}

/// All of them.
#[derive(Debug)]
pub(crate) struct Slab {
    chunks: Vec<Box<[Slot; CHUNK]>>,
    free: u32,
    len: u32,
    /// The most operations that were under way at once.
    high_water: u32,
}

impl Slab {
    pub(crate) fn new() -> Slab {
        Slab { chunks: Vec::new(), free: NO_SLOT, len: 0, high_water: 0 }
    }

    pub(crate) fn len(&self) -> u32 {
        self.len
    }

    pub(crate) fn high_water(&self) -> u32 {
        self.high_water
    }

    /// Puts `operation` into a slot, where it stays.
    pub(crate) fn insert(
        &mut self,
        token: Token,
        [entry, other]: [u32; 2],
        shape: Shape,
        lane: Option<Lane>,
        operation: Erased,
    ) -> OpId {
        if self.free == NO_SLOT {
            self.grow();
        }
        let index = self.free;
        let slot = self.at_mut(index);
        let next = mem::replace(&mut slot.next, NO_SLOT);
        slot.token = token;
        slot.entry = entry;
        slot.other = other;
        slot.shape = shape;
        slot.lane = lane;
        slot.stage = Stage::Queued;
        slot.is_cancelled = false;
        slot.is_woken = false;
        slot.is_read_closed = false;
        slot.is_prepared = false;
        slot.operation = Some(operation);
        let generation = slot.generation;
        self.free = next;
        self.len += 1;
        self.high_water = self.high_water.max(self.len);
        OpId { slot: index, generation }
    }

    fn grow(&mut self) {
        let first = (self.chunks.len() * CHUNK) as u32;
        let last = first + CHUNK as u32 - 1;
        let next = |index| if index == last { NO_SLOT } else { index + 1 };
        let chunk: Box<[Slot]> = (first..=last).map(|index| Slot::free(next(index))).collect();
        // Of a known length, so that a look-up need not check it.
        self.chunks.push(chunk.try_into().expect("as many as a chunk has"));
        self.free = first;
    }

    /// Frees a slot and gives what was in it.
    pub(crate) fn remove(&mut self, index: u32) -> Option<Erased> {
        let free = self.free;
        let slot = self.at_mut(index);
        debug_assert!(slot.operation.is_some(), "slot {index} is free already");
        let operation = slot.operation.take();
        slot.generation = slot.generation.wrapping_add(1);
        slot.next = free;
        self.free = index;
        self.len -= 1;
        operation
    }

    /// The slot of an operation that is under way.
    pub(crate) fn get(&self, id: OpId) -> Option<&Slot> {
        let slot = &self.chunks.get(id.slot as usize / CHUNK)?[id.slot as usize % CHUNK];
        (slot.generation == id.generation && slot.operation.is_some()).then_some(slot)
    }

    pub(crate) fn is_current(&self, id: OpId) -> bool {
        self.get(id).is_some()
    }

    pub(crate) fn is_in_use(&self, index: u32) -> bool {
        self.at(index).operation.is_some()
    }

    pub(crate) fn at(&self, index: u32) -> &Slot {
        &self.chunks[index as usize / CHUNK][index as usize % CHUNK]
    }

    pub(crate) fn at_mut(&mut self, index: u32) -> &mut Slot {
        &mut self.chunks[index as usize / CHUNK][index as usize % CHUNK]
    }

    pub(crate) fn id(&self, index: u32) -> OpId {
        self.at(index).id(index)
    }

    /// The slots of all operations under way, by their numbers.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Slot)> {
        let slots = self.chunks.iter().flat_map(|chunk| chunk.iter());
        (0..).zip(slots).filter(|(_, slot)| slot.operation.is_some())
    }
}

impl Slot {
    fn free(next: u32) -> Slot {
        Slot {
            token: Token(0),
            generation: 0,
            next,
            entry: NO_SLOT,
            other: NO_SLOT,
            shape: Shape::One,
            lane: None,
            stage: Stage::Queued,
            is_cancelled: false,
            is_woken: false,
            is_read_closed: false,
            is_prepared: false,
            operation: None,
        }
    }

    /// The id of the operation in it, which is the slot `index`.
    pub(crate) fn id(&self, index: u32) -> OpId {
        OpId { slot: index, generation: self.generation }
    }

    /// The operation, which the slot of an operation under way has.
    pub(crate) fn operation(&mut self) -> &mut Erased {
        self.operation.as_mut().expect("the slot of an operation under way")
    }
}

#[cfg(test)]
mod tests {
    use ferrio_poll::Token;

    use super::{CHUNK, Slab};
    use crate::id::Handle;
    use crate::op::RecvMany;
    use crate::op::erased::Erased;
    use crate::op::perform::Shape;

    fn insert(slab: &mut Slab, number: usize) -> crate::id::OpId {
        let handle = Handle { slot: number as u32, generation: 0 };
        slab.insert(
            Token(number),
            [0, super::NO_SLOT],
            Shape::RecvMany,
            None,
            Erased::new(RecvMany { handle }),
        )
    }

    #[test]
    fn a_slot_stays_where_it_is_while_others_are_added() {
        let mut slab = Slab::new();
        let first = insert(&mut slab, 0);
        let address = std::ptr::from_ref(slab.at(first.slot));
        let others: Vec<_> = (1..10 * CHUNK).map(|number| insert(&mut slab, number)).collect();
        assert_eq!(std::ptr::from_ref(slab.at(first.slot)), address);
        assert_eq!(others.iter().filter(|id| slab.is_current(**id)).count(), 10 * CHUNK - 1);
        assert_eq!((slab.len(), slab.high_water()), (10 * CHUNK as u32, 10 * CHUNK as u32));
    }

    #[test]
    fn a_slot_that_is_used_again_has_another_generation() {
        let mut slab = Slab::new();
        let first = insert(&mut slab, 0);
        assert!(slab.remove(first.slot).is_some());
        assert!(!slab.is_current(first));
        let second = insert(&mut slab, 1);
        assert_eq!(second.slot, first.slot);
        assert!(slab.is_current(second) && !slab.is_current(first));
        assert_eq!(slab.get(second).map(|slot| slot.token), Some(Token(1)));
    }

    #[test]
    fn no_more_than_96_bytes_a_slot() {
        assert!(size_of::<super::Slot>() <= 96, "{}", size_of::<super::Slot>());
    }
}
