//! The memory of all buffers of a pool, and who holds it.
//!
//! Held by the pool, by each buffer that a chunk refers to, and by each [`Lease`]. While the pool
//! lives none of them is counted atomically. When the pool ends it counts those that are left,
//! and the last of them frees the memory.
#![allow(unsafe_code, reason = "memory that the kernel writes, freed by its last holder")]

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::cell::Cell;
use std::io;
use std::iter;
use std::ptr::NonNull;
use std::sync::{OnceLock, Weak};

use crate::buffer::chunk::count::Count;
use crate::buffer::chunk::owner_only::OwnerOnly;
use crate::buffer::chunk::poison;
#[cfg(all(test, not(ferrio_loom)))]
pub(crate) use crate::buffer::chunk::poison::is_poisoned;
use crate::buffer::chunk::returns::{Given, Returns};
use crate::buffer::chunk::wake::Wake;
use crate::buffer::sync::{AtomicU32, Ordering};

/// The buffers begin at a page, as reads past the page cache demand.
const ALIGNMENT: usize = 4096;

/// One buffer.
pub(crate) struct Slot {
    pub(crate) count: Count,
    /// The next in the list of buffers that were given back, as [`Returns`] numbers them.
    link: AtomicU32,
    /// Where it begins.
    pub(crate) start: NonNull<u8>,
    /// Where it is.
    memory: NonNull<Memory>,
    /// Its number.
    index: u16,
}

/// All buffers.
///
/// # Invariant
///
/// It does not move and is only shared, never borrowed exclusively, until its last holder frees it.
pub(crate) struct Memory {
    start: NonNull<u8>,
    layout: Layout,
    /// Of one buffer.
    len: u32,
    slots: Box<[Slot]>,
    /// What other threads have given back.
    returns: Returns,
    owner: OwnerOnly<Owner>,
    /// Wakes the owner, while its pool lives.
    wake: OnceLock<Weak<dyn Wake>>,
}

// SAFETY: the pointers are to memory that is owned, and what is in it is reached through chunks,
// which share it among threads only to be read.
unsafe impl Send for Memory {}
// SAFETY: as above; the rest is `Sync`.
unsafe impl Sync for Memory {}

/// What the thread of the pool keeps of it.
struct Owner {
    /// A stack of what came back in this thread, each buffer at most once.
    returned: Box<[Cell<u16>]>,
    /// The height of the stack.
    height: Cell<u16>,
    /// How many buffers were in chunks at the last collection, or became so since.
    held: Cell<u16>,
    leases: Cell<u16>,
    /// True once the pool has ended.
    is_closed: Cell<bool>,
}

impl Memory {
    /// `count` buffers of `len` bytes each, for a pool in the calling thread.
    ///
    /// # Errors
    ///
    /// `OutOfMemory`.
    pub(crate) fn allocate(count: u16, len: u32) -> io::Result<NonNull<Memory>> {
        let lack = || io::Error::new(io::ErrorKind::OutOfMemory, "no memory for the buffers of a pool");
        let size = usize::from(count).checked_mul(len as usize).ok_or_else(lack)?;
        let layout = Layout::from_size_align(size, ALIGNMENT).map_err(|_| lack())?;
        assert!(size > 0, "a pool without memory");
        // SAFETY: the size is not zero.
        let start = NonNull::new(unsafe { alloc_zeroed(layout) }).ok_or_else(lack)?;
        // The slots know where they are before it is filled.
        let memory: NonNull<Memory> = NonNull::from(Box::leak(Box::<Memory>::new_uninit())).cast();
        let slots = (0..count).map(|index| {
            let offset = usize::from(index) * len as usize;
            // SAFETY: the buffer lies in the allocation.
            let start = unsafe { start.add(offset) };
            Slot { count: Count::new(), link: AtomicU32::new(0), start, memory, index }
        });
        let owner = OwnerOnly::new(Owner {
            returned: iter::repeat_n(Cell::new(0), count.into()).collect(),
            height: Cell::new(0),
            held: Cell::new(0),
            leases: Cell::new(0),
            is_closed: Cell::new(false),
        });
        let wake = OnceLock::new();
        let filled =
            Memory { start, layout, len, slots: slots.collect(), returns: Returns::new(), owner, wake };
        poison::poison(start, size);
        // SAFETY: the place was allocated above for this type, and nobody has seen it.
        unsafe { memory.write(filled) };
        Ok(memory)
    }

    /// The length of a buffer.
    pub(crate) fn len(&self) -> u32 {
        self.len
    }

    /// The number of buffers.
    pub(crate) fn count(&self) -> u16 {
        // As many as were asked for.
        self.slots.len() as u16
    }

    pub(crate) fn slot(&self, index: u16) -> &Slot {
        &self.slots[usize::from(index)]
    }

    /// How many buffers are not free.
    pub(crate) fn held(&self) -> u16 {
        self.owner().held.get()
    }

    /// Lends a free buffer to the kernel: where it begins.
    pub(crate) fn lend(&self, index: u16) -> NonNull<u8> {
        let slot = self.slot(index);
        slot.count.lend();
        slot.start
    }

    /// Lends a free buffer to this program.
    pub(crate) fn take(&self, index: u16) {
        let start = self.lend(index);
        poison::unpoison(start, self.len as usize);
    }

    /// The lent buffer is free again, with nothing in it.
    pub(crate) fn put_back(&self, index: u16) {
        let slot = self.slot(index);
        slot.count.begin();
        slot.count.free();
        poison::poison(slot.start, self.len as usize);
    }

    /// A lent buffer has `len` bytes at `offset`, and its first handle.
    #[inline]
    pub(crate) fn hold(&self, index: u16, offset: u32, len: u32) -> &Slot {
        let is_inside = offset.checked_add(len).is_some_and(|end| end <= self.len);
        assert!(is_inside, "{len} bytes from {offset} in a buffer of {}", self.len);
        let slot = self.slot(index);
        slot.count.begin();
        let owner = self.owner();
        owner.held.set(owner.held.get() + 1);
        // SAFETY: both lie in the buffer, as was just checked.
        poison::unpoison(unsafe { slot.start.add(offset as usize) }, len as usize);
        slot
    }

    /// Frees the buffers that came back and gives each to `f`, the latest first; their number.
    pub(crate) fn collect(&self, mut f: impl FnMut(u16)) -> usize {
        let owner = self.owner();
        let mut collected = 0;
        let mut free = |slot: &Slot| {
            slot.count.free();
            poison::poison(slot.start, self.len as usize);
            collected += 1;
            f(slot.index);
        };
        while let Some(top) = owner.height.get().checked_sub(1) {
            owner.height.set(top);
            free(self.slot(owner.returned[usize::from(top)].get()));
        }
        let mut next = self.returns.take();
        while next != 0 {
            // The number of a buffer plus one.
            let slot = &self.slots[next as usize - 1];
            // Read before the buffer is free.
            next = slot.link.load(Ordering::Relaxed);
            free(slot);
        }
        // No more than there are buffers.
        owner.held.set(owner.held.get() - collected as u16);
        collected
    }

    /// True if [`collect`](Memory::collect) has something to do.
    #[inline]
    pub(crate) fn has_returned(&self) -> bool {
        self.owner().height.get() > 0 || self.returns.has_any()
    }

    /// As [`Returns::set_starved`].
    pub(crate) fn set_starved(&self, is_starved: bool) {
        self.returns.set_starved(is_starved);
    }

    /// What a starved owner is woken by; once.
    pub(crate) fn set_wake(&self, wake: Weak<dyn Wake>) {
        assert!(self.wake.set(wake).is_ok(), "the owner of a pool is woken in one way");
    }

    fn owner(&self) -> &Owner {
        self.owner.get().expect("a pool stays in its thread")
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        poison::unpoison(self.start, self.layout.size());
        // SAFETY: allocated with this layout, and nobody holds it any more.
        unsafe { dealloc(self.start.as_ptr(), self.layout) };
    }
}

impl Owner {
    /// False if the pool has ended.
    #[inline]
    fn give(&self, index: u16) -> bool {
        if self.is_closed.get() {
            return false;
        }
        let height = self.height.get();
        self.returned[usize::from(height)].set(index);
        self.height.set(height + 1);
        true
    }
}

/// Gives a buffer back whose last handle is gone.
///
/// # Safety
///
/// `slot` had one handle, which the caller gives up.
#[inline]
pub(crate) unsafe fn give_back(slot: NonNull<Slot>) {
    // SAFETY: the caller's handle holds the memory, so the slot is there.
    let slot = unsafe { slot.as_ref() };
    // SAFETY: the same.
    let memory = unsafe { slot.memory.as_ref() };
    if memory.owner.get().is_some_and(|owner| owner.give(slot.index)) {
        return;
    }
    // Another thread may free the memory as soon as the buffer is in the list. Only the atomics
    // are borrowed by the call that puts it there.
    let whole = slot.memory;
    match memory.returns.give(slot.index, &slot.link, &memory.wake) {
        Given::Kept => {}
        Given::Wanted(wake) => wake.wake(),
        // SAFETY: no holder is left.
        Given::Last => unsafe { free(whole) },
    }
}

/// Ends the pool's hold on the memory, which lives on while others hold it.
///
/// # Safety
///
/// Called once, by the pool, which does not use the memory afterwards.
pub(crate) unsafe fn close(memory: NonNull<Memory>) {
    // SAFETY: the pool holds the memory.
    let shared = unsafe { memory.as_ref() };
    loop {
        shared.collect(|_| {});
        let owner = shared.owner();
        owner.is_closed.set(true);
        let holders = u32::from(owner.held.get()) + u32::from(owner.leases.get());
        if holders == 0 {
            // SAFETY: no holder is left.
            return unsafe { free(memory) };
        }
        if shared.returns.close(holders) {
            return;
        }
    }
}

/// Holds the memory of a pool, also when the pool has ended: the kernel may write to it.
#[derive(Debug)]
pub(crate) struct Lease {
    memory: NonNull<Memory>,
}

impl Lease {
    /// # Safety
    ///
    /// `memory` is of a pool that has not ended.
    pub(crate) unsafe fn new(memory: NonNull<Memory>) -> Lease {
        // SAFETY: the pool holds it.
        let owner = unsafe { memory.as_ref() }.owner();
        owner.leases.set(owner.leases.get() + 1);
        Lease { memory }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // SAFETY: a lease holds the memory.
        let memory = unsafe { self.memory.as_ref() };
        let owner = memory.owner();
        if !owner.is_closed.get() {
            owner.leases.set(owner.leases.get() - 1);
        } else if memory.returns.leave() {
            // SAFETY: no holder is left.
            unsafe { free(self.memory) };
        }
    }
}

/// Frees the memory.
///
/// # Safety
///
/// Nobody holds it any more.
unsafe fn free(memory: NonNull<Memory>) {
    // SAFETY: it was leaked from a box, and is not used again.
    drop(unsafe { Box::from_raw(memory.as_ptr()) });
}
