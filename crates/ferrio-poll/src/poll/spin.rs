//! Looking for events before going to sleep.

use std::io;
use std::time::{Duration, Instant};

use crate::event::Events;

/// Looks for events before the Poll goes to sleep, for as long as that pays.
///
/// A look that finds something saves a sleep and a wake-up, which cost many times as
/// much. One that finds nothing was for nothing; after that the next waits go to sleep
/// at once, twice as many after each failure.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spin {
    /// How long to look; zero for not at all.
    budget: Duration,
    /// How many waits go to sleep at once.
    skip: u32,
    /// How many times in a row nothing was found.
    failures: u32,
}

impl Spin {
    pub(crate) fn new(budget: Duration) -> Spin {
        Spin { budget, skip: 0, failures: 0 }
    }

    /// True if there is a budget.
    pub(crate) fn is_on(&self) -> bool {
        !self.budget.is_zero()
    }

    /// Waits by `poll`, which is given a timeout, and looks first.
    pub(crate) fn poll(
        &mut self,
        events: &mut Events,
        timeout: Option<Duration>,
        mut poll: impl FnMut(Option<Duration>, &mut Events) -> io::Result<()>,
    ) -> io::Result<()> {
        if !self.is_on() || timeout == Some(Duration::ZERO) || !self.is_worth_it() {
            return poll(timeout, events);
        }
        let begin = Instant::now();
        let budget = timeout.map_or(self.budget, |timeout| self.budget.min(timeout));
        loop {
            poll(Some(Duration::ZERO), events)?;
            if !events.is_empty() {
                self.failures = 0;
                return Ok(());
            }
            let elapsed = begin.elapsed();
            if budget <= elapsed {
                self.fail();
                return poll(timeout.map(|timeout| timeout.saturating_sub(elapsed)), events);
            }
        }
    }

    /// True if this wait should look first.
    fn is_worth_it(&mut self) -> bool {
        let is_worth_it = self.skip == 0;
        self.skip = self.skip.saturating_sub(1);
        is_worth_it
    }

    fn fail(&mut self) {
        self.failures = (self.failures + 1).min(FAILURES_MAX);
        self.skip = (1 << self.failures) - 1;
    }
}

/// In the worst case one wait of 64 looks first.
const FAILURES_MAX: u32 = 6;

#[cfg(all(test, not(ferrio_loom)))]
mod tests {
    use super::*;

    /// How many polls each of `count` waits makes that find nothing.
    fn futile(spin: &mut Spin, count: usize) -> Vec<usize> {
        let wait = |_| {
            let mut polls = 0;
            let mut events = Events::with_capacity(1);
            let poll = |_: Option<Duration>, _: &mut Events| {
                polls += 1;
                Ok(())
            };
            spin.poll(&mut events, Some(Duration::from_micros(1)), poll).unwrap();
            polls
        };
        (0..count).map(wait).collect()
    }

    #[test]
    fn a_spin_that_never_finds_anything_becomes_rare() {
        let mut spin = Spin::new(Duration::from_micros(1));
        let polls = futile(&mut spin, 640);
        let spins = polls.iter().filter(|polls| **polls > 1).count();
        // At the waits 0, 2, 6, 14, 30 and 62, and then each 64.
        assert_eq!(spins, 6 + (639 - 62) / 64, "{polls:?}");
    }

    #[test]
    fn a_spin_that_finds_something_is_tried_again() {
        let mut spin = Spin::new(Duration::from_secs(60));
        for looks in [1, 5, 1, 3] {
            let mut polls = 0;
            let mut events = Events::with_capacity(1);
            let poll = |timeout: Option<Duration>, events: &mut Events| {
                assert_eq!(timeout, Some(Duration::ZERO));
                polls += 1;
                if polls == looks {
                    events.push(crate::sys::event::new(crate::token::Token(1), true, false));
                }
                Ok(())
            };
            spin.poll(&mut events, None, poll).unwrap();
            assert_eq!(polls, looks);
        }
    }

    #[test]
    fn what_was_spent_is_taken_from_the_timeout() {
        let mut spin = Spin::new(Duration::from_millis(2));
        let mut last = None;
        let mut events = Events::with_capacity(1);
        let poll = |timeout: Option<Duration>, _: &mut Events| {
            last = timeout;
            Ok(())
        };
        spin.poll(&mut events, Some(Duration::from_secs(1)), poll).unwrap();
        let last = last.unwrap();
        assert!(Duration::ZERO < last && last <= Duration::from_millis(998), "{last:?}");
    }

    #[test]
    fn a_look_stays_a_look() {
        let mut spin = Spin::new(Duration::from_secs(60));
        let mut polls = 0;
        let poll = |_: Option<Duration>, _: &mut Events| {
            polls += 1;
            Ok(())
        };
        spin.poll(&mut Events::with_capacity(1), Some(Duration::ZERO), poll).unwrap();
        assert_eq!(polls, 1);
    }
}
