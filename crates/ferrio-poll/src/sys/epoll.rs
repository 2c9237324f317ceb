//! Readiness by `epoll(7)`, for Linux and for illumos, which has it too.
//!
//! The kernel keeps the registrations, so there is nothing to lock and nothing to
//! look up. See the contract in [`sys`](crate::sys).

pub(crate) mod event;
pub(crate) mod selector;

mod flags;
mod timeout;
mod wake;

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};

use crate::interest::Interest;
use crate::mode::Mode;
use crate::sys::backend::Backend;
use crate::sys::capabilities::{Capabilities, Support};
use crate::sys::epoll::event::Event;
use crate::sys::epoll::wake::Wake;
use crate::sys::selected::Selected;
use crate::sys::unix::refusal;
use crate::token::Token;

/// The backends of these systems, the best first.
pub(crate) const CANDIDATES: &[Backend] =
    if FORCE_POLL { &[Backend::Poll2] } else { &[Backend::Epoll, Backend::Poll2] };

/// True if the build allows poll(2) only.
const FORCE_POLL: bool = cfg!(any(ferrio_force_poll, mio_unsupported_force_poll_poll));

/// True for the epoll of illumos, which stands on its /dev/poll: it lacks the wait with
/// nanoseconds and some flags, and some of its edges begin at emptiness only.
const IS_EMULATED: bool = cfg!(target_os = "illumos");

/// What the emulation lacks.
const IN_FULL: Support = if IS_EMULATED { Support::Absent } else { Support::Native };

/// An epoll instance.
#[derive(Debug)]
pub(crate) struct Epoll {
    /// Owns the kernel object; registrations die with it.
    epoll: OwnedFd,
    /// What ends a wait. In a box, for its address is in use as a mark.
    wake: Box<Wake>,
}

impl Epoll {
    pub(super) fn new() -> io::Result<Epoll> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        let wake = Wake::new(epoll.as_fd())?;
        Ok(Epoll { epoll, wake })
    }

    pub(super) fn register(
        &self,
        fd: BorrowedFd<'_>,
        token: Token,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<()> {
        let flags = flags::epoll(interest)? | mode_flags(mode);
        self.register_flags(fd, token, flags.bits())
    }

    /// Registers with these very flags.
    pub(super) fn register_flags(&self, fd: BorrowedFd<'_>, token: Token, flags: u32) -> io::Result<()> {
        self.wake.avoid(token, self.epoll.as_fd())?;
        let flags = EventFlags::from_bits_retain(flags);
        epoll::add(&self.epoll, fd, data(token), flags).map_err(refusal::of)
    }

    pub(super) fn reregister(
        &self,
        fd: BorrowedFd<'_>,
        token: Token,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<()> {
        let flags = flags::epoll(interest)? | mode_flags(mode);
        self.reregister_flags(fd, token, flags.bits())
    }

    pub(super) fn reregister_flags(&self, fd: BorrowedFd<'_>, token: Token, flags: u32) -> io::Result<()> {
        self.wake.avoid(token, self.epoll.as_fd())?;
        let flags = EventFlags::from_bits_retain(flags);
        epoll::modify(&self.epoll, fd, data(token), flags).map_err(flags::change_refusal)
    }

    pub(super) fn deregister(&self, fd: BorrowedFd<'_>) -> io::Result<()> {
        epoll::delete(&self.epoll, fd).map_err(refusal::of)
    }

    pub(super) fn signal(&self) -> io::Result<()> {
        self.wake.signal()
    }

    #[inline(always)]
    pub(super) fn wait(&self, events: &mut [Event], timeout: Option<Duration>) -> io::Result<Selected> {
        let count = timeout::wait(self.epoll.as_fd(), events, timeout)?;
        if self.wake.is_among(&events[..count]) {
            return Ok(self.take_wake(events, count));
        }
        Ok(Selected { count, woken: false })
    }

    /// Takes the event of the wake descriptor, which is among the first `count`, out of them.
    #[inline(never)]
    fn take_wake(&self, events: &mut [Event], count: usize) -> Selected {
        let mut count = self.wake.take(events, count);
        if events.len() == 1 {
            // It took the only place, and a source that is ready comes now. A look that does
            // not wait fails in no way that matters. With more room the next wait finds what
            // is left: to look again now would report a level twice.
            count = timeout::wait(self.epoll.as_fd(), events, Some(Duration::ZERO)).unwrap_or(0);
            count = self.wake.take(events, count);
        }
        Selected { count, woken: true }
    }

    pub(super) fn descriptor(&self) -> BorrowedFd<'_> {
        self.epoll.as_fd()
    }

    pub(super) fn wake_descriptor(&self) -> Option<BorrowedFd<'_>> {
        self.wake.eventfd()
    }

    pub(super) fn capabilities(&self) -> Capabilities {
        Capabilities {
            edge: Support::Native,
            level: Support::Native,
            oneshot: Support::Native,
            hangup: Support::Native,
            priority: Support::Native,
            aio: Support::Absent,
            lio: Support::Absent,
            raw_flags: IN_FULL,
            busy_poll: IN_FULL,
            nanosecond_timeout: timeout::NANOSECONDS,
            short_read_drains: true,
            raw_descriptors_rearm: true,
            embeddable: true,
            refuses_second: true,
            // It was not tried there.
            refuses_files: !IS_EMULATED,
        }
    }
}

fn data(token: Token) -> EventData {
    EventData::new_u64(token.0 as u64)
}

fn mode_flags(mode: Mode) -> EventFlags {
    match mode {
        Mode::Edge => EventFlags::ET,
        Mode::Level => EventFlags::empty(),
        Mode::Oneshot => EventFlags::ET | EventFlags::ONESHOT,
    }
}

#[cfg(all(test, not(ferrio_loom)))]
mod tests;
