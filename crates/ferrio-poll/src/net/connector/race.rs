//! When to begin to connect to which address; it knows no sockets and no clock.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// The addresses of one peer, of which the first that answers is wanted.
///
/// The next attempt begins once the last one is `delay` old, or any has failed. That is
/// section 5 of RFC 8305, which is known as happy eyeballs.
#[derive(Clone, Debug)]
pub(super) struct Race {
    /// What was not begun yet.
    waiting: VecDeque<SocketAddr>,
    /// How many attempts are under way.
    running: usize,
    delay: Duration,
    /// When the next attempt may begin; `None` at once.
    next_at: Option<Instant>,
    /// When all of it ends.
    deadline: Option<Instant>,
}

/// What is to be done next.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Begin to connect to this address.
    Start(SocketAddr),
    /// Wait for an outcome, or until then.
    Wait(Option<Instant>),
    /// The time is over.
    TimedOut,
    /// All have failed.
    Failed,
}

impl Race {
    /// One of `addresses`, in which the versions of IP take turns.
    pub(super) fn new(addresses: impl IntoIterator<Item = SocketAddr>) -> Race {
        Race { waiting: interleave(addresses), running: 0, delay: DELAY, next_at: None, deadline: None }
    }

    pub(super) fn set_delay(&mut self, delay: Duration) {
        self.delay = delay;
    }

    pub(super) fn set_deadline(&mut self, deadline: Option<Instant>) {
        self.deadline = deadline;
    }

    /// What is to be done at the time `now`. To be asked again after each attempt that was begun,
    /// each outcome, and the time that it says.
    pub(super) fn step(&mut self, now: Instant) -> Step {
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            return Step::TimedOut;
        }
        let is_due = self.next_at.is_none_or(|at| at <= now);
        match self.waiting.pop_front() {
            Some(address) if is_due => {
                self.running += 1;
                self.next_at = now.checked_add(self.delay);
                Step::Start(address)
            }
            Some(address) => {
                self.waiting.push_front(address);
                Step::Wait([self.next_at, self.deadline].into_iter().flatten().min())
            }
            None if self.running == 0 => Step::Failed,
            None => Step::Wait(self.deadline),
        }
    }

    /// An attempt has failed: the next one need not wait.
    pub(super) fn failed(&mut self) {
        self.running -= 1;
        self.next_at = None;
    }
}

/// The addresses in their order, but the versions of IP take turns, the first one's first.
fn interleave(addresses: impl IntoIterator<Item = SocketAddr>) -> VecDeque<SocketAddr> {
    let addresses: Vec<SocketAddr> = addresses.into_iter().collect();
    let is_first = |address: &&SocketAddr| address.is_ipv6() == addresses[0].is_ipv6();
    let mut first = addresses.iter().filter(is_first);
    let mut others = addresses.iter().filter(|address| !is_first(address));
    let mut mixed = VecDeque::with_capacity(addresses.len());
    while mixed.len() < addresses.len() {
        mixed.extend(first.next());
        mixed.extend(others.next());
    }
    mixed
}

/// RFC 8305 recommends it.
const DELAY: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests;
