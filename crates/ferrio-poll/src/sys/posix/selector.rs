//! poll(2) behind the name by which other systems choose.

use std::io;
use std::os::fd::BorrowedFd;
use std::sync::Arc;
use std::time::Duration;

use super::CANDIDATES;
use crate::error::{self, kernel};
use crate::interest::Interest;
use crate::mode::Mode;
use crate::sys::backend::Backend;
use crate::sys::capabilities::Capabilities;
use crate::sys::selected::Selected;
use crate::sys::unix::busy_poll::BusyPoll;
use crate::sys::unix::epoll_flags::EpollFlags;
use crate::sys::unix::event::Event;
use crate::sys::unix::handle::{Handle, Place};
use crate::sys::unix::poll2::Poll2;
pub(crate) use crate::sys::unix::poll2::Scratch;
use crate::token::Token;

/// What a Poll waits with. Shared with the hooks of sockets and pipes.
#[derive(Debug)]
pub(crate) struct Selector(Arc<Poll2>);

impl Selector {
    pub(crate) fn new(backend: Backend) -> io::Result<Selector> {
        match backend {
            Backend::Poll2 => Poll2::new().map(Selector),
            other => Err(error::backend_unavailable(other, CANDIDATES)),
        }
    }

    pub(crate) fn register(
        &self,
        handle: Handle<'_>,
        _place: &mut Place,
        token: Token,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<()> {
        self.0.register(handle, token, interest, mode)
    }

    pub(crate) fn reregister(
        &self,
        handle: Handle<'_>,
        _place: &mut Place,
        token: Token,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<()> {
        self.0.reregister(handle, token, interest, mode)
    }

    pub(crate) fn deregister(&self, handle: Handle<'_>, _place: &mut Place) -> io::Result<()> {
        self.0.deregister(handle)
    }

    pub(crate) fn signal(&self) -> io::Result<()> {
        self.0.signal()
    }

    pub(crate) fn wait(
        &self,
        scratch: &mut Scratch,
        events: &mut [Event],
        timeout: Option<Duration>,
    ) -> io::Result<Selected> {
        self.0.wait(scratch, events, timeout)
    }

    pub(crate) fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }
}

/// What a Unix has beyond the contract of all systems.
impl Selector {
    pub(crate) fn register_flags(&self, _: BorrowedFd<'_>, _: Token, _: EpollFlags) -> io::Result<()> {
        Err(kernel::only_epoll("raw event flags"))
    }

    pub(crate) fn reregister_flags(&self, _: BorrowedFd<'_>, _: Token, _: EpollFlags) -> io::Result<()> {
        Err(kernel::only_epoll("raw event flags"))
    }

    pub(crate) fn set_busy_poll(&self, _: BusyPoll) -> io::Result<()> {
        Err(kernel::only_epoll("busy polling"))
    }

    pub(crate) fn busy_poll(&self) -> io::Result<BusyPoll> {
        Err(kernel::only_epoll("busy polling"))
    }

    /// The kqueue: there is none.
    pub(crate) fn kqueue(&self) -> io::Result<BorrowedFd<'_>> {
        Err(kernel::only_kqueue())
    }

    /// What becomes readable when the selector is woken.
    pub(crate) fn descriptor(&self) -> BorrowedFd<'_> {
        self.0.descriptor()
    }

    /// None: it takes the signal of a stranger for news of its own table.
    pub(crate) fn wake_descriptor(&self) -> Option<BorrowedFd<'_>> {
        None
    }
}
