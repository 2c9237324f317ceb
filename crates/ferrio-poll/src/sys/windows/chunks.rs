//! The slots of a selector.

use std::io;
use std::mem;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use crate::sync::{AtomicUsize, Mutex, Ordering, lock};
use crate::sys::windows::afd::Afd;
use crate::sys::windows::port::Port;
#[cfg(test)]
use crate::sys::windows::slot::Counts;
use crate::sys::windows::slot::{Slot, SlotRef};

/// The slots, in chunks that never move.
#[derive(Debug)]
pub(super) struct Slots {
    chunks: RwLock<Vec<Arc<Chunk>>>,
    /// The slots that are free. Its capacity is that for all of them, so that giving one back
    /// allocates nothing.
    free: Mutex<Vec<u32>>,
    /// How many wait for polls of a registration that has ended.
    pub(super) closing: AtomicUsize,
}

/// Some slots, and the handle of AFD through which they are polled.
#[derive(Debug)]
pub(super) struct Chunk {
    afd: Afd,
    /// The id of the first slot.
    first: u32,
    slots: Box<[Slot]>,
    #[cfg(test)]
    pub(super) counts: Counts,
}

impl Slots {
    pub(super) fn new() -> Slots {
        Slots { chunks: RwLock::new(Vec::new()), free: Mutex::new(Vec::new()), closing: AtomicUsize::new(0) }
    }

    /// A free slot. Before it makes the fourth chunk and more, it has `reap` look whether slots
    /// can be had back.
    pub(super) fn take(&self, port: &Port, reap: impl FnOnce()) -> io::Result<(Arc<Chunk>, u32)> {
        let mut id = self.pop();
        let may_reap =
            || self.closing.load(Ordering::Relaxed) > 0 && self.chunk_count() >= CHUNKS_BEFORE_REAP;
        if id.is_none() && may_reap() {
            reap();
            id = self.pop();
        }
        match id {
            Some(id) => Ok((self.chunk(id), id)),
            None => self.grow(port),
        }
    }

    /// Frees slot `id`.
    pub(super) fn give_back(&self, id: u32) {
        lock(&self.free).push(id);
    }

    fn pop(&self) -> Option<u32> {
        lock(&self.free).pop()
    }

    /// Makes another chunk, and takes its first slot.
    fn grow(&self, port: &Port) -> io::Result<(Arc<Chunk>, u32)> {
        let afd = Afd::open(port)?;
        let mut chunks = self.chunks.write().unwrap_or_else(PoisonError::into_inner);
        let first = (chunks.len() * CHUNK_SLOTS) as u32;
        let slots = (0..CHUNK_SLOTS).map(|_| Slot::new()).collect();
        let chunk = Arc::new(Chunk {
            afd,
            first,
            slots,
            #[cfg(test)]
            counts: Counts::default(),
        });
        chunks.push(Arc::clone(&chunk));
        let mut free = lock(&self.free);
        let all = chunks.len() * CHUNK_SLOTS;
        let len = free.len();
        free.reserve(all - len);
        // The lowest is taken first.
        free.extend((first + 1..first + CHUNK_SLOTS as u32).rev());
        Ok((chunk, first))
    }

    /// The chunk of slot `id`.
    pub(super) fn chunk(&self, id: u32) -> Arc<Chunk> {
        Arc::clone(&self.chunks()[id as usize / CHUNK_SLOTS])
    }

    pub(super) fn chunk_count(&self) -> usize {
        self.chunks().len()
    }

    pub(super) fn are_in_use(&self) -> bool {
        self.used() > 0
    }

    pub(super) fn used(&self) -> usize {
        self.chunk_count() * CHUNK_SLOTS - lock(&self.free).len()
    }

    /// Gives up memory that may still be the kernel's.
    pub(super) fn leak(&self) {
        self.chunks().iter().for_each(|chunk| mem::forget(Arc::clone(chunk)));
    }

    pub(super) fn chunks(&self) -> RwLockReadGuard<'_, Vec<Arc<Chunk>>> {
        self.chunks.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Chunk {
    pub(super) fn slot<'a>(&'a self, id: u32, port: &'a Arc<Port>) -> SlotRef<'a> {
        SlotRef {
            slot: &self.slots[(id - self.first) as usize],
            afd: &self.afd,
            port,
            id,
            #[cfg(test)]
            counts: &self.counts,
        }
    }
}

/// How many slots share a handle of AFD.
pub(super) const CHUNK_SLOTS: usize = 32;

/// As many chunks are made without a look for slots that could be had back.
pub(super) const CHUNKS_BEFORE_REAP: usize = 4;
