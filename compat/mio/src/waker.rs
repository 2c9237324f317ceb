//! A waker as mio has it.

use std::io;

use crate::{Registry, Token};

/// Wakes a [`Poll`](crate::Poll) from any thread.
///
/// A Poll has one waker; a second one panics in debug builds, as it does in mio.
/// ferrio-poll's `Waker` allows any number.
#[derive(Debug)]
pub struct Waker {
    inner: ferrio_poll::Waker,
}

impl Waker {
    /// The waker of the Poll behind `registry`, whose events carry `token`.
    ///
    /// # Errors
    ///
    /// What the system says if the wake descriptor cannot be made.
    ///
    /// # Panics
    ///
    /// In debug builds, if the Poll had a waker before.
    pub fn new(registry: &Registry, token: Token) -> io::Result<Waker> {
        if cfg!(debug_assertions) {
            // mio's words: programs test for them.
            assert!(registry.claim_only_waker(), "Only a single `Waker` can be active per `Poll` instance");
        }
        ferrio_poll::Waker::new(registry, token).map(|inner| Waker { inner })
    }

    /// Wakes the Poll.
    ///
    /// # Errors
    ///
    /// None are known.
    pub fn wake(&self) -> io::Result<()> {
        self.inner.wake()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Poll;

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic = "Only a single `Waker` can be active per `Poll` instance"]
    fn a_second_waker_panics() {
        let poll = Poll::new().unwrap();
        let _first = Waker::new(poll.registry(), Token(0)).unwrap();
        let _second = Waker::new(poll.registry(), Token(1));
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic = "Only a single `Waker` can be active per `Poll` instance"]
    fn a_second_waker_of_a_cloned_registry_panics() {
        let poll = Poll::new().unwrap();
        let clone = poll.registry().try_clone().unwrap();
        let _first = Waker::new(poll.registry(), Token(0)).unwrap();
        let _second = Waker::new(&clone, Token(1));
    }

    #[test]
    #[cfg(not(debug_assertions))]
    fn a_second_waker_is_allowed_in_release_builds() {
        let poll = Poll::new().unwrap();
        let _first = Waker::new(poll.registry(), Token(0)).unwrap();
        Waker::new(poll.registry(), Token(1)).unwrap().wake().unwrap();
    }
}
