//! Numbers that look random, the same in each run.

use std::time::Duration;

/// A state from which the next number comes, by xorshift.
pub(crate) struct Dice(u64);

impl Dice {
    /// One for each `seed`.
    pub(crate) fn new(seed: usize) -> Self {
        Self(0x9e37_79b9_7f4a_7c15 ^ (seed as u64 + 1))
    }

    /// A number below `most`.
    pub(crate) fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % most
    }

    /// Fewer microseconds than `most`.
    pub(crate) fn microseconds(&mut self, most: usize) -> Duration {
        Duration::from_micros(self.below(most) as u64)
    }
}
