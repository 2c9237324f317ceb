mod counting;
mod elsewhere;
mod slices;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use super::{BUFFERS_MAX, Pool};
use crate::buffer::chunk::Chunk;

/// A chunk with `bytes` in it, in a buffer that was free.
fn chunk(pool: &mut Pool, bytes: &[u8]) -> Chunk {
    let index = pool.take().expect("a free buffer");
    fill(pool, index, 0, bytes)
}

/// The same in the buffer `index`, which is lent.
fn fill(pool: &mut Pool, index: u16, offset: u32, bytes: &[u8]) -> Chunk {
    assert!(bytes.len() as u32 + offset <= pool.len());
    let start = pool.address(index).wrapping_add(offset as usize);
    // SAFETY: the bytes fit in the buffer, which is lent to this test.
    unsafe { start.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
    // SAFETY: they were just written, and this test does not write to the buffer again.
    unsafe { pool.chunk(index, offset, bytes.len() as u32) }
}

fn collect(pool: &mut Pool) -> Vec<u16> {
    let mut collected = Vec::new();
    let count = pool.collect(|index| collected.push(index));
    assert_eq!(count, collected.len());
    collected
}

#[test]
fn a_chunk_is_sent_and_shared() {
    fn is_sent_and_shared<T: Send + Sync + 'static>() {}
    is_sent_and_shared::<Chunk>();
    assert_eq!(size_of::<Chunk>(), 16);
    assert_eq!(size_of::<Option<Chunk>>(), 16);
}

#[test]
fn a_pool_has_the_buffers_that_were_asked_for() {
    let mut pool = Pool::new(3, 100).unwrap();
    assert_eq!((pool.count(), pool.len(), pool.free(), pool.low_water()), (3, 100, 3, 3));
    assert_eq!(pool.address(0) as usize % 4096, 0);
    assert_eq!(pool.address(2) as usize - pool.address(0) as usize, 200);
    let chunks: Vec<_> = [b"one", b"two", b"six"].map(|bytes| chunk(&mut pool, bytes)).into();
    assert_eq!(pool.take(), None);
    assert_eq!((pool.free(), pool.low_water()), (0, 0));
    assert_eq!(chunks.iter().map(|chunk| &**chunk).collect::<Vec<_>>(), [b"one", b"two", b"six"]);
    drop(chunks);
    // Not before they are collected.
    assert_eq!(pool.free(), 0);
    assert!(pool.has_returned());
    assert_eq!(collect(&mut pool).len(), 3);
    assert!(!pool.has_returned());
    assert_eq!((pool.free(), pool.low_water()), (3, 0));
}

#[test]
fn a_pool_that_cannot_be_is_refused() {
    for (buffers, len) in [(0, 100), (BUFFERS_MAX + 1, 100), (u16::MAX, 100), (1, 0)] {
        let error = Pool::new(buffers, len).err().expect("no pool");
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
        assert!(error.to_string().contains("ask for 1 to 32768 buffers"), "{error}");
    }
    assert_eq!(Pool::new(BUFFERS_MAX, 1).unwrap().count(), BUFFERS_MAX);
}

#[test]
fn the_buffer_that_came_back_last_is_used_first() {
    let mut pool = Pool::new(4, 8).unwrap();
    let chunks: Vec<_> = (0..4).map(|_| chunk(&mut pool, b"x")).collect();
    let mut chunks: Vec<_> = chunks.into_iter().map(Some).collect();
    for at in [2, 0, 3] {
        chunks[at] = None;
    }
    assert_eq!(collect(&mut pool), [3, 0, 2]);
    let taken: Vec<_> = (0..3).map(|_| pool.take().unwrap()).collect();
    assert_eq!(taken, [3, 0, 2]);
    // One that is not used is the next again.
    pool.put_back(2);
    assert_eq!(pool.take(), Some(2));
}

#[test]
fn a_chunk_may_begin_within_the_buffer_and_be_empty() {
    let mut pool = Pool::new(2, 16).unwrap();
    let index = pool.take().unwrap();
    let tail = fill(&mut pool, index, 12, b"tail");
    assert_eq!((&*tail, &*tail.slice(2..)), (&b"tail"[..], &b"il"[..]));
    assert_eq!(tail.slice(4..), *b"");
    let index = pool.take().unwrap();
    assert!(fill(&mut pool, index, 16, b"").is_empty());
    assert_eq!(Vec::from(tail), b"tail");
    assert_eq!(collect(&mut pool).len(), 2);
}

impl<const N: usize> PartialEq<[u8; N]> for Chunk {
    fn eq(&self, other: &[u8; N]) -> bool {
        **self == other[..]
    }
}

#[test]
fn a_buffer_is_neither_lent_nor_used_twice() {
    let mut pool = Pool::new(2, 8).unwrap();
    let index = pool.take().unwrap();
    let free = 1 - index;
    let refused = |pool: &mut Pool, act: fn(&mut Pool, u16), index| {
        let pool = AssertUnwindSafe(pool);
        // Moves the whole of it, not what is in it.
        let act = move || act({ pool }.0, index);
        assert!(catch_unwind(act).is_err());
    };
    // SAFETY: the bytes of a pool are initialized, and nobody writes to them here.
    let use_it: fn(&mut Pool, u16) = |pool, index| drop(unsafe { pool.chunk(index, 0, 1) });
    // SAFETY: as above; besides, there are no such bytes.
    let use_more: fn(&mut Pool, u16) = |pool, index| drop(unsafe { pool.chunk(index, 8, 1) });
    let lend: fn(&mut Pool, u16) = |pool, index| {
        pool.lend(index);
    };
    refused(&mut pool, use_it, free);
    refused(&mut pool, lend, index);
    refused(&mut pool, use_more, index);
    let chunk = fill(&mut pool, index, 0, b"x");
    refused(&mut pool, use_it, index);
    refused(&mut pool, lend, index);
    drop(chunk);
    // Not before it is collected.
    refused(&mut pool, use_it, index);
    refused(&mut pool, lend, index);
    assert_eq!(collect(&mut pool), [index]);
    assert!(pool.is_free(index));
}

#[test]
fn chunks_outlive_their_pool() {
    let mut pool = Pool::new(8, 16).unwrap();
    let mut chunks: Vec<_> = (0..8).map(|at| chunk(&mut pool, &[at; 16])).collect();
    // One of each kind is given back and not collected.
    drop(chunks.pop());
    let foreign = chunks.pop();
    thread::spawn(|| drop(foreign)).join().unwrap();
    let clone = chunks[0].clone();
    drop(pool);
    let theirs = chunks.split_off(3);
    let thread = thread::spawn(move || {
        assert!(theirs.iter().zip(3..).all(|(chunk, at)| *chunk == [at; 16]));
        drop(theirs);
    });
    assert!(chunks.iter().zip(0..).all(|(chunk, at)| *chunk == [at; 16]));
    drop(chunks);
    thread.join().unwrap();
    assert_eq!(clone, [0; 16]);
}

#[test]
fn a_lease_outlives_its_pool() {
    for last in ["pool", "lease", "chunk"] {
        let mut pool = Pool::new(2, 16).unwrap();
        let chunk = chunk(&mut pool, b"x");
        let (lease, address) = (pool.lease(), pool.address(1));
        // SAFETY: the buffer is free, and the lease keeps its memory.
        let write = || unsafe { address.write_volatile(1) };
        match last {
            "pool" => drop((lease, chunk, pool)),
            "lease" => {
                drop((chunk, pool));
                if crate::buffer::chunk::memory::is_poisoned(address).is_none() {
                    write();
                }
                drop(lease);
            }
            _ => {
                drop((pool, lease));
                assert_eq!(chunk, *b"x");
            }
        }
    }
}

#[test]
fn a_chunk_allocates_nothing() {
    let mut pool = Pool::new(16, 64).unwrap();
    let before = counting::allocations();
    for _ in 0..100 {
        let chunks: [Chunk; 16] = std::array::from_fn(|_| chunk(&mut pool, b"hello"));
        let slices = chunks.clone().map(|chunk| chunk.slice(1..3));
        drop(chunks);
        assert_eq!(pool.collect(|_| {}), 0);
        drop(slices);
        assert_eq!(pool.collect(|_| {}), 16);
    }
    assert_eq!(counting::allocations(), before);
    // The counter works.
    drop(Vec::from(chunk(&mut pool, b"copy")));
    assert_eq!(counting::allocations(), before + 1);
    // Nor does giving back in another thread.
    let chunks: [Chunk; 8] = std::array::from_fn(|_| chunk(&mut pool, b"hello"));
    thread::spawn(|| {
        let before = counting::allocations();
        drop(chunks);
        assert_eq!(counting::allocations(), before);
    })
    .join()
    .unwrap();
}

#[test]
fn only_the_bytes_of_a_chunk_may_be_read() {
    let mut pool = Pool::new(1, 64).unwrap();
    let address = pool.address(0);
    let may_read = |at| !crate::buffer::chunk::memory::is_poisoned(address.wrapping_add(at)).unwrap_or(false);
    if crate::buffer::chunk::memory::is_poisoned(address).is_none() {
        println!("SKIPPED: AddressSanitizer is off");
        return;
    }
    assert!(!may_read(0));
    let index = pool.take().unwrap();
    assert!(may_read(0) && may_read(63));
    pool.put_back(index);
    assert!(!may_read(0));
    pool.lend(0);
    assert!(!may_read(0) && !may_read(63));
    // SAFETY: the bytes of a pool are initialized, and nobody writes to them here.
    let chunk = unsafe { pool.chunk(0, 8, 16) };
    assert!(may_read(8) && may_read(23));
    assert!(!may_read(7) && !may_read(24));
    drop(chunk);
    collect(&mut pool);
    assert!(!may_read(8));
}

#[cfg(feature = "bytes")]
#[test]
fn a_chunk_becomes_bytes_without_a_copy() {
    let mut pool = Pool::new(1, 16).unwrap();
    let chunk = chunk(&mut pool, b"hello");
    let address = chunk.as_ptr();
    let bytes = bytes::Bytes::from(chunk);
    let part = bytes.slice(1..3);
    assert_eq!((bytes.as_ptr(), &part[..]), (address, &b"el"[..]));
    drop(bytes);
    assert_eq!(collect(&mut pool), []);
    drop(part);
    assert_eq!(collect(&mut pool), [0]);
}
