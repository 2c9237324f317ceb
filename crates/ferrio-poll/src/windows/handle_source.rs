//! A source made of an object that can be waited for.

use std::fmt;
use std::io;
use std::ops::Deref;
use std::os::windows::io::{AsHandle, BorrowedHandle};

use crate::source::impls::source_impls;
use crate::source::owned_source::OwnedSource;
use crate::sys::waitable::Waitable;

/// A source made of a handle that can be waited for: an event, a process, a thread, a
/// timer, a semaphore.
///
/// It is readable while the object is signalled, and registered as readable only. Whether a
/// wait resets the object cannot be asked for, so the constructor says it:
///
/// - [`new`](HandleSource::new) is for an object that stays signalled until something resets
///   it. The Poll looks at it again before it reports it, so that one that was reset
///   meanwhile is no event. With an edge, end each use by
///   a [`try_wait`](HandleSource::try_wait) that gives false, or by a `WouldBlock` in
///   [`do_io`](HandleSource::do_io): the next time that it is signalled is then an event.
/// - [`auto_reset`](HandleSource::auto_reset) is for one that a wait resets. The Poll's wait
///   does so, and each event stands for one signal that it has taken: nothing else is to be
///   done, in any mode but oneshot. A signal that was taken just before the registration ended
///   is lost.
///
/// It holds on to the handle, so that none that is closed can be registered, and to its Poll:
/// a mistake is an error in each build, and dropping it ends the registration.
///
/// Files, pipes and sockets have handles as well; what a wait for one means is left to
/// its driver. Use a [`SocketSource`](crate::windows::SocketSource) for a socket.
///
/// # Errors
///
/// Registering is `Unsupported` for an interest other than readable, and fails for a handle of
/// something that cannot be waited for, or one without the right `SYNCHRONIZE`.
///
/// # Implementation notes
///
/// A wait completion packet where Windows has them, which is since version 8, and otherwise
/// RegisterWaitForSingleObject. A mutex cannot be used: it would belong to the thread that
/// waits.
///
/// # Examples
///
/// A thread is signalled when it has ended:
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use ferrio::windows::HandleSource;
/// use ferrio::{Events, Interest, Poll, Token};
///
/// let mut poll = Poll::new()?;
/// let thread = std::thread::spawn(|| 6 * 7);
/// let mut end = HandleSource::new(thread);
/// poll.registry().register(&mut end, Token(0), Interest::READABLE)?;
///
/// poll.poll(&mut Events::with_capacity(4), None)?;
/// assert_eq!(end.into_inner().join().unwrap(), 42);
/// # Ok(())
/// # }
/// ```
#[doc(alias = "WaitForMultipleObjects")]
#[doc(alias = "RegisterWaitForSingleObject")]
pub struct HandleSource<T: AsHandle> {
    inner: OwnedSource<Waitable<T>>,
}

impl<T: AsHandle> HandleSource<T> {
    /// A source made of an object that stays signalled until something resets it: a process, a
    /// thread, an event or a timer with manual reset.
    pub fn new(inner: T) -> HandleSource<T> {
        HandleSource { inner: OwnedSource::new(Waitable::new(inner)) }
    }

    /// A source made of an object that a wait resets: an event or a timer with automatic reset,
    /// a semaphore.
    pub fn auto_reset(inner: T) -> HandleSource<T> {
        HandleSource { inner: OwnedSource::new(Waitable::auto_reset(inner)) }
    }

    /// True if the object is signalled; one that resets itself is reset by this.
    ///
    /// False uses up the readiness, as `WouldBlock` does: with an edge, the next signal is an
    /// event.
    ///
    /// # Errors
    ///
    /// What the system says of a handle that cannot be waited for.
    ///
    /// # Implementation notes
    ///
    /// WaitForSingleObject with a timeout of zero.
    pub fn try_wait(&self) -> io::Result<bool> {
        match self.inner.do_io(Waitable::try_wait) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Runs an operation on the object. One that ends in `WouldBlock` uses up the readiness;
    /// see [`IoSource::do_io`](crate::IoSource::do_io).
    ///
    /// # Errors
    ///
    /// Those of the operation.
    pub fn do_io<R>(&self, operation: impl FnOnce(&T) -> io::Result<R>) -> io::Result<R> {
        self.inner.do_io(|waitable| operation(waitable.object()))
    }

    /// Ends the registration and gives back what it is made of.
    pub fn into_inner(self) -> T {
        self.inner.into_inner().into_object()
    }
}

source_impls!(HandleSource<T: AsHandle>);

impl<T: AsHandle> AsHandle for HandleSource<T> {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        (**self).as_handle()
    }
}

impl<T: AsHandle> Deref for HandleSource<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.inner.object()
    }
}

impl<T: AsHandle + fmt::Debug> fmt::Debug for HandleSource<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HandleSource").field(&**self).finish()
    }
}
