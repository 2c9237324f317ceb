//! A Poll inside another event loop, which sleeps in poll(2) on its descriptor while several
//! threads wake it.

use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll as outer_poll};

use crate::setup::{PATIENCE, Setup};
use crate::storm;

pub(crate) fn run(setup: &Setup) -> io::Result<String> {
    // A wake that the descriptor does not show is answered after this, which is too late.
    let timeout = Timespec::try_from(PATIENCE * 2).map_err(io::Error::other)?;
    let mut poll = setup.poll()?;
    // Asked for once, as a loop does.
    let outer = poll.as_fd().try_clone_to_owned()?;
    storm::run(setup, &mut poll, |poll, events, _| {
        outer_poll(&mut [PollFd::new(&outer, PollFlags::IN)], Some(&timeout))?;
        poll.wait(events, Some(Duration::ZERO)).map(drop)
    })
}
