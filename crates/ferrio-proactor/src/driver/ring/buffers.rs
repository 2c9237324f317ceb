//! A ring of buffers of which the kernel takes one for each receive.
//!
//! The ring is memory of the process that the kernel reads: entries that name buffers, and how
//! many were ever written, in a hole of the first entry.
#![allow(unsafe_code, reason = "memory that is shared with the kernel")]

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::io;
use std::ptr::NonNull;
use std::rc::Rc;
use std::slice;
use std::sync::atomic::{AtomicU16, AtomicU32, AtomicU64, Ordering};

use crate::buffer::chunk::memory::Lease;
use crate::buffer::pool::Pool;
use crate::driver::ring::queue::Queue;

/// The largest page of the processors that have rings: the kernel wants the ring to begin at a
/// page.
const ALIGNMENT: usize = 65536;

/// `struct io_uring_buf` of `linux/io_uring.h`. Atomics, for the kernel reads them at any time.
#[repr(C)]
struct Entry {
    address: AtomicU64,
    len: AtomicU32,
    index: AtomicU16,
    /// In the first entry: how many entries were ever written, by which the kernel knows them.
    tail: AtomicU16,
}

/// The entries, and the buffers that they name.
///
/// The queue keeps it until its ring is closed, so the kernel never reads entries that are freed.
struct Entries {
    start: NonNull<Entry>,
    layout: Layout,
    count: u16,
    /// The kernel may write to the buffers when the pool has ended.
    _buffers: Lease,
}

impl Entries {
    /// `count` of them, a power of two.
    fn allocate(count: u16, buffers: Lease) -> Entries {
        let layout = Layout::array::<Entry>(count.into()).and_then(|layout| layout.align_to(ALIGNMENT));
        let layout = layout.expect("at most half a megabyte");
        // SAFETY: the size is not zero.
        let start = NonNull::new(unsafe { alloc_zeroed(layout) });
        let start = start.unwrap_or_else(|| handle_alloc_error(layout)).cast();
        Entries { start, layout, count, _buffers: buffers }
    }

    fn all(&self) -> &[Entry] {
        // SAFETY: so many zeroed entries were allocated, which are valid, and the kernel only
        // reads them.
        unsafe { slice::from_raw_parts(self.start.as_ptr(), self.count.into()) }
    }
}

impl Drop for Entries {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout; neither the ring nor the kernel has it any more.
        unsafe { dealloc(self.start.as_ptr().cast(), self.layout) };
    }
}

/// The free buffers of a pool, lent to the kernel.
pub(crate) struct BufferRing {
    entries: Rc<Entries>,
    /// How many entries were ever written; wraps.
    tail: u16,
}

impl BufferRing {
    /// Lends all free buffers of `pool` to the kernel, for the receives of `queue` that name
    /// `group`. Those that are free later are [published](BufferRing::publish).
    ///
    /// The ring and the memory of the pool stay where they are until the queue is dropped.
    ///
    /// # Errors
    ///
    /// `InvalidInput` if the kernel has no such rings: it is from before Linux 5.19.
    /// `AlreadyExists` if the group has one.
    pub(crate) fn register(queue: &Queue, pool: &Pool, group: u16) -> io::Result<BufferRing> {
        // At most 32768, as a pool has at most as many buffers.
        let count = pool.count().next_power_of_two();
        let entries = Rc::new(Entries::allocate(count, pool.lease()));
        let address = entries.start.as_ptr() as u64;
        let submitter = queue.ring().submitter();
        // SAFETY: so many entries are there, and from the next line on the queue keeps them until
        // the ring is closed.
        unsafe { submitter.register_buf_ring_with_flags(address, count, group, 0) }?;
        queue.keep(entries.clone());
        pool.begin_lending();
        let mut ring = BufferRing { entries, tail: 0 };
        ring.publish(pool, (0..pool.count()).filter(|index| pool.is_free(*index)));
        Ok(ring)
    }

    /// Lends free buffers to the kernel, which uses them in this order after those that it has.
    ///
    /// # Panics
    ///
    /// If a buffer is not free.
    pub(crate) fn publish(&mut self, pool: &Pool, indices: impl IntoIterator<Item = u16>) {
        let entries = self.entries.all();
        let mask = self.entries.count - 1;
        for index in indices {
            // Each buffer is lent once, so there is room.
            let address = pool.lend(index);
            let entry = &entries[usize::from(self.tail & mask)];
            entry.address.store(address as u64, Ordering::Relaxed);
            entry.len.store(pool.len(), Ordering::Relaxed);
            entry.index.store(index, Ordering::Relaxed);
            self.tail = self.tail.wrapping_add(1);
        }
        // The kernel reads the entries after it has seen that they are there.
        entries[0].tail.store(self.tail, Ordering::Release);
    }
}

#[cfg(test)]
mod tests;
