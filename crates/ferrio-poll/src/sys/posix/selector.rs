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
use crate::sys::unix::event::Event;
use crate::sys::unix::handle::{Handle, Place};
use crate::sys::unix::poll2::Poll2;
pub(crate) use crate::sys::unix::poll2::Scratch;
use crate::sys::unix::poll2::beside::Beside;
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

/// What a Unix has beyond the contract of all systems. The rest stands in `unix/no_epoll.rs`.
impl Selector {
    /// The kqueue: there is none.
    pub(crate) fn kqueue(&self) -> io::Result<BorrowedFd<'_>> {
        Err(kernel::only_kqueue())
    }

    /// Waits also for the descriptors of `beside`, where the backend has no descriptor that another
    /// wait could watch.
    pub(crate) fn wait_beside(
        &self,
        scratch: &mut Scratch,
        events: &mut [Event],
        beside: &mut Beside,
        timeout: Option<Duration>,
    ) -> io::Result<Selected> {
        self.0.wait_beside(scratch, events, beside, timeout)
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
