//! Buffers that a program hands over and gets back.
//!
//! While an operation is in flight its buffer belongs to the kernel, which knows it by its
//! address alone. So the bytes of a buffer must not lie in the value that is handed over, which
//! moves, but behind it, as those of a `Vec` do.
#![allow(unsafe_code, reason = "promises about addresses")]

pub(crate) mod chunk;
pub(crate) mod pool;
pub(crate) mod sync;

use std::ops::Range;
use std::sync::Arc;

use crate::buffer::chunk::Chunk;

/// Bytes that the kernel can read while the value that owns them is moved.
///
/// # Safety
///
/// As long as the value is only moved, and nobody else touches it:
///
/// - [`raw`](StableBuf::raw) gives the same address and the same length each time;
/// - the memory there is initialized and can be read, also by another thread, and nobody writes to
///   it.
pub unsafe trait StableBuf: 'static {
    /// Where the bytes begin, and how many there are.
    fn raw(&self) -> (*const u8, usize);
}

/// Memory that the kernel can write to while the value that owns it is moved.
///
/// # Safety
///
/// As long as the value is only moved, and nobody else touches it:
///
/// - [`spare`](StableBufMut::spare) gives the same address and the same length each time;
/// - the memory there can be written, also by another thread, and nobody else reads or writes it.
pub unsafe trait StableBufMut: 'static {
    /// Where the memory begins that is to be written, and how long it is. It need not be
    /// initialized.
    fn spare(&mut self) -> (*mut u8, usize);

    /// Takes note that bytes were written.
    ///
    /// # Safety
    ///
    /// The first `count` bytes of [`spare`](StableBufMut::spare) were written.
    unsafe fn advance(&mut self, count: usize);
}

// SAFETY: the bytes lie on the heap, and only a method that borrows the vector moves them.
unsafe impl StableBuf for Vec<u8> {
    fn raw(&self) -> (*const u8, usize) {
        (self.as_ptr(), self.len())
    }
}

/// What is received goes behind what is there, up to the capacity, which does not grow.
// SAFETY: as above; the vector owns its spare capacity.
unsafe impl StableBufMut for Vec<u8> {
    fn spare(&mut self) -> (*mut u8, usize) {
        let spare = self.spare_capacity_mut();
        (spare.as_mut_ptr().cast(), spare.len())
    }

    unsafe fn advance(&mut self, count: usize) {
        let len = self.len() + count;
        // SAFETY: the caller has seen `count` bytes of the spare capacity written.
        unsafe { self.set_len(len) };
    }
}

// SAFETY: the bytes lie on the heap.
unsafe impl StableBuf for Box<[u8]> {
    fn raw(&self) -> (*const u8, usize) {
        (self.as_ptr(), self.len())
    }
}

/// What is received overwrites the first bytes. How many they are, the result says.
// SAFETY: as above; the box owns its bytes.
unsafe impl StableBufMut for Box<[u8]> {
    fn spare(&mut self) -> (*mut u8, usize) {
        (self.as_mut_ptr(), self.len())
    }

    unsafe fn advance(&mut self, _: usize) {}
}

// SAFETY: the bytes lie on the heap.
unsafe impl StableBuf for String {
    fn raw(&self) -> (*const u8, usize) {
        (self.as_ptr(), self.len())
    }
}

// SAFETY: the bytes are never moved, freed or written.
unsafe impl StableBuf for &'static [u8] {
    fn raw(&self) -> (*const u8, usize) {
        (self.as_ptr(), self.len())
    }
}

// SAFETY: as above.
unsafe impl StableBuf for &'static str {
    fn raw(&self) -> (*const u8, usize) {
        (self.as_ptr(), self.len())
    }
}

// SAFETY: the bytes lie on the heap. The value is one handle, so no other can get them to write.
unsafe impl StableBuf for Arc<[u8]> {
    fn raw(&self) -> (*const u8, usize) {
        (self.as_ptr(), self.len())
    }
}

// SAFETY: the bytes lie in the pool, and stay there while there is a handle.
unsafe impl StableBuf for Chunk {
    fn raw(&self) -> (*const u8, usize) {
        (self.as_ptr(), self.len())
    }
}

#[cfg(feature = "bytes")]
// SAFETY: the bytes lie behind the value, and nobody can write them while there is one.
unsafe impl StableBuf for bytes::Bytes {
    fn raw(&self) -> (*const u8, usize) {
        (self.as_ptr(), self.len())
    }
}

#[cfg(feature = "bytes")]
// SAFETY: the bytes lie behind the value, which owns them.
unsafe impl StableBuf for bytes::BytesMut {
    fn raw(&self) -> (*const u8, usize) {
        (self.as_ptr(), self.len())
    }
}

#[cfg(feature = "bytes")]
/// What is received goes behind what is there, up to the capacity, which does not grow.
// SAFETY: as above; it owns its spare capacity.
unsafe impl StableBufMut for bytes::BytesMut {
    fn spare(&mut self) -> (*mut u8, usize) {
        let spare = self.spare_capacity_mut();
        (spare.as_mut_ptr().cast(), spare.len())
    }

    unsafe fn advance(&mut self, count: usize) {
        let len = self.len() + count;
        // SAFETY: the caller has seen `count` bytes of the spare capacity written.
        unsafe { self.set_len(len) };
    }
}

/// Some of the bytes of a buffer.
///
/// After a short send the rest of the buffer is sent without copying it:
///
/// ```
/// use ferrio_proactor::{Slice, StableBuf};
///
/// let mut rest = Slice::from(b"a message".to_vec());
/// // Two bytes were sent.
/// rest.skip(2);
/// assert_eq!(rest.raw().1, 7);
/// assert_eq!(rest.into_inner(), b"a message");
/// ```
#[derive(Clone, Debug)]
pub struct Slice<B> {
    buffer: B,
    /// Within the buffer.
    range: Range<usize>,
}

impl<B: StableBuf> Slice<B> {
    /// The bytes of `buffer` in `range`.
    ///
    /// # Panics
    ///
    /// If the range does not lie in the buffer.
    pub fn new(buffer: B, range: Range<usize>) -> Slice<B> {
        let len = buffer.raw().1;
        let Range { start, end } = range;
        assert!(start <= end && end <= len, "range {start}..{end} of a buffer of {len} bytes");
        Slice { buffer, range }
    }

    /// Leaves out the first `count` bytes.
    ///
    /// # Panics
    ///
    /// If there are fewer.
    pub fn skip(&mut self, count: usize) {
        assert!(count <= self.range.len(), "{count} bytes skipped of {}", self.range.len());
        self.range.start += count;
    }

    /// The whole buffer.
    pub fn get_ref(&self) -> &B {
        &self.buffer
    }

    /// Gives the whole buffer back.
    pub fn into_inner(self) -> B {
        self.buffer
    }
}

impl<B: StableBuf> From<B> for Slice<B> {
    /// All bytes of `buffer`.
    fn from(buffer: B) -> Slice<B> {
        let len = buffer.raw().1;
        Slice { buffer, range: 0..len }
    }
}

// SAFETY: the bytes are some of those that the buffer gives, which is not touched.
unsafe impl<B: StableBuf> StableBuf for Slice<B> {
    fn raw(&self) -> (*const u8, usize) {
        let (start, len) = self.buffer.raw();
        // A shared borrow may have changed a buffer with a cell in it.
        assert!(self.range.end <= len, "a buffer became shorter than its slice");
        // SAFETY: the range lies in the buffer.
        (unsafe { start.add(self.range.start) }, self.range.len())
    }
}

#[cfg(test)]
mod tests;
