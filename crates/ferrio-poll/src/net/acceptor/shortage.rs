//! A time in which there is no descriptor or memory for a connection.

use std::time::{Duration, Instant};

/// A shortage that was met by a failed accept, and by others since.
#[derive(Clone, Debug)]
pub(super) struct Shortage {
    since: Instant,
    /// Until when nothing is accepted; `None` if it may be tried.
    until: Option<Instant>,
    /// How long the next pause is.
    next: Duration,
}

impl Shortage {
    pub(super) fn new(now: Instant) -> Shortage {
        Shortage { since: now, until: None, next: FIRST }
    }

    /// Begins a pause; how long it is.
    pub(super) fn pause(&mut self, now: Instant) -> Duration {
        let pause = self.next;
        self.until = now.checked_add(pause);
        self.next = (pause * 2).min(LONGEST);
        pause
    }

    /// Ends the pause, and lets the next one be a short one.
    pub(super) fn end_pause(&mut self) {
        self.until = None;
        self.next = FIRST;
    }

    /// True during a pause.
    pub(super) fn lasts(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| now < until)
    }

    /// How long it has lasted.
    pub(super) fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.since)
    }
}

/// So short that a descriptor that is soon free is soon used.
const FIRST: Duration = Duration::from_millis(10);

/// So long that a shortage costs next to nothing, and short enough to serve all within a second
/// of its end.
const LONGEST: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_half_a_second_and_end() {
        let start = Instant::now();
        let mut shortage = Shortage::new(start);
        let (mut now, mut pauses) = (start, Vec::new());
        for _ in 0..8 {
            assert!(!shortage.lasts(now));
            let pause = shortage.pause(now);
            assert!(shortage.lasts(now) && shortage.lasts(now + pause - Duration::from_nanos(1)));
            now += pause;
            pauses.push(pause.as_millis());
        }
        assert_eq!(pauses, [10, 20, 40, 80, 160, 320, 500, 500]);
        assert_eq!(shortage.age(now), Duration::from_millis(1630));
    }

    #[test]
    fn a_pause_that_is_ended_is_followed_by_a_short_one() {
        let start = Instant::now();
        let mut shortage = Shortage::new(start);
        for _ in 0..5 {
            shortage.pause(start);
        }
        shortage.end_pause();
        assert!(!shortage.lasts(start));
        assert_eq!(shortage.pause(start), FIRST);
    }
}
