//! What only Linux has of epoll(7): all flags of a registration, and busy polling.

use std::io;
use std::os::fd::BorrowedFd;

use super::{epoll_params, raw_flags};
use crate::error::kernel;
use crate::sys::epoll::selector::Selector;
use crate::sys::unix::busy_poll::BusyPoll;
use crate::sys::unix::epoll_flags::EpollFlags;
use crate::token::Token;

impl Selector {
    /// Registers with the flags of epoll_ctl(2).
    pub(crate) fn register_flags(
        &self,
        fd: BorrowedFd<'_>,
        token: Token,
        flags: EpollFlags,
    ) -> io::Result<()> {
        match self {
            Selector::Epoll(epoll) => raw_flags::apply(flags, |bits| epoll.register_flags(fd, token, bits)),
            Selector::Poll2(_) => Err(kernel::only_epoll("raw event flags")),
        }
    }

    pub(crate) fn reregister_flags(
        &self,
        fd: BorrowedFd<'_>,
        token: Token,
        flags: EpollFlags,
    ) -> io::Result<()> {
        match self {
            Selector::Epoll(epoll) => raw_flags::apply(flags, |bits| epoll.reregister_flags(fd, token, bits)),
            Selector::Poll2(_) => Err(kernel::only_epoll("raw event flags")),
        }
    }

    pub(crate) fn set_busy_poll(&self, parameters: BusyPoll) -> io::Result<()> {
        match self {
            Selector::Epoll(epoll) => epoll_params::set(epoll.descriptor(), parameters),
            Selector::Poll2(_) => Err(kernel::only_epoll("busy polling")),
        }
    }

    pub(crate) fn busy_poll(&self) -> io::Result<BusyPoll> {
        match self {
            Selector::Epoll(epoll) => epoll_params::get(epoll.descriptor()),
            Selector::Poll2(_) => Err(kernel::only_epoll("busy polling")),
        }
    }
}
