//! A source around anything with a descriptor.
#![allow(unsafe_code, reason = "a ManuallyDrop, so that a selector hears of a close before it happens")]

use std::fmt;
use std::io;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::os::fd::AsFd;

#[cfg(debug_assertions)]
use crate::association::Association;
use crate::interest::Interest;
use crate::registry::{Registry, Source};
use crate::sys::hooks;
use crate::token::Token;

/// Anything with a descriptor as a source, to build source types on.
///
/// The types in [`net`](crate::net) are made of it. In release builds it is no larger than
/// what it holds; debug builds also remember the Poll, and name mistakes that the kernel
/// cannot see.
///
/// # Rules
///
/// - The descriptor is non-blocking. `T` keeps the same one for life and closes it when it
///   is dropped, not before; one that `T` merely borrows must not be closed elsewhere either.
/// - Whatever reads or writes goes through [`do_io`](IoSource::do_io), whichever way it
///   reaches the descriptor. Some backends report a source anew only once they have seen an
///   operation that ended in `WouldBlock`.
/// - It is registered with one Poll at a time, and deregistered before it moves to another.
/// - Dropping it ends the registration, unless the descriptor was duplicated: then
///   deregister it first, or use an [`FdSource`](crate::unix::FdSource). On poll(2) it ends
///   all registrations of the descriptor; to borrow one that is registered elsewhere too,
///   use an `FdSource`.
///
/// # Examples
///
/// ```
/// use std::io::{self, Read};
/// use std::os::unix::net::UnixStream;
/// use ferrio_poll::{Interest, IoSource, Registry, Token, event::Source};
///
/// /// Counts what it reads.
/// struct Meter {
///     stream: IoSource<UnixStream>,
///     bytes: usize,
/// }
///
/// impl Meter {
///     fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
///         let count = self.stream.do_io(|mut stream| stream.read(buffer))?;
///         self.bytes += count;
///         Ok(count)
///     }
/// }
///
/// impl Source for Meter {
///     fn register(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
///         self.stream.register(registry, token, interest)
///     }
///
///     fn reregister(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
///         self.stream.reregister(registry, token, interest)
///     }
///
///     fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
///         self.stream.deregister(registry)
///     }
/// }
/// ```
pub struct IoSource<T: AsFd> {
    /// What does the I/O. Dropped in `drop`, after the selector heard of it.
    inner: ManuallyDrop<T>,
    /// Which Poll it is registered with, to name mistakes that the kernel cannot see.
    #[cfg(debug_assertions)]
    association: Association,
}

impl<T: AsFd> IoSource<T> {
    /// A source that is not registered yet.
    pub fn new(inner: T) -> IoSource<T> {
        IoSource {
            inner: ManuallyDrop::new(inner),
            #[cfg(debug_assertions)]
            association: Association::default(),
        }
    }

    /// Runs an operation that may read or write, on the descriptor of this source.
    ///
    /// # Errors
    ///
    /// Those of the operation. One that is `WouldBlock` has the source reported again when
    /// it is ready again.
    pub fn do_io<R>(&self, operation: impl FnOnce(&T) -> io::Result<R>) -> io::Result<R> {
        self.watch(BOTH, operation(&self.inner), |_| false)
    }

    /// Runs an operation that takes one datagram, or peeks, or accepts.
    pub(crate) fn take<R>(&self, operation: impl FnOnce(&T) -> io::Result<R>) -> io::Result<R> {
        self.report_failure(Interest::READABLE, operation(&self.inner))
    }

    /// Runs an operation that sends one datagram.
    pub(crate) fn give<R>(&self, operation: impl FnOnce(&T) -> io::Result<R>) -> io::Result<R> {
        self.report_failure(Interest::WRITABLE, operation(&self.inner))
    }

    /// Runs an operation that reads at most `len` bytes of a stream.
    pub(crate) fn read(
        &self,
        len: usize,
        operation: impl FnOnce(&T) -> io::Result<usize>,
    ) -> io::Result<usize> {
        self.watch(Interest::READABLE, operation(&self.inner), |count| is_short(*count, len))
    }

    /// Runs an operation that writes at most `len` bytes to a stream.
    pub(crate) fn write(
        &self,
        len: usize,
        operation: impl FnOnce(&T) -> io::Result<usize>,
    ) -> io::Result<usize> {
        self.watch(Interest::WRITABLE, operation(&self.inner), |count| is_short(*count, len))
    }

    /// Runs an operation that leaves nothing to be read if it succeeds.
    pub(crate) fn drain<R>(&self, operation: impl FnOnce(&T) -> io::Result<R>) -> io::Result<R> {
        self.watch(Interest::READABLE, operation(&self.inner), |_| true)
    }

    /// Runs an operation that takes the pending error: with it goes what kept the
    /// source from being reported again.
    pub(crate) fn taken(
        &self,
        take: impl FnOnce(&T) -> io::Result<Option<io::Error>>,
    ) -> io::Result<Option<io::Error>> {
        let result = take(&self.inner);
        if let Ok(Some(_)) = result {
            hooks::rearm(self.inner.as_fd(), BOTH);
        }
        result
    }

    /// Gives back what it is made of. The registration lives on until that is closed, or
    /// deregistered by other means.
    pub fn into_inner(self) -> T {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: `this` is never used or dropped again, so the value has one owner.
        unsafe { ManuallyDrop::take(&mut this.inner) }
    }

    /// Tells the selector if the direction is used up or if `result` is an error that the
    /// source was keeping: with it goes what kept the source from being reported again.
    fn report_failure<R>(&self, direction: Interest, result: io::Result<R>) -> io::Result<R> {
        match &result {
            Err(error) if is_of_the_source(error) => hooks::rearm(self.inner.as_fd(), BOTH),
            _ => return self.watch(direction, result, |_| false),
        }
        result
    }

    /// Tells the selector if `result` says that the direction is used up.
    fn watch<R>(
        &self,
        direction: Interest,
        result: io::Result<R>,
        is_used_up: impl FnOnce(&R) -> bool,
    ) -> io::Result<R> {
        let used_up = match &result {
            Ok(value) => is_used_up(value),
            Err(error) => error.kind() == io::ErrorKind::WouldBlock,
        };
        if used_up {
            hooks::rearm(self.inner.as_fd(), direction);
        }
        result
    }
}

impl<T: AsFd> Source for IoSource<T> {
    fn register(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        #[cfg(debug_assertions)]
        self.association.begin(registry)?;
        let result = registry.register_fd(self.inner.as_fd(), token, interest);
        #[cfg(debug_assertions)]
        if result.is_err() {
            self.association.end(registry)?;
        }
        result
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        #[cfg(debug_assertions)]
        self.association.check(registry)?;
        registry.reregister_fd(self.inner.as_fd(), token, interest)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        #[cfg(debug_assertions)]
        self.association.end(registry)?;
        registry.deregister_fd(self.inner.as_fd())
    }
}

impl<T: AsFd> Deref for IoSource<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T: AsFd> Drop for IoSource<T> {
    fn drop(&mut self) {
        hooks::forget(self.inner.as_fd());
        // SAFETY: this is `drop`, so `inner` is not used again.
        unsafe { ManuallyDrop::drop(&mut self.inner) }
    }
}

impl<T: AsFd + fmt::Debug> fmt::Debug for IoSource<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// True if a stream moved something, but less than it was asked: the next try
/// would block.
fn is_short(count: usize, len: usize) -> bool {
    0 < count && count < len
}

/// True if the error came from the peer or the network, and is gone from the source now.
fn is_of_the_source(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    matches!(
        error.kind(),
        Kind::ConnectionRefused
            | Kind::ConnectionReset
            | Kind::ConnectionAborted
            | Kind::HostUnreachable
            | Kind::NetworkUnreachable
            | Kind::NetworkDown
            | Kind::TimedOut
    )
}

const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);
