//! Sleeps of tokio, as a task has them: in a place of their own, and polled once.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Waker};
use std::time::Instant;

use bench_kit::options::Options;
use bench_kit::timers::{Cancel, Timers, run_cancel, run_memory};
use tokio::runtime::{Builder, Runtime};
use tokio::task::yield_now;
use tokio::time::{Sleep, sleep_until};

/// The sleeps of a runtime. Their places stay and are used again, for a task has its
/// place anyway.
struct Sleeps<'a> {
    free: Vec<Place>,
    runtime: &'a Runtime,
}

/// Where a sleep may be.
type Place = Pin<Box<Option<Sleep>>>;

/// Runs the loop that `options` name; false if there is none of that name.
pub(crate) fn run(options: &Options) -> io::Result<bool> {
    if !options.job.starts_with("timer_") {
        return Ok(false);
    }
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let _inside = runtime.enter();
    let new = |_start, capacity| {
        let free = (0..capacity).map(|_| Box::pin(None)).collect();
        Ok(Sleeps { free, runtime: &runtime })
    };
    Ok(run_cancel(options, new)? || run_memory(options, new)?)
}

impl Timers for Sleeps<'_> {
    type Timer = Place;

    /// The first poll is what sets the timer.
    fn insert(&mut self, deadline: Instant, _value: u64) -> Place {
        let mut place = self.free.pop().unwrap_or_else(|| Box::pin(None));
        place.set(Some(sleep_until(deadline.into())));
        let sleep = place.as_mut().as_pin_mut().expect("just put in");
        assert!(sleep.poll(&mut Context::from_waker(Waker::noop())).is_pending(), "a deadline has passed");
        place
    }

    /// From then on the driver knows when it wakes up, and needs no call for a later
    /// deadline.
    fn turn(&mut self) {
        self.runtime.block_on(yield_now());
    }
}

impl Cancel for Sleeps<'_> {
    fn cancel(&mut self, mut place: Place) -> bool {
        let was_there = place.as_ref().get_ref().as_ref().is_some_and(|sleep| !sleep.is_elapsed());
        place.set(None);
        self.free.push(place);
        was_there
    }
}
