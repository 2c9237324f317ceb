//! A source made of anything with a descriptor.

use std::fmt;
use std::io;
use std::ops::Deref;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

use crate::error;
use crate::interest::Interest;
use crate::registry::shared::Shared;
use crate::registry::{Registry, Source};
#[cfg(debug_assertions)]
use crate::source::blocking;
use crate::source::io_source::IoSource;
#[cfg(debug_assertions)]
use crate::sys::handle;
use crate::sys::handle::Place;
use crate::token::Token;

/// A source made of anything with a descriptor: a socket of another library, a device, a
/// borrowed listener.
///
/// It holds on to the descriptor, so that none that is closed or has become another's can be
/// registered, and to its Poll: a mistake is an error in each build, and dropping it ends the
/// registration, even if the descriptor was duplicated and lives on. It is larger than what
/// it holds for that; [`IoSource`] is not, and knows less.
///
/// The descriptor must be non-blocking. Operations go through
/// [`do_io`](FdSource::do_io), as with [`IoSource`].
///
/// Three things to know:
///
/// - Dropped in a forked child, it leaves the registration to the parent, for on epoll
///   both share it.
/// - A buffer above the descriptor hides readiness: `FdSource<Stdin>` reads a block into
///   the buffer of std, returns one line, and no event tells of the other lines, which have
///   left the kernel. Make the source of the bare descriptor instead:
///   `FdSource::new(io::stdin().as_fd().try_clone_to_owned()?)`, read with `rustix::io::read`.
/// - With an edge, each use ends in `WouldBlock`, also where one read takes all there is, as
///   with a timerfd or an eventfd: poll(2) hears the next expiry only after it.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use ferrio::unix::FdSource;
/// use ferrio::{Events, Interest, Poll, Token};
///
/// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
/// listener.set_nonblocking(true)?;
///
/// let mut poll = Poll::new()?;
/// let mut events = Events::with_capacity(4);
/// let mut source = FdSource::new(&listener);
/// poll.registry().register(&mut source, Token(0), Interest::READABLE)?;
///
/// let _client = std::net::TcpStream::connect(listener.local_addr()?)?;
/// poll.poll(&mut events, None)?;
/// let (_stream, _address) = source.do_io(|listener| listener.accept())?;
/// # Ok(())
/// # }
/// ```
#[doc(alias = "Generic")]
#[doc(alias = "AsyncFd")]
#[doc(alias = "uv_poll_t")]
pub struct FdSource<T: AsFd> {
    /// `None` once it was taken out.
    inner: Option<IoSource<T>>,
    /// The Poll that it is registered with, and the process that registered it.
    poll: Option<(Arc<Shared>, u32)>,
}

impl<T: AsFd> FdSource<T> {
    /// A source that is not registered yet.
    pub fn new(inner: T) -> FdSource<T> {
        FdSource { inner: Some(IoSource::new(inner)), poll: None }
    }

    /// Runs an operation that may read or write; see [`IoSource::do_io`].
    ///
    /// # Errors
    ///
    /// Those of the operation.
    pub fn do_io<R>(&self, operation: impl FnOnce(&T) -> io::Result<R>) -> io::Result<R> {
        self.source().do_io(operation)
    }

    /// Ends the registration and gives back what it is made of.
    pub fn into_inner(mut self) -> T {
        self.end_registration();
        self.inner.take().expect(WHOLE).into_inner()
    }

    fn source(&self) -> &IoSource<T> {
        self.inner.as_ref().expect(WHOLE)
    }

    fn source_mut(&mut self) -> &mut IoSource<T> {
        self.inner.as_mut().expect(WHOLE)
    }

    fn check(&self, registry: &Registry) -> io::Result<()> {
        match &self.poll {
            None => Err(error::descriptor_source_missing()),
            Some((poll, _)) if Arc::ptr_eq(poll, registry.shared()) => Ok(()),
            Some(_) => Err(error::descriptor_source_of_other_poll()),
        }
    }

    /// Ends the registration, if there is one.
    fn end_registration(&mut self) {
        let (Some((poll, process)), Some(inner)) = (self.poll.take(), &self.inner) else {
            return;
        };
        // A child process that was forked off would end the registration of its parent.
        if process == std::process::id() {
            // One that fails is over already.
            let _ = poll.selector.deregister((**inner).as_fd(), &mut Place);
        }
    }
}

impl<T: AsFd> Source for FdSource<T> {
    fn register(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        if self.poll.is_some() {
            return Err(error::descriptor_source_registered());
        }
        #[cfg(debug_assertions)]
        blocking::warn(handle::of(&**self.source()));
        self.source_mut().register_here(registry, token, interest)?;
        self.poll = Some((Arc::clone(registry.shared()), std::process::id()));
        Ok(())
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        self.check(registry)?;
        self.source_mut().reregister_here(registry, token, interest)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        self.check(registry)?;
        self.poll = None;
        self.source_mut().deregister_here(registry)
    }
}

impl<T: AsFd> AsFd for FdSource<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        (**self.source()).as_fd()
    }
}

impl<T: AsFd> Deref for FdSource<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.source()
    }
}

impl<T: AsFd> Drop for FdSource<T> {
    fn drop(&mut self) {
        self.end_registration();
        // Other registrations of the same descriptor, which is perhaps only borrowed here,
        // stay.
        drop(self.inner.take().map(IoSource::into_inner));
    }
}

impl<T: AsFd + fmt::Debug> fmt::Debug for FdSource<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FdSource").field(&**self).finish()
    }
}

const WHOLE: &str = "a source is whole until `into_inner` consumes it";
