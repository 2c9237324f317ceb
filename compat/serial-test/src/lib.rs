//! The one function that the tests of signal-hook-mio call from a private helper of
//! theirs, which is not in the package.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Held by a test as long as it must be alone: signals reach the whole process.
pub fn lock() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    // A test that failed has nothing to spoil here.
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
