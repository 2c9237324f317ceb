//! What a Poll has done so far.

/// What a [`Poll`](crate::Poll) has done since it was made.
///
/// The counters are always on: they cost a plain addition per poll and an atomic
/// one per wake, and no system call.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use std::time::Duration;
/// use ferrio::{Events, Poll};
///
/// let mut poll = Poll::new()?;
/// let mut events = Events::with_capacity(8);
/// poll.poll(&mut events, Some(Duration::ZERO))?;
/// assert_eq!(poll.stats().polls, 1);
/// # Ok(())
/// # }
/// ```
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// How often `poll`, `wait` or `poll_until` waited for events. A wait that is resumed after
    /// a signal counts again, and so does each look of a Poll that spins.
    pub polls: u64,
    /// How many events were delivered.
    pub events: u64,
    /// How often a [`Waker`](crate::Waker) was asked to wake this Poll. User sources,
    /// channels and timers do not count, here and below.
    pub wakes: u64,
    /// How many of those wakes needed a system call: the others found the Poll
    /// awake, or already told.
    pub wake_syscalls: u64,
}
