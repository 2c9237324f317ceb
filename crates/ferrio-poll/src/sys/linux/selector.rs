//! The backends of Linux behind one name.

use std::io;
use std::os::fd::BorrowedFd;
use std::sync::Arc;
use std::time::Duration;

use crate::capabilities::Capabilities;
use crate::interest::Interest;
use crate::mode::Mode;
use crate::sys::linux::backend::Backend;
use crate::sys::linux::epoll::Epoll;
use crate::sys::linux::event::Event;
use crate::sys::linux::poll2::{self, Poll2};
use crate::sys::linux::selected::Selected;
use crate::token::Token;

/// What a Poll waits with.
#[derive(Debug)]
pub(crate) enum Selector {
    /// The kernel keeps the registrations.
    Epoll(Epoll),
    /// Ferrio keeps them. Shared with the hooks of sockets and pipes.
    Poll2(Arc<Poll2>),
}

/// The memory that one Poll lends to its waits, so that a wait allocates nothing.
pub(crate) type Scratch = poll2::Scratch;

impl Selector {
    pub(crate) fn new(backend: Backend) -> io::Result<Selector> {
        match backend {
            Backend::Epoll => Epoll::new().map(Selector::Epoll),
            Backend::Poll2 => Poll2::new().map(Selector::Poll2),
        }
    }

    pub(crate) fn register(
        &self,
        fd: BorrowedFd<'_>,
        token: Token,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<()> {
        match self {
            Selector::Epoll(epoll) => epoll.register(fd, token, interest, mode),
            Selector::Poll2(poll2) => poll2.register(fd, token, interest, mode),
        }
    }

    pub(crate) fn reregister(
        &self,
        fd: BorrowedFd<'_>,
        token: Token,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<()> {
        match self {
            Selector::Epoll(epoll) => epoll.reregister(fd, token, interest, mode),
            Selector::Poll2(poll2) => poll2.reregister(fd, token, interest, mode),
        }
    }

    pub(crate) fn deregister(&self, fd: BorrowedFd<'_>) -> io::Result<()> {
        match self {
            Selector::Epoll(epoll) => epoll.deregister(fd),
            Selector::Poll2(poll2) => poll2.deregister(fd),
        }
    }

    pub(crate) fn open_wake(&self) -> io::Result<()> {
        match self {
            Selector::Epoll(epoll) => epoll.open_wake(),
            Selector::Poll2(poll2) => poll2.open_wake(),
        }
    }

    pub(crate) fn signal(&self) -> io::Result<()> {
        match self {
            Selector::Epoll(epoll) => epoll.signal(),
            Selector::Poll2(poll2) => poll2.signal(),
        }
    }

    pub(crate) fn select(
        &self,
        scratch: &mut Scratch,
        events: &mut [Event],
        timeout: Option<Duration>,
    ) -> io::Result<Selected> {
        match self {
            Selector::Epoll(epoll) => epoll.select(events, timeout),
            Selector::Poll2(poll2) => poll2.select(scratch, events, timeout),
        }
    }

    pub(crate) fn descriptor(&self) -> BorrowedFd<'_> {
        match self {
            Selector::Epoll(epoll) => epoll.descriptor(),
            Selector::Poll2(poll2) => poll2.descriptor(),
        }
    }

    pub(crate) fn capabilities(&self) -> Capabilities {
        match self {
            Selector::Epoll(epoll) => epoll.capabilities(),
            Selector::Poll2(poll2) => poll2.capabilities(),
        }
    }
}
