//! Times from sending a message to its last byte.

use std::time::Duration;

/// The most times that are kept.
const KEPT: usize = 1 << 20;

/// The times of a phase.
#[derive(Debug, Default)]
pub(crate) struct Latencies {
    nanoseconds: Vec<u64>,
}

impl Latencies {
    /// Notes a time.
    pub(crate) fn note(&mut self, time: Duration) {
        if self.nanoseconds.len() < KEPT {
            self.nanoseconds.push(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
        }
    }

    /// The times that 50 and 99 of a hundred do not exceed.
    pub(crate) fn percentiles(mut self) -> Option<(u64, u64)> {
        self.nanoseconds.sort_unstable();
        let count = self.nanoseconds.len();
        let rank = |percent: usize| self.nanoseconds.get((count * percent).div_ceil(100).max(1) - 1).copied();
        Some((rank(50)?, rank(99)?))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Latencies;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let mut latencies = Latencies::default();
        assert_eq!(Latencies::default().percentiles(), None);
        (1..=200).rev().for_each(|time| latencies.note(Duration::from_nanos(time)));
        assert_eq!(latencies.percentiles(), Some((100, 198)));
        let mut one = Latencies::default();
        one.note(Duration::from_nanos(5));
        assert_eq!(one.percentiles(), Some((5, 5)));
    }
}
