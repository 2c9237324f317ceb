//! Instants as counts of ticks.

use std::time::{Duration, Instant};

/// A tick is 2^16 ns, 65.5 µs: about as exact as the sleep of a thread is by default,
/// and so coarse that 48 bits count the ticks of 584 years.
const TICK_SHIFT: u32 = 16;

/// The last tick, and the one which never comes: what lies beyond waits here.
pub(super) const NEVER: u64 = u64::MAX >> TICK_SHIFT;

/// The clock of a wheel: counts ticks from its start.
#[derive(Copy, Clone, Debug)]
pub(super) struct Ticks {
    start: Instant,
}

impl Ticks {
    pub(super) fn new(start: Instant) -> Ticks {
        Ticks { start }
    }

    /// The first tick that is not before `deadline`.
    #[inline]
    pub(super) fn at_or_after(self, deadline: Instant) -> u64 {
        match self.nanos(deadline) {
            Some(nanos) => nanos.div_ceil(1 << TICK_SHIFT).min(NEVER),
            None => NEVER,
        }
    }

    /// The last tick that is not after `now`, short of the one that never comes.
    #[inline]
    pub(super) fn at_or_before(self, now: Instant) -> u64 {
        match self.nanos(now) {
            Some(nanos) => (nanos >> TICK_SHIFT).min(NEVER - 1),
            None => NEVER - 1,
        }
    }

    /// When `tick` comes; `None` if it never does, or if no `Instant` can say it.
    #[inline]
    pub(super) fn instant(self, tick: u64) -> Option<Instant> {
        if tick >= NEVER {
            return None;
        }
        self.start.checked_add(Duration::from_nanos(tick << TICK_SHIFT))
    }

    /// Nanoseconds since the start, 0 before it; `None` if 64 bits are too few.
    #[inline]
    fn nanos(self, instant: Instant) -> Option<u64> {
        u64::try_from(instant.saturating_duration_since(self.start).as_nanos()).ok()
    }
}
