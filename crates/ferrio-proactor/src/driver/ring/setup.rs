//! How a ring is set up: the flags that make it cheap, where the kernel has them.

use std::io;

use io_uring::IoUring;

/// The completion queue has this many entries for each of the submission queue: one
/// submission of a multishot operation completes many times.
const COMPLETIONS_PER_SUBMISSION: u32 = 4;

/// The fewest entries of a completion queue.
const COMPLETIONS_MIN: u32 = 1024;

/// When the kernel does its part of the work for an operation that has become ready.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Setup {
    /// When the owner enters the ring to wait, and at no other time. Since Linux 6.1.
    Defer,
    /// At the end of whichever system call the owner makes next. Since Linux 5.19.
    Coop,
    /// At once: the owner is interrupted for it.
    Plain,
}

impl Setup {
    /// The best first.
    pub(super) const ALL: [Setup; 3] = [Setup::Defer, Setup::Coop, Setup::Plain];

    /// What it is called where a program is told of it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Setup::Defer => "DEFER_TASKRUN",
            Setup::Coop => "COOP_TASKRUN",
            Setup::Plain => "no flags",
        }
    }

    /// The way that is called `name`.
    pub(super) fn named(name: &str) -> Option<Setup> {
        Setup::ALL.into_iter().find(|setup| setup.name() == name)
    }

    /// Makes a ring of `entries` in this way.
    ///
    /// # Errors
    ///
    /// `InvalidInput` if the kernel does not know the way; else why there is no ring.
    pub(super) fn build(self, entries: u32) -> io::Result<IoUring> {
        let completions = entries.saturating_mul(COMPLETIONS_PER_SUBMISSION).max(COMPLETIONS_MIN);
        let mut builder = IoUring::builder();
        // Too many entries become as many as the kernel allows. A child of a fork must not
        // touch the queues: it would submit in the name of its parent.
        builder.setup_clamp().setup_cqsize(completions).dontfork();
        match self {
            Setup::Defer => {
                builder.setup_submit_all().setup_single_issuer().setup_defer_taskrun().setup_taskrun_flag();
            }
            Setup::Coop => {
                builder.setup_submit_all().setup_coop_taskrun().setup_taskrun_flag();
            }
            Setup::Plain => {}
        }
        builder.build(entries.max(1))
    }
}
