//! What a Poll can be built to do beside waiting.

use std::io;
use std::time::Duration;

use crate::event::Events;
use crate::fork_guard::ForkGuard;
use crate::spin::Spin;
use crate::timing::Stopwatch;

/// What a Poll can be built to do beside waiting. A Poll without any of it has none of
/// this, and pays nothing for it.
#[derive(Debug, Default)]
pub(crate) struct Extras {
    /// Refuses to wait after a fork.
    pub(crate) fork_guard: Option<ForkGuard>,
    /// Looks before it sleeps.
    pub(crate) spin: Option<Spin>,
    /// Measures what the loop does with its time.
    pub(crate) stopwatch: Option<Stopwatch>,
}

impl Extras {
    /// True if there is anything to do.
    pub(crate) fn is_needed(&self) -> bool {
        self.fork_guard.is_some() || self.spin.is_some() || self.stopwatch.is_some()
    }

    /// Does what there is to do around `poll`, which waits.
    pub(crate) fn poll(
        &mut self,
        events: &mut Events,
        timeout: Option<Duration>,
        mut poll: impl FnMut(Option<Duration>, &mut Events) -> io::Result<()>,
    ) -> io::Result<()> {
        if let Some(guard) = &self.fork_guard {
            guard.check()?;
        }
        if let Some(stopwatch) = &mut self.stopwatch {
            stopwatch.begin_wait();
        }
        let result = match &mut self.spin {
            Some(spin) => spin.poll(events, timeout, poll),
            None => poll(timeout, events),
        };
        if let Some(stopwatch) = &mut self.stopwatch {
            stopwatch.end_wait(events, timeout == Some(Duration::ZERO));
        }
        result
    }
}
