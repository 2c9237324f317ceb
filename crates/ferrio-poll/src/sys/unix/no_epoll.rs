//! What a Unix answers that lacks what only Linux has of epoll(7).

use std::io;
use std::os::fd::BorrowedFd;

use crate::error::kernel;
use crate::sys::selector::Selector;
use crate::sys::unix::busy_poll::BusyPoll;
use crate::sys::unix::epoll_flags::EpollFlags;
use crate::token::Token;

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
}
