//! A timer that ticks beside the work, and its account.

use std::io;
use std::time::{Duration, Instant};

use ferrio_poll::time::Timer;
use ferrio_poll::{Interest, Registry, Token};

/// How late a timer may be in a loop that does not lag: much more than Ferrio promises.
pub(crate) const MARGIN: Duration = Duration::from_millis(1);

/// A timer that ticks.
pub(crate) struct Beat {
    timer: Timer,
    start: Instant,
    interval: Duration,
    /// Ticks that came.
    pub(crate) ticks: u64,
    /// Those that came before their time.
    pub(crate) early: u64,
    /// Events without a tick.
    pub(crate) empty: u64,
}

impl Beat {
    /// Ticks each `interval` from now on.
    pub(crate) fn start(registry: &Registry, token: Token, interval: Duration) -> io::Result<Self> {
        let (mut timer, start) = (Timer::new(), Instant::now());
        registry.register(&mut timer, token, Interest::READABLE)?;
        timer.set_every_from(start + interval, interval)?;
        Ok(Self { timer, start, interval, ticks: 0, early: 0, empty: 0 })
    }

    /// Takes the ticks of an event that was reported at `now`.
    pub(crate) fn take(&mut self, now: Instant) {
        let new = self.timer.take();
        self.ticks += new;
        self.empty += u64::from(new == 0);
        let count = u32::try_from(self.ticks).unwrap_or(u32::MAX);
        self.early += u64::from(now < self.start + self.interval.saturating_mul(count));
    }

    /// Stops; returns how many ticks were due long enough before `now`.
    pub(crate) fn stop(&mut self, now: Instant) -> u64 {
        self.timer.cancel();
        let by = now.saturating_duration_since(self.start + MARGIN);
        (by.as_nanos() / self.interval.as_nanos()) as u64
    }
}
