//! Sources that would stop the whole loop: debug builds only.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::sys::handle::{self, Handle};

/// Warns, once in a process, of a source that is registered although it is blocking: the
/// operation that has to wait stops the whole loop. Through the crate `log` or `tracing` where
/// that feature is on, and otherwise on the standard error output.
pub(crate) fn warn(handle: Handle<'_>) {
    if !handle::is_blocking(handle) || WARNED.swap(true, Ordering::Relaxed) {
        return;
    }
    #[cfg(feature = "log")]
    log::warn!("{}", TEXT);
    #[cfg(feature = "tracing")]
    tracing::warn!("{}", TEXT);
    #[cfg(not(any(feature = "log", feature = "tracing")))]
    eprintln!("ferrio: {TEXT}");
}

/// True once the warning was given.
static WARNED: AtomicBool = AtomicBool::new(false);

const TEXT: &str = "a blocking source was registered: the first operation on it that has to wait stops the \
                    whole loop; call set_nonblocking(true) before (debug builds check this)";
