//! When an alarm is due.

use std::time::{Duration, Instant};

use crate::wheel::TimerKey;

/// When an alarm is due.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Plan {
    /// When it is due next; `None` if it is not, or after all time.
    pub(crate) deadline: Option<Instant>,
    /// From one time to the next. Not zero.
    pub(crate) interval: Option<Duration>,
    /// How much later than due it may come.
    pub(crate) slack: Duration,
    /// Its entry in the wheel.
    pub(crate) key: Option<TimerKey>,
}

impl Plan {
    /// How often it was due until `now`, before which its deadline lies. Moves the deadline
    /// to the first that is after `now`.
    pub(crate) fn advance(&mut self, now: Instant) -> u64 {
        let (Some(first), Some(interval)) = (self.deadline.take(), self.interval) else {
            return 1;
        };
        let (late, interval) = (now.saturating_duration_since(first).as_nanos(), interval.as_nanos());
        let rest = late % interval;
        self.deadline = now.checked_add(nanos(interval - rest));
        u64::try_from(late / interval).map_or(u64::MAX, |missed| missed.saturating_add(1))
    }

    /// The time within its slack that most alarms share, counted from `start`: the one with
    /// the most zeros at its end.
    pub(crate) fn latest(&self, start: Instant) -> Option<Instant> {
        let deadline = self.deadline?;
        if self.slack.is_zero() {
            return Some(deadline);
        }
        let earliest = deadline.saturating_duration_since(start).as_nanos();
        let latest = earliest + self.slack.as_nanos();
        let differing = u128::BITS - (earliest ^ latest).leading_zeros();
        let shared = latest >> (differing - 1) << (differing - 1);
        // What no clock can show is as good as never.
        start.checked_add(nanos(shared))
    }
}

/// A duration of so many nanoseconds, or the longest one.
fn nanos(nanos: u128) -> Duration {
    const SECOND: u128 = 1_000_000_000;
    // The remainder is less than 10^9.
    u64::try_from(nanos / SECOND).map_or(Duration::MAX, |secs| Duration::new(secs, (nanos % SECOND) as u32))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Plan;

    fn plan(deadline: Instant, interval: Duration, slack: Duration) -> Plan {
        Plan { deadline: Some(deadline), interval: Some(interval), slack, ..Plan::default() }
    }

    #[test]
    fn a_plan_counts_what_it_missed_and_goes_on_in_step() {
        let start = Instant::now();
        let second = Duration::from_secs(1);
        let mut plan = plan(start + second, second, Duration::ZERO);
        assert_eq!(plan.advance(start + second), 1);
        assert_eq!(plan.deadline, Some(start + 2 * second));
        // 2, 3, 4 and 5 have come; 6 is next.
        assert_eq!(plan.advance(start + second * 11 / 2), 4);
        assert_eq!(plan.deadline, Some(start + 6 * second));
    }

    #[test]
    fn the_next_time_is_always_after_now() {
        let start = Instant::now();
        let nanosecond = Duration::from_nanos(1);
        let mut plan = plan(start, nanosecond, Duration::ZERO);
        let now = start + Duration::from_secs(60 * 60 * 24 * 365);
        assert_eq!(plan.advance(now), 60 * 60 * 24 * 365 * 1_000_000_000 + 1);
        assert_eq!(plan.deadline, Some(now + nanosecond));
    }

    #[test]
    fn an_interval_beyond_all_clocks_ends_the_plan() {
        let start = Instant::now();
        let mut plan = plan(start, Duration::MAX, Duration::ZERO);
        assert_eq!(plan.advance(start), 1);
        assert_eq!(plan.deadline, None);
    }

    #[test]
    fn slack_moves_deadlines_together_and_never_ahead_or_too_far() {
        let start = Instant::now();
        let slack = Duration::from_millis(8);
        let mut shared = Vec::new();
        for micros in (0..1000).map(|n| 20_000 + n * 7) {
            let deadline = start + Duration::from_micros(micros);
            let latest = plan(deadline, slack, slack).latest(start).unwrap();
            assert!(deadline <= latest && latest <= deadline + slack, "{micros}");
            shared.push(latest);
        }
        shared.dedup();
        // They share multiples of 2^22 ns, 4.2 ms: the largest that a slack of 8 ms never misses.
        assert!(shared.len() <= 3, "{} wakes for a thousand alarms within 7 ms", shared.len());
    }

    #[test]
    fn a_slack_without_end_is_never() {
        let start = Instant::now();
        // The clock of Windows can show times that others cannot.
        let century = start + Duration::from_secs(100 * 365 * 24 * 3600);
        let latest = plan(start, Duration::MAX, Duration::MAX).latest(start);
        assert!(latest.is_none_or(|latest| latest > century), "{latest:?}");
        assert_eq!(plan(start, Duration::MAX, Duration::ZERO).latest(start), Some(start));
    }
}
