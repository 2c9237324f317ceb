//! One wait: where the proactor sleeps in place of the backend of its Poll.

use std::io;
use std::time::{Duration, Instant};

use ferrio_poll::park::{Harvest, Park};

use crate::proactor::inner::Inner;

impl Park for Inner {
    fn park(&mut self, harvest: &mut Harvest<'_>, timeout: Option<Duration>) -> io::Result<bool> {
        self.take_letters_first();
        self.core.expire();
        // What is left of the letters waits for the next turn, which comes at once.
        let timeout = if self.has_letters() { Some(Duration::ZERO) } else { self.until_deadline(timeout) };
        let parked = match &mut self.driver {
            Some(driver) => driver.park(&mut self.core, harvest, timeout),
            // Nothing was submitted yet but timeouts and letters.
            None => {
                let is_look = !self.core.finished.is_empty();
                harvest.wait(if is_look { Some(Duration::ZERO) } else { timeout }).map(drop)
            }
        };
        self.take_letters_last();
        self.core.expire();
        let is_over = !self.core.finished.is_empty();
        // What is over need not wait until the error was dealt with.
        if is_over { Ok(true) } else { parked.map(|()| false) }
    }
}

impl Inner {
    /// The timeout, or the time until the first deadline if that is shorter.
    fn until_deadline(&self, timeout: Option<Duration>) -> Option<Duration> {
        let Some(deadline) = self.core.next_deadline() else { return timeout };
        let left = deadline.saturating_duration_since(Instant::now());
        Some(timeout.map_or(left, |timeout| timeout.min(left)))
    }
}
