//! Wakers are made, cloned, woken and dropped by several threads. After each wake there is
//! an event of its token.

use std::io;
use std::time::Duration;

use crate::setup::Setup;
use crate::storm;

pub(crate) fn run(setup: &Setup) -> io::Result<String> {
    storm::run(setup, &mut setup.poll()?, |poll, events, dice| {
        let timeout = match dice.below(8) {
            0 => Some(Duration::ZERO),
            1 => Some(Duration::from_millis(100)),
            _ => None,
        };
        poll.wait(events, timeout).map(drop)
    })
}
