//! A global allocator that counts.
#![allow(unsafe_code, reason = "an allocator is an unsafe trait; this one only counts and passes on")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How often memory was asked for.
static COUNT: AtomicU64 = AtomicU64::new(0);
/// Whether bytes are counted too. Mostly not: it costs each allocation something.
static IS_WEIGHING: AtomicBool = AtomicBool::new(false);
/// The bytes that were asked for and not given back since then. It wraps around below
/// zero if older memory is given back.
static LIVE: AtomicU64 = AtomicU64::new(0);

/// The system's allocator with a counter before it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counting;

/// How often memory was asked for or resized since the program began.
pub fn count() -> u64 {
    COUNT.load(Ordering::Relaxed)
}

/// Begins to count bytes.
pub fn weigh() {
    IS_WEIGHING.store(true, Ordering::Relaxed);
}

/// How many bytes were asked for and not given back since [`weigh`], as they were
/// asked for: what the allocator needs itself is not among them.
pub fn live_bytes() -> u64 {
    LIVE.load(Ordering::Relaxed)
}

/// Notes that `old` bytes became `new` ones.
fn note(old: usize, new: usize) {
    if IS_WEIGHING.load(Ordering::Relaxed) {
        LIVE.fetch_add((new as u64).wrapping_sub(old as u64), Ordering::Relaxed);
    }
}

// SAFETY: every call goes to `System` as it came, which keeps the contract.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
        note(0, layout.size());
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        note(layout.size(), 0);
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
        note(layout.size(), size);
        // SAFETY: the caller keeps the contract of `realloc`.
        unsafe { System.realloc(pointer, layout, size) }
    }
}
