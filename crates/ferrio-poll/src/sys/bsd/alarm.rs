//! A descriptor that becomes readable after a time: a kqueue with a timer in it.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use super::kqueue::kevent::{EV_ADD, EV_DELETE, EV_ENABLE, EV_ONESHOT, EV_RECEIPT, Filter, Kevent};
use super::kqueue::queue::{NANOS_PER_TICK, NOTE_TIMER, Queue};

/// A descriptor that becomes readable after a time, and stays so until it is set anew.
///
/// It is a kqueue of its own, which one can nest in any other, and not a filter in that of a
/// Poll: an event of this filter is gone with the wait that takes it, and then neither a level
/// nor a registration anew could find it.
#[derive(Debug)]
pub(super) struct Alarm(Queue);

impl Alarm {
    pub(super) fn new() -> io::Result<Alarm> {
        Queue::new().map(Alarm)
    }

    /// Lets it go off after `delay`, or after [`SLEEP_MAX`] if that is shorter: no kernel's timer
    /// follows a clock that is set, or counts a suspend, so that the clock is looked at then.
    pub(super) fn set(&self, delay: Duration) -> io::Result<()> {
        self.clear()?;
        let ticks = delay.min(SLEEP_MAX).as_nanos().div_ceil(NANOS_PER_TICK).max(1) as i64;
        let timer = Kevent::new(TIMER, Filter::Timer, EV_ADD | EV_ENABLE | EV_ONESHOT | EV_RECEIPT);
        self.change(Kevent { fflags: NOTE_TIMER, data: ticks, ..timer })
    }

    /// Stops it, also if it has gone off.
    pub(super) fn clear(&self) -> io::Result<()> {
        match self.change(Kevent::new(TIMER, Filter::Timer, EV_DELETE | EV_RECEIPT)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            result => result,
        }
    }

    fn change(&self, change: Kevent) -> io::Result<()> {
        let mut changes = [change];
        self.0.change(&mut changes)?;
        match changes[0].error() {
            0 => Ok(()),
            code => Err(io::Error::from_raw_os_error(code)),
        }
    }
}

impl AsFd for Alarm {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.descriptor()
    }
}

/// The identifier of the only timer.
const TIMER: usize = 1;

/// How long a clock may change without being looked at.
const SLEEP_MAX: Duration = Duration::from_secs(1);
