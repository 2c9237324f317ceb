//! Single waits: what a loop pays beside its system call.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use rustix::event::{EventfdFlags, eventfd};

use crate::micro::measure;
use crate::options::Options;

/// A timeout that never passes here.
const TIMEOUT: Duration = Duration::from_secs(1);

/// A readiness layer that watches descriptors of others.
pub trait Waits: Sized {
    /// A loop, with a waker that nobody uses or without one.
    fn new(has_waker: bool) -> io::Result<Self>;
    /// Watches a descriptor for reading, by edges.
    fn watch(&mut self, fd: BorrowedFd<'_>) -> io::Result<()>;
    /// Waits, and says how many events there were.
    fn wait(&mut self, timeout: Duration) -> io::Result<usize>;
}

/// Runs the loop that `options` name; false if there is none of that name.
pub fn run<W: Waits>(options: &Options) -> io::Result<bool> {
    match options.job.as_str() {
        "wait_empty" => empty(&mut W::new(false)?, options.rounds)?,
        "wait_waker" => empty(&mut W::new(true)?, options.rounds)?,
        "wait_timeout" => found(&mut W::new(true)?, options.rounds)?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// Looks in vain, without waiting.
fn empty<W: Waits>(waits: &mut W, rounds: u64) -> io::Result<()> {
    measure(rounds, 1, || expect(0, waits.wait(Duration::ZERO)?))
}

/// Waits with a timeout for what is there already. The write that put it there counts
/// for all alike.
fn found<W: Waits>(waits: &mut W, rounds: u64) -> io::Result<()> {
    let counter = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
    waits.watch(counter.as_fd())?;
    measure(rounds, 1, || {
        rustix::io::write(&counter, &1_u64.to_ne_bytes())?;
        expect(1, waits.wait(TIMEOUT)?)
    })
}

fn expect(expected: usize, count: usize) -> io::Result<()> {
    if count == expected {
        return Ok(());
    }
    Err(io::Error::other(format!("{count} events instead of {expected}")))
}
