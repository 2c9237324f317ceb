//! The settings of a new Poll.

use std::io;
use std::time::Duration;

use crate::poll::instrumentation::Instrumentation;
use crate::poll::spin::Spin;
use crate::poll::stopwatch::{OnStall, Stopwatch};
use crate::poll::timing::BusyPeriod;
use crate::registry::fork_guard::ForkGuard;
use crate::sys::backend::Backend;

/// The settings of a new [`Poll`](crate::Poll); made by
/// [`Poll::builder`](crate::Poll::builder).
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use ferrio::{Backend, Poll};
///
/// let poll = Poll::builder().backend(Backend::from_env()?).build()?;
/// println!("waiting with {:?}", poll.backend());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct Builder {
    /// The kernel interface to wait with.
    pub(crate) backend: Backend,
    /// Whether the Poll is refused in a child process.
    forbid_fork: bool,
    /// How long to look before sleeping.
    spin: Duration,
    /// Whether to read the clock around each wait.
    timing: bool,
    /// What to call after a long busy period.
    on_stall: Option<OnStall>,
}

impl Builder {
    /// Waits with `backend` instead of the default one.
    pub fn backend(mut self, backend: Backend) -> Builder {
        self.backend = backend;
        self
    }

    /// Measures what the loop does with its time; see
    /// [`Poll::timing`](crate::Poll::timing). Off by default: it reads the clock twice per
    /// poll, and once if that only looks.
    pub fn timing(mut self, timing: bool) -> Builder {
        self.timing = timing;
        self
    }

    /// Calls `on_stall` at the beginning of a poll if the loop was busy for `threshold` or
    /// longer since the last. Measures the [`timing`](Builder::timing) for that.
    ///
    /// It is called on the thread of the loop, once the loop has come back. To detect a loop
    /// that does not come back, let another thread watch a counter.
    ///
    /// # Examples
    ///
    /// ```
    /// # extern crate ferrio_poll as ferrio;
    /// # fn main() -> std::io::Result<()> {
    /// use std::time::Duration;
    /// use ferrio::Poll;
    ///
    /// let poll = Poll::builder()
    ///     .on_stall(Duration::from_millis(10), |stall| {
    ///         eprintln!("{:?} for {} events, the first of {:?}", stall.duration, stall.events, stall.token);
    ///     })
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn on_stall(
        mut self,
        threshold: Duration,
        on_stall: impl Fn(&BusyPeriod) + Send + Sync + 'static,
    ) -> Builder {
        self.on_stall = Some(OnStall::new(threshold, on_stall));
        self
    }

    /// Looks for events for up to `budget` before going to sleep, which shortens the
    /// response at the price of processor time. Zero, the default, sleeps at once.
    ///
    /// It limits itself: a wait that found nothing by looking has the next ones sleep at
    /// once, twice as many each time, up to 63 of 64. On a machine with one processor it
    /// only takes time from the thread that would bring the event. Where looking pays, 50 µs
    /// are a good budget.
    pub fn spin(mut self, budget: Duration) -> Builder {
        self.spin = budget;
        self
    }

    /// Makes the Poll and its registries fail with `Unsupported` in a process that was
    /// forked off, where they would share the kernel's side with the parent. Off by
    /// default.
    ///
    /// Counts forks by libc's fork(2), through pthread_atfork(3).
    pub fn forbid_fork(mut self, forbid: bool) -> Builder {
        self.forbid_fork = forbid;
        self
    }

    /// What the Poll is to do around its waits.
    pub(super) fn instrumentation(self) -> io::Result<Instrumentation> {
        let is_timed = self.timing || self.on_stall.is_some();
        Ok(Instrumentation {
            fork_guard: if self.forbid_fork { Some(ForkGuard::new()?) } else { None },
            spin: Spin::new(self.spin),
            stopwatch: is_timed.then(|| Stopwatch::new(self.on_stall)),
        })
    }
}
