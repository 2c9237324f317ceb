//! A source made of anything with a socket.

use std::fmt;
use std::io;
use std::ops::Deref;
use std::os::windows::io::{AsSocket, BorrowedSocket};

use crate::source::impls::source_impls;
use crate::source::owned_source::OwnedSource;

/// A source made of anything with a socket: one of std, of another library, a borrowed
/// listener.
///
/// It holds on to the socket, so that none that is closed or has become another's can be
/// registered, and to its Poll: a mistake is an error in each build, and dropping it ends the
/// registration, even if the socket was duplicated and lives on. One that is leaked, by
/// `mem::forget`, while it borrows its socket stays registered: Windows watches a socket by its
/// number, which another socket may get.
///
/// The socket must be non-blocking. Operations go through [`do_io`](SocketSource::do_io), as
/// with [`IoSource`](crate::IoSource): with an edge, one that ends in `WouldBlock` is what has
/// the socket reported again. On Unix the same thing is an `FdSource`.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use ferrio::windows::SocketSource;
/// use ferrio::{Events, Interest, Poll, Token};
///
/// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
/// listener.set_nonblocking(true)?;
///
/// let mut poll = Poll::new()?;
/// let mut events = Events::with_capacity(4);
/// let mut source = SocketSource::new(&listener);
/// poll.registry().register(&mut source, Token(0), Interest::READABLE)?;
///
/// let _client = std::net::TcpStream::connect(listener.local_addr()?)?;
/// poll.poll(&mut events, None)?;
/// let (_stream, _address) = source.do_io(|listener| listener.accept())?;
/// # Ok(())
/// # }
/// ```
#[doc(alias = "uv_poll_t")]
pub struct SocketSource<T: AsSocket> {
    inner: OwnedSource<T>,
}

impl<T: AsSocket> SocketSource<T> {
    /// A source that is not registered yet.
    pub fn new(inner: T) -> SocketSource<T> {
        SocketSource { inner: OwnedSource::new(inner) }
    }

    /// Runs an operation that may read or write; see
    /// [`IoSource::do_io`](crate::IoSource::do_io).
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

source_impls!(SocketSource<T: AsSocket>);

impl<T: AsSocket> AsSocket for SocketSource<T> {
    fn as_socket(&self) -> BorrowedSocket<'_> {
        (**self).as_socket()
    }
}

impl<T: AsSocket> Deref for SocketSource<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T: AsSocket + fmt::Debug> fmt::Debug for SocketSource<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SocketSource").field(&**self).finish()
    }
}
