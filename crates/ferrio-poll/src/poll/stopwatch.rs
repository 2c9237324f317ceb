//! The clock beside the waits of a Poll.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::event::Events;
use crate::poll::timing::{BusyPeriod, Timing};
use crate::token::Token;

/// Reads the clock before and after each wait.
#[derive(Debug)]
pub(crate) struct Stopwatch {
    pub(crate) timing: Timing,
    /// What to call after a long busy period.
    on_stall: Option<OnStall>,
    /// When the last wait began or ended; `None` before the first.
    last: Option<Instant>,
    /// The first token of the last batch, and its length.
    batch: (Option<Token>, usize),
}

/// What to call after a busy period that was too long.
pub(crate) struct OnStall {
    threshold: Duration,
    /// If it panics, nothing of the Poll is left half-done.
    call: AssertUnwindSafe<Arc<Call>>,
}

type Call = dyn Fn(&BusyPeriod) + Send + Sync;

impl OnStall {
    pub(crate) fn new(threshold: Duration, call: impl Fn(&BusyPeriod) + Send + Sync + 'static) -> OnStall {
        OnStall { threshold, call: AssertUnwindSafe(Arc::new(call)) }
    }
}

impl Stopwatch {
    pub(crate) fn new(on_stall: Option<OnStall>) -> Stopwatch {
        Stopwatch { timing: Timing::new(), on_stall, last: None, batch: (None, 0) }
    }

    /// The loop comes back to wait.
    pub(crate) fn begin_wait(&mut self) {
        let now = Instant::now();
        // What comes before the first wait is not the loop's.
        let Some(last) = self.last.replace(now) else {
            return;
        };
        let (token, events) = self.batch;
        let period = BusyPeriod { duration: now.saturating_duration_since(last), token, events };
        self.timing.add(period);
        if let Some(stall) = self.on_stall.as_ref().filter(|stall| stall.threshold <= period.duration) {
            (stall.call)(&period);
        }
    }

    /// The wait has ended with `events`. If it only looked (`is_look`), the clock is not read
    /// again.
    pub(crate) fn end_wait(&mut self, events: &Events, is_look: bool) {
        if !is_look {
            let now = Instant::now();
            if let Some(last) = self.last {
                self.timing.idle += now.saturating_duration_since(last);
            }
            self.last = Some(now);
        }
        self.batch = (events.iter().next().map(crate::event::Event::token), events.len());
    }
}

impl Clone for OnStall {
    fn clone(&self) -> OnStall {
        OnStall { threshold: self.threshold, call: AssertUnwindSafe(Arc::clone(&self.call)) }
    }
}

impl fmt::Debug for OnStall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnStall").field("threshold", &self.threshold).finish_non_exhaustive()
    }
}
