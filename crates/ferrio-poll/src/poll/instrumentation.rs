//! What a Poll can be built to do around its waits.

use std::io;
use std::time::Duration;

use crate::event::Events;
use crate::poll::spin::Spin;
use crate::poll::stopwatch::Stopwatch;
use crate::poll::timing::Timing;
use crate::registry::fork_guard::ForkGuard;

/// What a Poll can be built to do around its waits. A Poll that was built without any of
/// it pays nothing.
#[derive(Debug, Default)]
pub(crate) struct Instrumentation {
    /// Refuses to wait after a fork.
    pub(crate) fork_guard: Option<ForkGuard>,
    /// Looks before it sleeps.
    pub(crate) spin: Spin,
    /// Measures what the loop does with its time.
    pub(crate) stopwatch: Option<Stopwatch>,
}

impl Instrumentation {
    /// True if there is anything to do.
    pub(crate) fn is_needed(&self) -> bool {
        self.fork_guard.is_some() || self.spin.is_on() || self.stopwatch.is_some()
    }

    /// What the stopwatch has measured, if there is one.
    pub(crate) fn timing(&self) -> Option<&Timing> {
        Some(&self.stopwatch.as_ref()?.timing)
    }

    /// Does what there is to do before a wait.
    pub(crate) fn begin_wait(&mut self) -> io::Result<()> {
        if let Some(guard) = &self.fork_guard {
            guard.check()?;
        }
        if let Some(stopwatch) = &mut self.stopwatch {
            stopwatch.begin_wait();
        }
        Ok(())
    }

    /// Does what there is to do after a wait with `timeout`, which has ended with `events`.
    pub(crate) fn end_wait(&mut self, events: &Events, timeout: Option<Duration>) {
        if let Some(stopwatch) = &mut self.stopwatch {
            stopwatch.end_wait(events, timeout == Some(Duration::ZERO));
        }
    }
}
