//! The backends of Apple's systems and the BSDs behind one name.

use std::io;
use std::os::fd::BorrowedFd;
use std::sync::Arc;
use std::time::Duration;

use super::CANDIDATES;
use super::kqueue::{self, Kqueue};
use crate::error::{self, kernel};
use crate::interest::Interest;
use crate::mode::Mode;
use crate::sys::backend::Backend;
use crate::sys::capabilities::Capabilities;
use crate::sys::selected::Selected;
use crate::sys::unix::event::Event;
use crate::sys::unix::handle::{Handle, Place};
use crate::sys::unix::poll2::beside::Beside;
use crate::sys::unix::poll2::{self, Poll2};
use crate::token::Token;

/// What a Poll waits with.
#[derive(Debug)]
pub(crate) enum Selector {
    /// The kernel keeps the registrations.
    Kqueue(Kqueue),
    /// Ferrio keeps them. Shared with the hooks of sockets and pipes.
    Poll2(Arc<Poll2>),
}

/// The memory that one Poll lends to its waits, so that a wait allocates nothing.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    kqueue: kqueue::Scratch,
    poll2: poll2::Scratch,
}

impl Selector {
    pub(crate) fn new(backend: Backend) -> io::Result<Selector> {
        match backend {
            Backend::Kqueue => Kqueue::new().map(Selector::Kqueue),
            Backend::Poll2 => Poll2::new().map(Selector::Poll2),
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
        match self {
            Selector::Kqueue(kqueue) => kqueue.register(handle, token, interest, mode),
            Selector::Poll2(poll2) => poll2.register(handle, token, interest, mode),
        }
    }

    pub(crate) fn reregister(
        &self,
        handle: Handle<'_>,
        _place: &mut Place,
        token: Token,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<()> {
        match self {
            Selector::Kqueue(kqueue) => kqueue.reregister(handle, token, interest, mode),
            Selector::Poll2(poll2) => poll2.reregister(handle, token, interest, mode),
        }
    }

    pub(crate) fn deregister(&self, handle: Handle<'_>, _place: &mut Place) -> io::Result<()> {
        match self {
            Selector::Kqueue(kqueue) => kqueue.deregister(handle),
            Selector::Poll2(poll2) => poll2.deregister(handle),
        }
    }

    pub(crate) fn signal(&self) -> io::Result<()> {
        match self {
            Selector::Kqueue(kqueue) => kqueue.signal(),
            Selector::Poll2(poll2) => poll2.signal(),
        }
    }

    pub(crate) fn wait(
        &self,
        scratch: &mut Scratch,
        events: &mut [Event],
        timeout: Option<Duration>,
    ) -> io::Result<Selected> {
        match self {
            Selector::Kqueue(kqueue) => kqueue.wait(&mut scratch.kqueue, events, timeout),
            Selector::Poll2(poll2) => poll2.wait(&mut scratch.poll2, events, timeout),
        }
    }

    pub(crate) fn capabilities(&self) -> Capabilities {
        match self {
            Selector::Kqueue(kqueue) => kqueue.capabilities(),
            Selector::Poll2(poll2) => poll2.capabilities(),
        }
    }
}

/// What a Unix has beyond the contract of all systems. The rest stands in `unix/no_epoll.rs`.
impl Selector {
    /// The kqueue.
    pub(crate) fn kqueue(&self) -> io::Result<BorrowedFd<'_>> {
        match self {
            Selector::Kqueue(kqueue) => Ok(kqueue.descriptor()),
            Selector::Poll2(_) => Err(kernel::only_kqueue()),
        }
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
        match self {
            Selector::Kqueue(_) => Err(error::embeddable()),
            Selector::Poll2(poll2) => poll2.wait_beside(&mut scratch.poll2, events, beside, timeout),
        }
    }

    /// What becomes readable when the selector has something to report.
    pub(crate) fn descriptor(&self) -> BorrowedFd<'_> {
        match self {
            Selector::Kqueue(kqueue) => kqueue.descriptor(),
            Selector::Poll2(poll2) => poll2.descriptor(),
        }
    }

    /// None: what a kernel could write to is no part of a kqueue.
    pub(crate) fn wake_descriptor(&self) -> Option<BorrowedFd<'_>> {
        None
    }
}
