//! On what a program runs, and for how long.

use std::io;
use std::thread::ScopedJoinHandle;
use std::time::{Duration, Instant};

use ferrio_poll::{Backend, Mode, Poll};

/// When something that must come is counted as lost.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// All modes.
pub(crate) const MODES: [Mode; 3] = [Mode::Edge, Mode::Level, Mode::Oneshot];

/// Waits for the end of all `threads`; the first error of them.
pub(crate) fn join(threads: Vec<ScopedJoinHandle<'_, io::Result<()>>>) -> io::Result<()> {
    let join = |thread: ScopedJoinHandle<'_, _>| thread.join().expect("it does not panic");
    threads.into_iter().map(join).fold(Ok(()), Result::and)
}

/// What all programs are told.
pub(crate) struct Setup {
    backend: Backend,
    end: Instant,
}

impl Setup {
    /// On the backend that the environment names.
    pub(crate) fn new(milliseconds: u64) -> io::Result<Self> {
        let end = Instant::now() + Duration::from_millis(milliseconds);
        Ok(Self { backend: Backend::from_env()?, end })
    }

    pub(crate) fn poll(&self) -> io::Result<Poll> {
        Poll::builder().backend(self.backend).build()
    }

    /// True once a program should come to its end.
    pub(crate) fn is_over(&self) -> bool {
        Instant::now() >= self.end
    }
}
