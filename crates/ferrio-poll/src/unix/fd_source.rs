//! A source made of anything with a descriptor.

use std::fmt;
use std::io;
use std::ops::Deref;
use std::os::fd::{AsFd, BorrowedFd};

use crate::source::impls::source_impls;
use crate::source::owned_source::OwnedSource;

/// A source made of anything with a descriptor: a socket of another library, a device, a
/// borrowed listener.
///
/// It holds on to the descriptor, so that none that is closed or has become another's can be
/// registered, and to its Poll: a mistake is an error in each build, and dropping it ends the
/// registration, even if the descriptor was duplicated and lives on. It is larger than what
/// it holds for that; [`IoSource`](crate::IoSource) is not, and knows less.
///
/// The descriptor must be non-blocking. Operations go through
/// [`do_io`](FdSource::do_io), as with [`IoSource`](crate::IoSource).
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
    inner: OwnedSource<T>,
}

impl<T: AsFd> FdSource<T> {
    /// A source that is not registered yet.
    pub fn new(inner: T) -> FdSource<T> {
        FdSource { inner: OwnedSource::new(inner) }
    }

    /// Runs an operation that may read or write; see [`IoSource::do_io`](crate::IoSource::do_io).
    ///
    /// # Errors
    ///
    /// Those of the operation.
    pub fn do_io<R>(&self, operation: impl FnOnce(&T) -> io::Result<R>) -> io::Result<R> {
        self.inner.do_io(operation)
    }

    /// Ends the registration and gives back what it is made of.
    pub fn into_inner(self) -> T {
        self.inner.into_inner()
    }
}

source_impls!(FdSource<T: AsFd>);

impl<T: AsFd> AsFd for FdSource<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        (**self).as_fd()
    }
}

impl<T: AsFd> Deref for FdSource<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T: AsFd + fmt::Debug> fmt::Debug for FdSource<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FdSource").field(&**self).finish()
    }
}
