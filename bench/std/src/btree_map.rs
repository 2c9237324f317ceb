//! The structure of async-io: a map from deadlines to wakers, with a number to tell
//! equal deadlines apart. async-io itself has a lock and a queue before it.

use std::collections::BTreeMap;
use std::io;
use std::task::Waker;
use std::time::Instant;

use bench_kit::timers::{Cancel, Timers};

/// Wakers by deadline.
pub(crate) struct Map {
    timers: BTreeMap<(Instant, usize), Waker>,
    /// The number of the next timer.
    next: usize,
}

impl Map {
    pub(crate) fn new(_start: Instant, _capacity: usize) -> io::Result<Self> {
        Ok(Self { timers: BTreeMap::new(), next: 0 })
    }
}

impl Timers for Map {
    type Timer = (Instant, usize);

    fn insert(&mut self, deadline: Instant, _value: u64) -> Self::Timer {
        let key = (deadline, self.next);
        self.next += 1;
        self.timers.insert(key, Waker::noop().clone());
        key
    }
}

impl Cancel for Map {
    fn cancel(&mut self, timer: Self::Timer) -> bool {
        self.timers.remove(&timer).is_some()
    }
}
