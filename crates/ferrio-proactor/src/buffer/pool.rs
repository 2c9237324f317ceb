//! The buffers that receivers share.
#![allow(unsafe_code, reason = "the memory lives longer than the pool")]

use std::cell::Cell;
use std::io;
use std::ptr::NonNull;
use std::sync::Arc;

use ferrio_poll::park::Nudge;

use crate::buffer::chunk::Chunk;
use crate::buffer::chunk::memory::{Lease, Memory, close};
use crate::buffer::chunk::wake::Wake;

/// The most buffers of a pool: as many as a ring of buffers has.
const BUFFERS_MAX: u16 = 1 << 15;

/// Buffers of equal length in one piece of memory.
///
/// A free buffer is lent, either to the kernel by a ring of buffers or to a receiving system
/// call. When something is in it, it becomes a [`Chunk`]; when the last handle of that is
/// dropped, it comes back, and [`collect`](Pool::collect) makes it free.
pub(crate) struct Pool {
    memory: NonNull<Memory>,
    /// Free buffers, the one used last on top; not kept once the kernel has the buffers.
    free: Vec<u16>,
    /// True once the kernel has the buffers.
    is_lent: Cell<bool>,
    /// The fewest buffers that were free.
    low_water: u16,
    /// Wakes this thread.
    wake: Option<Arc<dyn Wake>>,
}

impl Pool {
    /// `buffers` buffers of `len` bytes each, for the calling thread.
    ///
    /// # Errors
    ///
    /// `InvalidInput` for none or more than 32768 buffers, or for empty ones; `OutOfMemory`.
    pub(crate) fn new(buffers: u16, len: u32) -> io::Result<Pool> {
        if buffers == 0 || buffers > BUFFERS_MAX || len == 0 {
            let text = format!(
                "a pool of {buffers} buffers of {len} bytes: ask for 1 to {BUFFERS_MAX} buffers that are not empty"
            );
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        let memory = Memory::allocate(buffers, len)?;
        let free = (0..buffers).rev().collect();
        Ok(Pool { memory, free, is_lent: Cell::new(false), low_water: buffers, wake: None })
    }

    /// Has a chunk that is dropped in another thread nudge the owner while a receiver is
    /// [starved](Pool::set_starved). Called once at most.
    pub(crate) fn on_return(&mut self, nudge: Nudge) {
        self.wake_by(Arc::new(nudge));
    }

    /// The same by any other means.
    fn wake_by(&mut self, wake: Arc<dyn Wake>) {
        self.memory().set_wake(Arc::downgrade(&wake));
        self.wake = Some(wake);
    }

    /// Lends a free buffer, the one that came back last; `None` if there is none, or the kernel
    /// has them.
    pub(crate) fn take(&mut self) -> Option<u16> {
        if self.is_lent.get() {
            return None;
        }
        let index = self.free.pop()?;
        self.memory().take(index);
        Some(index)
    }

    /// Puts a buffer back that was [taken](Pool::take) and has nothing in it.
    pub(crate) fn put_back(&mut self, index: u16) {
        assert!(!self.is_lent.get(), "a buffer of the kernel is put back");
        self.memory().put_back(index);
        self.free.push(index);
    }

    /// The lent buffer `index` now holds `len` bytes that start at `offset`: the only handle to it.
    ///
    /// # Panics
    ///
    /// If the buffer is not lent, or the bytes do not lie in it.
    ///
    /// # Safety
    ///
    /// The bytes were written, and neither the kernel nor anybody else writes to the buffer until
    /// it is lent again.
    #[inline]
    pub(crate) unsafe fn chunk(&mut self, index: u16, offset: u32, len: u32) -> Chunk {
        let slot = NonNull::from(self.memory().hold(index, offset, len));
        self.low_water = self.low_water.min(self.free());
        // SAFETY: `hold` has made the handle and checked the bounds; the caller answers for the
        // bytes.
        unsafe { Chunk::new(slot, offset, len) }
    }

    /// Frees the buffers that came back since the last call and gives each to `f`, the latest
    /// first; their number.
    pub(crate) fn collect(&mut self, mut f: impl FnMut(u16)) -> usize {
        let before = self.free.len();
        // SAFETY: the pool holds the memory until it is dropped. A borrow of `self` would include
        // the list that grows below.
        let memory = unsafe { self.memory.as_ref() };
        let is_lent = self.is_lent.get();
        let count = memory.collect(|index| {
            if !is_lent {
                self.free.push(index);
            }
            f(index);
        });
        // The latest on top.
        self.free[before..].reverse();
        count
    }

    /// True if [`collect`](Pool::collect) has something to do.
    #[inline]
    pub(crate) fn has_returned(&self) -> bool {
        self.memory().has_returned()
    }

    /// While set, a chunk that is dropped in another thread wakes the owner, which
    /// [`on_return`](Pool::on_return) has said how to. One that was dropped before is seen by
    /// [`has_returned`](Pool::has_returned) afterwards.
    pub(crate) fn set_starved(&self, is_starved: bool) {
        self.memory().set_starved(is_starved);
    }

    /// The length of a buffer.
    #[inline]
    pub(crate) fn len(&self) -> u32 {
        self.memory().len()
    }

    /// The number of buffers.
    #[inline]
    pub(crate) fn count(&self) -> u16 {
        self.memory().count()
    }

    /// Where the buffer `index` begins.
    pub(crate) fn address(&self, index: u16) -> *mut u8 {
        self.memory().slot(index).start.as_ptr()
    }

    /// How many buffers are in no chunk, as of the last [`collect`](Pool::collect).
    #[inline]
    pub(crate) fn free(&self) -> u16 {
        self.count() - self.memory().held()
    }

    /// The fewest that were [free](Pool::free) at any time.
    pub(crate) fn low_water(&self) -> u16 {
        self.low_water
    }

    /// Holds the memory for as long as the kernel has buffers.
    pub(crate) fn lease(&self) -> Lease {
        // SAFETY: the pool has not ended.
        unsafe { Lease::new(self.memory) }
    }

    /// From now on each free buffer is [lent](Pool::lend) to the kernel, and none is
    /// [taken](Pool::take).
    #[allow(dead_code, reason = "only a ring has buffers lent to it")]
    pub(crate) fn begin_lending(&self) {
        self.is_lent.set(true);
    }

    /// Lends a free buffer to the kernel: where it begins.
    ///
    /// # Panics
    ///
    /// If it is not free.
    #[allow(dead_code, reason = "only a ring has buffers lent to it")]
    pub(crate) fn lend(&self, index: u16) -> *mut u8 {
        self.memory().lend(index).as_ptr()
    }

    /// True if the buffer `index` is free.
    #[allow(dead_code, reason = "only a ring asks")]
    pub(crate) fn is_free(&self, index: u16) -> bool {
        self.memory().slot(index).count.is_free()
    }

    #[inline]
    fn memory(&self) -> &Memory {
        // SAFETY: the pool holds the memory until it is dropped.
        unsafe { self.memory.as_ref() }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        // SAFETY: the pool ends here.
        unsafe { close(self.memory) };
    }
}

#[cfg(all(test, ferrio_loom))]
mod models;
#[cfg(all(test, not(ferrio_loom)))]
mod tests;
