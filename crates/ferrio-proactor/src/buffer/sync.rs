//! The atomics and locks of what loom models, std's or loom's where the models run, and the number of a
//! thread.

use std::cell::Cell;
use std::sync::atomic::AtomicUsize;

#[cfg(ferrio_loom)]
pub(crate) use loom::sync::Mutex;
#[cfg(ferrio_loom)]
pub(crate) use loom::sync::atomic::{AtomicBool, AtomicU32, Ordering, fence};
#[cfg(not(ferrio_loom))]
pub(crate) use std::sync::Mutex;
#[cfg(not(ferrio_loom))]
pub(crate) use std::sync::atomic::{AtomicBool, AtomicU32, Ordering, fence};

#[cfg(ferrio_loom)]
loom::thread_local! {
    static NUMBER: Cell<usize> = Cell::new(0);
}
#[cfg(not(ferrio_loom))]
thread_local! {
    /// Zero until the thread is numbered.
    static NUMBER: Cell<usize> = const { Cell::new(0) };
}

/// The number of the calling thread, if it was ever numbered; else zero.
#[inline]
pub(crate) fn thread_number() -> usize {
    NUMBER.with(Cell::get)
}

/// Numbers the calling thread, if it has no number: no other thread has the same, not even one
/// that has ended.
pub(crate) fn number_thread() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(1);
    let number = thread_number();
    if number != 0 {
        return number;
    }
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    assert_ne!(number, 0, "the numbers of threads are used up");
    NUMBER.with(|place| place.set(number));
    number
}
