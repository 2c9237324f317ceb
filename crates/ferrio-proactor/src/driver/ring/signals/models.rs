//! loom models of the signal: every interleaving of the owner that goes to sleep and the kernel.
//!
//! `RUSTFLAGS="--cfg ferrio_loom" cargo test -p ferrio-proactor --lib --release loom`

use std::time::Duration;

use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;

use super::{Signals, wait_signalled};

/// What the kernel does for a ring, after `io_uring/io_uring.c` and `io_uring/eventfd.c`. Its
/// memory is no stronger than what is promised: `TASKRUN` and the flag are relaxed.
pub(crate) struct Kernel {
    /// Work for the owner, as a list of which only the length counts.
    work: AtomicUsize,
    /// `IORING_SQ_TASKRUN`: there is some.
    taskrun: AtomicBool,
    /// `IORING_CQ_EVENTFD_DISABLED`.
    is_silent: AtomicBool,
    /// The eventfd: a model in which nobody signals a sleeper stops there, and loom calls it a
    /// deadlock.
    is_signalled: Mutex<bool>,
    signals: Condvar,
}

impl Kernel {
    pub(crate) fn new() -> Kernel {
        Kernel {
            work: AtomicUsize::new(0),
            taskrun: AtomicBool::new(false),
            is_silent: AtomicBool::new(true),
            is_signalled: Mutex::new(false),
            signals: Condvar::new(),
        }
    }

    /// An operation becomes ready.
    pub(crate) fn complete(&self) {
        // Only the first tells of itself.
        if self.work.fetch_add(1, Ordering::AcqRel) > 0 {
            return;
        }
        self.taskrun.store(true, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        if !self.is_silent.load(Ordering::Relaxed) {
            self.signal();
        }
    }

    pub(crate) fn signal(&self) {
        *self.is_signalled.lock().unwrap() = true;
        self.signals.notify_one();
    }

    /// The owner enters; the number of completions.
    fn enter(&self) -> usize {
        self.taskrun.store(false, Ordering::Relaxed);
        self.work.swap(0, Ordering::AcqRel)
    }

    /// The owner waits for the eventfd, and takes the signal away. With a timeout it only looks.
    fn wait(&self, timeout: Option<Duration>) {
        let mut is_signalled = self.is_signalled.lock().unwrap();
        while timeout.is_none() && !*is_signalled {
            is_signalled = self.signals.wait(is_signalled).unwrap();
        }
        *is_signalled = false;
    }
}

impl Signals for &Kernel {
    fn signal_on(&mut self) {
        self.is_silent.store(false, Ordering::Relaxed);
    }

    fn signal_off(&mut self) {
        self.is_silent.store(true, Ordering::Relaxed);
    }

    fn has_work(&self) -> bool {
        self.taskrun.load(Ordering::Relaxed)
    }
}

impl Kernel {
    /// One wait of the proactor while the backend sleeps; the number of completions. What else
    /// signals the eventfd may end it for nothing.
    pub(crate) fn park(&self, is_look: bool) -> usize {
        let mut ring = self;
        let completions = if ring.has_work() { ring.enter() } else { 0 };
        if is_look || completions > 0 {
            return completions;
        }
        wait_signalled(&mut ring, None, |timeout| self.wait(timeout));
        if ring.has_work() { ring.enter() } else { 0 }
    }

    /// Parks until so many completions came.
    fn expect(&self, count: usize) {
        let mut seen = 0;
        while seen < count {
            seen += self.park(false);
        }
        assert_eq!(seen, count);
    }
}

fn check(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(model);
}

#[test]
fn loom_a_completion_ends_the_sleep_or_is_seen_before() {
    check(|| {
        let kernel = Arc::new(Kernel::new());
        let other = Arc::clone(&kernel);
        let thread = thread::spawn(move || (0..2).for_each(|_| other.complete()));
        kernel.expect(2);
        thread.join().unwrap();
    });
}

#[test]
fn loom_completions_of_two_threads_end_the_sleep() {
    check(|| {
        let kernel = Arc::new(Kernel::new());
        let threads = [(); 2].map(|()| {
            let other = Arc::clone(&kernel);
            thread::spawn(move || other.complete())
        });
        kernel.expect(2);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}
