//! The end of a phase: by count, by time, and at the latest when nothing moves.

use std::io;
use std::time::{Duration, Instant};

/// How long nothing may move before a server counts as hung.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// How long clients that talk in step wait between their rounds, so that the server
/// has looked for more and found nothing.
pub(crate) const PAUSE: Duration = Duration::from_millis(2);

/// When a phase starts nothing new.
#[derive(Debug)]
pub(crate) struct Limit {
    left: u64,
    end: Instant,
}

impl Limit {
    /// `requests` in `time`, whichever is used up first.
    pub(crate) fn new(requests: u64, time: Duration) -> Self {
        Self { left: requests, end: Instant::now() + time }
    }

    /// Takes one request out; false if there is none left.
    pub(crate) fn take(&mut self, now: Instant) -> bool {
        if self.left == 0 || now >= self.end {
            return false;
        }
        self.left -= 1;
        true
    }
}

/// The error of a server that does not answer.
pub(crate) fn hung(missing: u64) -> io::Error {
    let seconds = PATIENCE.as_secs();
    io::Error::other(format!("{missing} messages are missing and nothing came for {seconds} s"))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Limit;

    #[test]
    fn count_and_time_end_a_phase() {
        let now = Instant::now();
        let mut limit = Limit::new(2, Duration::from_secs(3600));
        assert_eq!([limit.take(now), limit.take(now), limit.take(now)], [true, true, false]);
        let mut limit = Limit::new(2, Duration::ZERO);
        assert!(!limit.take(Instant::now()));
    }
}
