//! The wheel.

use std::io;
use std::time::Instant;

use bench_kit::options::Options;
use bench_kit::timers::{Cancel, Expire, Timers, run_cancel, run_expire, run_memory};
use ferrio_poll::time::{TimerKey, Wheel};

/// A wheel of numbers.
struct Numbers(Wheel<u64>);

/// Runs the loop that `options` name; false if there is none of that name.
pub(crate) fn run(options: &Options) -> io::Result<bool> {
    let new = |start, capacity| Ok(Numbers(Wheel::with_capacity(start, capacity)));
    Ok(run_cancel(options, new)? || run_expire(options, new)? || run_memory(options, new)?)
}

impl Timers for Numbers {
    type Timer = TimerKey;

    fn insert(&mut self, deadline: Instant, value: u64) -> TimerKey {
        self.0.insert(deadline, value)
    }
}

impl Cancel for Numbers {
    fn cancel(&mut self, timer: TimerKey) -> bool {
        self.0.remove(timer).is_some()
    }
}

impl Expire for Numbers {
    fn expire(&mut self, now: Instant) -> Option<u64> {
        self.0.expire(now).map(|(_, value)| value)
    }
}
