//! The locks and atomics of what loom models: std's, or loom's where the models run. A crate above
//! this one may have models of its own; then this one is not modelled.

use std::sync::PoisonError;

#[cfg(all(test, ferrio_loom))]
pub(crate) use loom::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering},
};
#[cfg(not(all(test, ferrio_loom)))]
pub(crate) use std::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering},
};

/// Locks `mutex`, also after a thread panicked while it held it.
///
/// Every critical section in this crate leaves its data whole at each step that
/// can panic, so std's mark of a panic says nothing that matters here.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
