//! The buffers that the kernel receives into: few and small, so that they stay in the cache.
#![allow(unsafe_code, reason = "the kernel writes into this memory, and shares its index with us")]

use std::alloc::{Layout, alloc_zeroed, handle_alloc_error};
use std::io;
use std::ptr::NonNull;
use std::slice;
use std::sync::atomic::{AtomicU16, Ordering};

use io_uring::Submitter;
use io_uring::types::BufRingEntry;

/// The group of the buffers.
pub(crate) const GROUP: u16 = 0;
/// How many there are: a power of two.
const COUNT: u16 = 256;
/// How long each is.
const LENGTH: usize = 4096;
/// What the index and the buffers have to be aligned to.
const PAGE: usize = 4096;

/// The buffers, and the index by which the kernel gets them.
///
/// # Invariant
///
/// Both point to memory that is never freed, so the kernel may use it to its end. A buffer
/// whose number is in no entry of the index is ours alone.
#[derive(Debug)]
pub(crate) struct Buffers {
    /// The index, of [`COUNT`] entries.
    index: NonNull<BufRingEntry>,
    /// The buffers, one after the other.
    memory: NonNull<u8>,
    /// How many entries were ever put into the index, wrapping around.
    tail: u16,
    /// Buffers that go back at the end of a turn.
    returned: Vec<u16>,
    /// How many completions have told of and are not back in the index.
    lent: usize,
    /// How many sends each of them is a source of.
    users: Vec<u32>,
}

impl Buffers {
    /// Makes the buffers and gives all of them to the kernel.
    pub(crate) fn new(submitter: &Submitter<'_>) -> io::Result<Self> {
        let index = forever(usize::from(COUNT) * size_of::<BufRingEntry>()).cast();
        let memory = forever(usize::from(COUNT) * LENGTH);
        let address = index.as_ptr() as u64;
        // SAFETY: the index has so many entries, and its memory is never freed.
        unsafe { submitter.register_buf_ring_with_flags(address, COUNT, GROUP, 0) }?;
        let (returned, users) = ((0..COUNT).collect(), vec![0; COUNT.into()]);
        let mut buffers = Self { index, memory, tail: 0, returned, lent: COUNT.into(), users };
        buffers.publish();
        Ok(buffers)
    }

    /// Notes that a completion has told of a buffer: it is ours until it is returned.
    pub(crate) fn take(&mut self) {
        self.lent += 1;
    }

    /// The first `length` bytes of a buffer that is ours.
    pub(crate) fn bytes(&self, id: u16, length: usize) -> &[u8] {
        assert!(id < COUNT && length <= LENGTH, "{length} bytes of buffer {id}");
        // SAFETY: the kernel has written so many bytes there, and has told that it is done.
        unsafe { slice::from_raw_parts(self.address(id).as_ptr(), length) }
    }

    /// Notes a send that has a buffer as its source.
    pub(crate) fn hold(&mut self, id: u16) {
        self.users[usize::from(id)] += 1;
    }

    /// Notes that such a send is done; the last one returns the buffer.
    pub(crate) fn release(&mut self, id: u16) {
        let users = &mut self.users[usize::from(id)];
        *users -= 1;
        if *users == 0 {
            self.returned.push(id);
        }
    }

    /// Gives the returned buffers to the kernel, the last one first: it is in the cache.
    pub(crate) fn publish(&mut self) {
        if self.returned.is_empty() {
            return;
        }
        while let Some(id) = self.returned.pop() {
            let (address, place) = (self.address(id), usize::from(self.tail % COUNT));
            // SAFETY: the place is in the index.
            let entry = unsafe { self.index.add(place) };
            // SAFETY: the kernel reads no entry beyond the tail that it knows, and this one is.
            let entry = unsafe { &mut *entry.as_ptr() };
            entry.set_addr(address.as_ptr() as u64);
            entry.set_len(LENGTH as u32);
            entry.set_bid(id);
            self.tail = self.tail.wrapping_add(1);
            self.lent -= 1;
        }
        // SAFETY: the index begins there.
        let tail = unsafe { BufRingEntry::tail(self.index.as_ptr()) };
        // SAFETY: it is aligned, never freed, and nobody but us writes to it.
        let tail = unsafe { AtomicU16::from_ptr(tail.cast_mut()) };
        tail.store(self.tail, Ordering::Release);
    }

    /// The most buffers that the kernel may have left.
    pub(crate) fn available(&self) -> usize {
        usize::from(COUNT) - self.lent
    }

    fn address(&self, id: u16) -> NonNull<u8> {
        // SAFETY: the memory holds as many buffers as there are numbers.
        unsafe { self.memory.add(usize::from(id % COUNT) * LENGTH) }
    }
}

/// Memory full of zeros that is never freed: the kernel may write to it until the process ends.
fn forever(length: usize) -> NonNull<u8> {
    let layout = Layout::from_size_align(length, PAGE).expect("small, and a power of two");
    // SAFETY: the length is not 0.
    let memory = unsafe { alloc_zeroed(layout) };
    NonNull::new(memory).unwrap_or_else(|| handle_alloc_error(layout))
}
