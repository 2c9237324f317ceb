//! Signals that come after what they announced was found.

use std::time::{Duration, Instant};

/// Whether a signal may still come that ends a wait for nothing.
///
/// A waker announces its signal and then makes it. A poller that is busy just then
/// finds what is queued before the signal, which later ends a wait that has nothing
/// to find. The poller then waits again, for what is left of its timeout; only while
/// such a signal is known to be under way does that cost a look at the clock.
#[derive(Debug, Default)]
pub(crate) struct LateSignal {
    /// Until when it is awaited; `None` if there is none.
    until: Option<Instant>,
}

impl LateSignal {
    /// Takes note of a wait: whether a signal was `announced` to it, and whether one
    /// came.
    #[inline]
    pub(crate) fn note(&mut self, announced: bool, came: bool) {
        match (announced, came) {
            (true, false) => self.until = Instant::now().checked_add(PATIENCE),
            (false, true) => self.until = None,
            // Nothing was under way, or it cannot be told which of two signals came.
            _ => {}
        }
    }

    /// True if a signal may come that ends a wait for nothing.
    #[inline]
    pub(crate) fn is_awaited(&self) -> bool {
        self.until.is_some()
    }

    /// When a wait with `timeout` ends, if a signal may end it for nothing; always
    /// for a Poll that is `embedded`, to which each wake is signalled.
    #[inline]
    pub(crate) fn deadline(&mut self, timeout: Option<Duration>, embedded: bool) -> Option<Instant> {
        if self.until.is_none() && !embedded { None } else { self.deadline_of(timeout?) }
    }

    #[cold]
    fn deadline_of(&mut self, timeout: Duration) -> Option<Instant> {
        if timeout.is_zero() {
            return None;
        }
        let now = Instant::now();
        self.until = self.until.filter(|until| now < *until);
        now.checked_add(timeout)
    }
}

/// How long a signal is awaited. Its waker was interrupted in mid-wake and is back as
/// soon as the scheduler lets it; one that takes longer ends a wait early.
const PATIENCE: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::LateSignal;
    use crate::event::Events;
    use crate::poll::Poll;
    use crate::sys::backend::Backend;
    use crate::token::Token;

    const TIMEOUT: Duration = Duration::from_millis(50);

    /// The timeouts of a first poll: a look, and a wait.
    const FIRST: [Duration; 2] = [Duration::ZERO, Duration::from_secs(30)];

    /// A Poll that found what was queued before its waker signalled, by its first poll,
    /// which had a `first` timeout.
    fn poll_with_late_signal(backend: Backend, first: Duration) -> (Poll, Events, usize) {
        let mut poll = Poll::builder().backend(backend).build().unwrap();
        let mut events = Events::with_capacity(4);
        let slot = poll.registry().shared().open_slot(Token(7)).unwrap();
        // The wake of a thread that stops before it signals.
        poll.registry().shared().queue.wake(slot, || Ok(())).unwrap();
        poll.poll(&mut events, Some(first)).unwrap();
        assert_eq!(events.len(), 1);
        // It goes on.
        poll.registry().shared().signal().unwrap();
        (poll, events, slot)
    }

    #[test]
    fn a_late_signal_does_not_cut_a_wait_short() {
        for backend in Backend::candidates() {
            for first in FIRST {
                let (mut poll, mut events, _slot) = poll_with_late_signal(*backend, first);
                let start = Instant::now();
                poll.poll(&mut events, Some(TIMEOUT)).unwrap();
                assert!(start.elapsed() >= TIMEOUT, "{backend:?}, {first:?}: {:?}", start.elapsed());
                assert!(events.is_empty());
            }
        }
    }

    #[test]
    fn a_late_signal_does_not_hide_a_wake() {
        for backend in Backend::candidates() {
            for first in FIRST {
                let (mut poll, mut events, slot) = poll_with_late_signal(*backend, first);
                poll.registry().shared().wake(slot).unwrap();
                poll.poll(&mut events, Some(Duration::from_secs(30))).unwrap();
                assert_eq!(events.len(), 1, "{backend:?}, {first:?}");
            }
        }
    }

    #[test]
    fn the_clock_is_read_only_while_a_signal_is_awaited() {
        let mut late = LateSignal::default();
        assert_eq!(late.deadline(Some(TIMEOUT), false), None);
        late.note(true, true);
        assert_eq!(late.deadline(Some(TIMEOUT), false), None);
        late.note(true, false);
        assert!(late.deadline(Some(TIMEOUT), false).is_some());
        assert_eq!(late.deadline(Some(Duration::ZERO), false), None);
        assert_eq!(late.deadline(None, false), None);
        late.note(false, true);
        assert_eq!(late.deadline(Some(TIMEOUT), false), None);
    }

    #[test]
    fn an_embedded_poll_always_knows_its_deadline() {
        let mut late = LateSignal::default();
        assert!(late.deadline(Some(TIMEOUT), true).is_some());
        assert_eq!(late.deadline(Some(Duration::MAX), true), None);
    }
}
