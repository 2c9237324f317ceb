//! A source around anything with a descriptor.
#![allow(unsafe_code, reason = "a ManuallyDrop, so that a selector hears of a close before it happens")]

use std::fmt;
use std::io;
use std::mem::ManuallyDrop;
use std::ops::Deref;

use crate::interest::Interest;
use crate::registry::shared::Shared;
use crate::registry::{Registry, Source};
#[cfg(debug_assertions)]
use crate::source::{association::Association, blocking};
use crate::sys::handle::{self, AsSource, Place};
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
///   deregister it first, or use an `FdSource` (on Windows a `SocketSource`). A `fork`, and so
///   each `Command::spawn` of any thread, duplicates every descriptor until the child
///   calls `exec`; a source that is dropped in that moment can still report its token
///   until then. So an event with an unknown token is to be ignored. On poll(2) dropping it ends
///   all registrations of the descriptor; to borrow one that is registered elsewhere too,
///   use an `FdSource`.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// use std::io::{self, Read};
/// use std::net::TcpStream;
/// use ferrio::{Interest, IoSource, Registry, Token, event::Source};
///
/// /// Counts what it reads.
/// struct Meter {
///     stream: IoSource<TcpStream>,
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
pub struct IoSource<T: AsSource> {
    /// What does the I/O. Dropped in `drop`, after the selector heard of it.
    inner: ManuallyDrop<T>,
    /// What the system remembers of the registration.
    place: Place,
    /// Which Poll it is registered with, to name mistakes that the kernel cannot see.
    #[cfg(debug_assertions)]
    association: Association,
}

impl<T: AsSource> IoSource<T> {
    /// A source that is not registered yet.
    pub fn new(inner: T) -> IoSource<T> {
        IoSource {
            inner: ManuallyDrop::new(inner),
            place: Place::new(),
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
        self.watch(BOTH, operation(&self.inner), |_| Outcome::Unknown)
    }

    /// Runs an operation that takes one datagram, or peeks, or accepts.
    pub(crate) fn take<R>(&self, operation: impl FnOnce(&T) -> io::Result<R>) -> io::Result<R> {
        self.watch(Interest::READABLE, operation(&self.inner), |_| Outcome::More)
    }

    /// Runs an operation that sends one datagram.
    pub(crate) fn give<R>(&self, operation: impl FnOnce(&T) -> io::Result<R>) -> io::Result<R> {
        self.watch(Interest::WRITABLE, operation(&self.inner), |_| Outcome::More)
    }

    /// Runs an operation that reads at most `len` bytes of a stream.
    pub(crate) fn read(
        &self,
        len: usize,
        operation: impl FnOnce(&T) -> io::Result<usize>,
    ) -> io::Result<usize> {
        self.watch(Interest::READABLE, operation(&self.inner), |count| Outcome::of_stream(*count, len))
    }

    /// Runs an operation that writes at most `len` bytes to a stream.
    pub(crate) fn write(
        &self,
        len: usize,
        operation: impl FnOnce(&T) -> io::Result<usize>,
    ) -> io::Result<usize> {
        self.watch(Interest::WRITABLE, operation(&self.inner), |count| Outcome::of_stream(*count, len))
    }

    /// Runs an operation that leaves nothing to be read if it succeeds.
    pub(crate) fn drain<R>(&self, operation: impl FnOnce(&T) -> io::Result<R>) -> io::Result<R> {
        self.watch(Interest::READABLE, operation(&self.inner), |_| Outcome::UsedUp)
    }

    /// Runs an operation that takes the pending error.
    pub(crate) fn taken(
        &self,
        take: impl FnOnce(&T) -> io::Result<Option<io::Error>>,
    ) -> io::Result<Option<io::Error>> {
        let none = |error: &Option<io::Error>| {
            if error.is_some() { Outcome::Unknown } else { Outcome::More }
        };
        self.watch(BOTH, take(&self.inner), none)
    }

    /// Runs an operation that takes from a queue beside the data: no direction is used up if it
    /// would block, and an error that was reported may be gone.
    pub(crate) fn take_aside<R>(&self, operation: impl FnOnce(&T) -> io::Result<R>) -> io::Result<R> {
        let result = operation(&self.inner);
        hooks::touch(handle::of(&*self.inner), &self.place);
        result
    }

    /// Gives back what it is made of.
    ///
    /// On Unix the registration lives on until that is closed, or deregistered by other means.
    /// Deregister first to be independent of the system.
    pub fn into_inner(self) -> T {
        let mut this = ManuallyDrop::new(self);
        hooks::release(&mut this.place);
        // SAFETY: `this` is never used or dropped again, so the value has one owner.
        unsafe { ManuallyDrop::take(&mut this.inner) }
    }

    /// Registers without a look at which Poll it is registered with.
    pub(crate) fn register_here(
        &mut self,
        registry: &Registry,
        token: Token,
        interest: Interest,
    ) -> io::Result<()> {
        registry.register_source(handle::of(&*self.inner), &mut self.place, token, interest)
    }

    /// The same for `reregister`.
    pub(crate) fn reregister_here(
        &mut self,
        registry: &Registry,
        token: Token,
        interest: Interest,
    ) -> io::Result<()> {
        registry.reregister_source(handle::of(&*self.inner), &mut self.place, token, interest)
    }

    /// The same for `deregister`.
    pub(crate) fn deregister_here(&mut self, registry: &Registry) -> io::Result<()> {
        registry.deregister_source(handle::of(&*self.inner), &mut self.place)
    }

    /// The same for one whose Poll is known and not at hand.
    pub(crate) fn deregister_from(&mut self, shared: &Shared) -> io::Result<()> {
        shared.selector.deregister(handle::of(&*self.inner), &mut self.place)
    }

    /// Tells the system what `result` says of what is left in `direction`.
    fn watch<R>(
        &self,
        direction: Interest,
        result: io::Result<R>,
        outcome: impl FnOnce(&R) -> Outcome,
    ) -> io::Result<R> {
        let outcome = match &result {
            Ok(value) => outcome(value),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Outcome::UsedUp,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Outcome::More,
            Err(_) => Outcome::Unknown,
        };
        let handle = || handle::of(&*self.inner);
        match outcome {
            Outcome::UsedUp => hooks::rearm(handle(), &self.place, direction),
            Outcome::Unknown => hooks::touch(handle(), &self.place),
            Outcome::More => {}
        }
        result
    }
}

/// What an operation says of what is left in its direction.
#[derive(Clone, Copy, Debug)]
enum Outcome {
    /// Nothing is left: the next operation would block.
    UsedUp,
    /// There may be more, and what was reported before holds.
    More,
    /// What was reported before, an end or an error, may be gone.
    Unknown,
}

impl Outcome {
    /// That of an operation on a stream which moved `count` of at most `len` bytes.
    fn of_stream(count: usize, len: usize) -> Outcome {
        match count {
            // Nothing was asked for.
            0 if len == 0 => Outcome::More,
            // The end of the stream.
            0 => Outcome::Unknown,
            _ if count < len => Outcome::UsedUp,
            _ => Outcome::More,
        }
    }
}

impl<T: AsSource> Source for IoSource<T> {
    fn register(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        #[cfg(debug_assertions)]
        {
            self.association.begin(registry)?;
            blocking::warn(handle::of(&*self.inner));
        }
        let result = self.register_here(registry, token, interest);
        #[cfg(debug_assertions)]
        if result.is_err() {
            self.association.end(registry)?;
        }
        result
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        #[cfg(debug_assertions)]
        self.association.check(registry)?;
        self.reregister_here(registry, token, interest)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        #[cfg(debug_assertions)]
        self.association.end(registry)?;
        self.deregister_here(registry)
    }
}

impl<T: AsSource> From<T> for IoSource<T> {
    /// The same as [`new`](IoSource::new).
    fn from(inner: T) -> IoSource<T> {
        IoSource::new(inner)
    }
}

impl<T: AsSource> Deref for IoSource<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T: AsSource> Drop for IoSource<T> {
    fn drop(&mut self) {
        hooks::forget(handle::of(&*self.inner), &mut self.place);
        // SAFETY: this is `drop`, so `inner` is not used again.
        unsafe { ManuallyDrop::drop(&mut self.inner) }
    }
}

impl<T: AsSource + fmt::Debug> fmt::Debug for IoSource<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);
