//! Counting forks.
#![allow(unsafe_code, reason = "pthread_atfork(3) takes a function pointer")]

use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How often this process was forked off from another since `watch` was called: changed in
/// the child alone.
static GENERATION: AtomicUsize = AtomicUsize::new(0);

/// Whether forks are counted, or the code of the error.
static WATCHED: OnceLock<i32> = OnceLock::new();

/// Has forks counted from now on, by fork(2) of libc and everything that is built on it. A
/// raw clone(2) and vfork(2), after which a child may not poll anyway, do not count.
pub(crate) fn watch() -> io::Result<()> {
    let code = *WATCHED.get_or_init(|| {
        // SAFETY: the handler only adds to an atomic, which is async-signal-safe.
        unsafe { libc::pthread_atfork(None, None, Some(count)) }
    });
    if code == 0 { Ok(()) } else { Err(io::Error::from_raw_os_error(code)) }
}

/// How often this process was forked off.
#[inline]
pub(crate) fn generation() -> usize {
    GENERATION.load(Ordering::Relaxed)
}

unsafe extern "C" fn count() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
}
