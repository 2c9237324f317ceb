//! Cores and limits of the process.

use std::io;
use std::thread;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::thread::{CpuSet, sched_setaffinity};

/// Descriptors for other things than connections.
const RESERVE: usize = 64;

/// Binds the calling thread, and those that it starts, to `core`.
pub fn pin(core: usize) -> io::Result<()> {
    if core >= CpuSet::MAX_CPU {
        return Err(io::Error::other(format!("there is no core {core}")));
    }
    let mut cores = CpuSet::new();
    cores.set(core);
    Ok(sched_setaffinity(None, &cores)?)
}

/// Sleeps, if there is something to sleep for.
pub fn pause(time: Duration) {
    if !time.is_zero() {
        thread::sleep(time);
    }
}

/// The most of `wanted` things that the limit of descriptors has room for, each with
/// `each` descriptors. Less is said on stderr, in a line that begins with `note: `.
pub fn within_descriptor_limit(wanted: usize, each: usize) -> io::Result<usize> {
    let limit = usize::try_from(raise_descriptor_limit()?).unwrap_or(usize::MAX);
    let room = (limit.saturating_sub(RESERVE) / each).max(1);
    if room < wanted {
        eprintln!("note: {room} connections instead of {wanted}, for the hard limit of {limit} descriptors");
    }
    Ok(room.min(wanted))
}

/// Raises the soft limit of descriptors to the hard one and returns it.
pub fn raise_descriptor_limit() -> io::Result<u64> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })?;
    Ok(maximum.unwrap_or(u64::MAX))
}
