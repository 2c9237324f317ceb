//! A piece of a buffer of the pool.
#![allow(unsafe_code, reason = "bytes behind a pointer, shared by a count")]

mod count;
pub(crate) mod memory;
mod owner_only;
mod poison;
mod returns;
pub(crate) mod wake;

use std::fmt::{self, Debug, Formatter};
use std::ops::{Bound, Deref, RangeBounds};
use std::ptr::NonNull;
use std::slice;

use crate::buffer::chunk::memory::{Slot, give_back};

/// Bytes that were received, in the buffer of the pool where the kernel has put them.
///
/// It is read like a slice. A clone is another handle to the same bytes, a
/// [`slice`](Chunk::slice) a handle to some of them; neither copies or allocates. It may be sent to
/// other threads and shared among them, and may outlive the proactor.
///
/// The buffer goes back to the pool when the last handle to it is dropped. A program that keeps
/// chunks for long keeps buffers from those who receive, so it copies what it wants to keep:
/// `Vec::from(chunk)`.
///
/// # Implementation notes
///
/// Sixteen bytes. A handle that is the only one is dropped in the proactor's thread without an
/// atomic read-modify-write; another thread gives a buffer back by one compare-and-swap. No lock
/// is taken.
pub struct Chunk {
    /// The buffer; holds its memory.
    slot: NonNull<Slot>,
    /// Where in the buffer the bytes begin.
    offset: u32,
    /// How many bytes there are.
    len: u32,
}

// SAFETY: the count is atomic, and the bytes do not change while there is a handle.
unsafe impl Send for Chunk {}
// SAFETY: as above.
unsafe impl Sync for Chunk {}

impl Chunk {
    /// The first handle to a buffer, or the heir of one.
    ///
    /// # Safety
    ///
    /// The caller has a handle to `slot` and gives it up. The `len` bytes at `offset` are in the
    /// buffer, and nobody writes to them while there is a handle.
    pub(crate) unsafe fn new(slot: NonNull<Slot>, offset: u32, len: u32) -> Chunk {
        Chunk { slot, offset, len }
    }

    /// Another handle, to some of the bytes.
    ///
    /// # Panics
    ///
    /// If the range ends behind the bytes, or before it begins, as a slice does.
    pub fn slice(&self, range: impl RangeBounds<usize>) -> Chunk {
        let len = self.len as usize;
        let begin = match range.start_bound() {
            Bound::Included(&begin) => begin,
            Bound::Excluded(&before) => before.checked_add(1).expect("a range begins behind every index"),
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(&last) => last.checked_add(1).expect("a range ends behind every index"),
            Bound::Excluded(&end) => end,
            Bound::Unbounded => len,
        };
        assert!(begin <= end && end <= len, "range {begin}..{end} of a chunk of {len} bytes");
        let mut slice = self.clone();
        // Both are at most `len`, which is a `u32`.
        slice.offset += begin as u32;
        slice.len = (end - begin) as u32;
        slice
    }

    #[inline]
    fn slot(&self) -> &Slot {
        // SAFETY: a handle holds the memory of the slot.
        unsafe { self.slot.as_ref() }
    }
}

impl Drop for Chunk {
    #[inline]
    fn drop(&mut self) {
        if self.slot().count.remove() {
            // SAFETY: that was the last handle.
            unsafe { give_back(self.slot) };
        }
    }
}

impl Clone for Chunk {
    #[inline]
    fn clone(&self) -> Chunk {
        self.slot().count.add();
        Chunk { slot: self.slot, offset: self.offset, len: self.len }
    }
}

impl Deref for Chunk {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        // SAFETY: the offset lies in the buffer.
        let start = unsafe { self.slot().start.add(self.offset as usize) };
        // SAFETY: the bytes lie in the buffer, were written, and do not change while there is a
        // handle, which the slice borrows.
        unsafe { slice::from_raw_parts(start.as_ptr(), self.len as usize) }
    }
}

impl AsRef<[u8]> for Chunk {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl Debug for Chunk {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.escape_ascii())
    }
}

impl From<Chunk> for Vec<u8> {
    /// Copies the bytes, and gives the buffer back.
    fn from(chunk: Chunk) -> Vec<u8> {
        chunk.to_vec()
    }
}

#[cfg(feature = "bytes")]
impl From<Chunk> for bytes::Bytes {
    /// Copies nothing, but allocates for the count of the `Bytes`.
    fn from(chunk: Chunk) -> bytes::Bytes {
        bytes::Bytes::from_owner(chunk)
    }
}
