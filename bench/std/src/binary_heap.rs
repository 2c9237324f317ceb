//! A heap with the next deadline on top.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;
use std::time::Instant;

use bench_kit::timers::{Expire, Timers};

/// Values by deadline.
pub(crate) struct Heap(BinaryHeap<Reverse<(Instant, u64)>>);

impl Heap {
    pub(crate) fn new(_start: Instant, capacity: usize) -> io::Result<Self> {
        Ok(Self(BinaryHeap::with_capacity(capacity)))
    }
}

impl Timers for Heap {
    /// A timer of a heap cannot be cancelled.
    type Timer = ();

    fn insert(&mut self, deadline: Instant, value: u64) {
        self.0.push(Reverse((deadline, value)));
    }
}

impl Expire for Heap {
    fn expire(&mut self, now: Instant) -> Option<u64> {
        let Reverse((deadline, _)) = self.0.peek()?;
        if *deadline > now {
            return None;
        }
        self.0.pop().map(|Reverse((_, value))| value)
    }
}
