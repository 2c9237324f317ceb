//! What a source shows to a selector: a socket, or an object that can be waited for.

use std::os::windows::io::{AsSocket, BorrowedHandle, BorrowedSocket};
use std::panic::{RefUnwindSafe, UnwindSafe};

use crate::sys::windows::slots::Registration;

/// Something that a Poll can watch on Windows.
///
/// Everything with a socket is: the trait is implemented for each type that is
/// [`AsSocket`]. A type around a waitable object implements it by hand.
pub trait AsSource {
    /// What the system is to watch.
    fn as_source(&self) -> Handle<'_>;
}

impl<T: AsSocket> AsSource for T {
    fn as_source(&self) -> Handle<'_> {
        Handle::Socket(self.as_socket())
    }
}

/// What the system watches for a source.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Handle<'a> {
    /// A socket.
    Socket(BorrowedSocket<'a>),
    /// An object that stays signalled until something resets it: a process, a thread, an
    /// event or a timer with manual reset. It is readable while it is signalled.
    Object(BorrowedHandle<'a>),
    /// An object that a wait resets: an event or a timer with automatic reset, a semaphore.
    /// The wait that made it an event has consumed the signal.
    AutoReset(BorrowedHandle<'a>),
}

/// What `source` shows to a selector.
#[inline]
pub(crate) fn of<T: AsSource>(source: &T) -> Handle<'_> {
    source.as_source()
}

/// Windows does not tell whether a socket is non-blocking.
#[cfg(debug_assertions)]
pub(crate) fn is_blocking(_: Handle<'_>) -> bool {
    false
}

/// What a registered source remembers of its registration, which ends with it.
#[derive(Debug, Default)]
pub(crate) struct Place(pub(super) Option<Registration>);

// What a registration shares stands behind locks that are whole after a panic, as `sync::lock` says;
// mio's sources may cross a caught panic on each system.
impl UnwindSafe for Place {}
impl RefUnwindSafe for Place {}

impl Place {
    /// That of a source which is not registered.
    pub(crate) const fn new() -> Place {
        Place(None)
    }
}

/// Implements the socket traits for `$type`, a struct with the field `inner: IoSource<$inner>`,
/// which owns its socket. (The `inner` comes from an `$inner` by `into`, so that this file
/// names nothing above it.)
macro_rules! owner_impls {
    ($type:ident, $inner:ty) => {
        impl std::os::windows::io::AsSocket for $type {
            fn as_socket(&self) -> std::os::windows::io::BorrowedSocket<'_> {
                std::os::windows::io::AsSocket::as_socket(&*self.inner)
            }
        }

        impl std::os::windows::io::AsRawSocket for $type {
            fn as_raw_socket(&self) -> std::os::windows::io::RawSocket {
                std::os::windows::io::AsRawSocket::as_raw_socket(&*self.inner)
            }
        }

        impl std::os::windows::io::IntoRawSocket for $type {
            fn into_raw_socket(self) -> std::os::windows::io::RawSocket {
                std::os::windows::io::IntoRawSocket::into_raw_socket(self.inner.into_inner())
            }
        }

        #[allow(unsafe_code, reason = "the conversion from a raw socket is unsafe by its trait")]
        impl std::os::windows::io::FromRawSocket for $type {
            /// Takes over `socket`, which must be of this kind and non-blocking.
            unsafe fn from_raw_socket(socket: std::os::windows::io::RawSocket) -> $type {
                // SAFETY: the caller upholds `FromRawSocket`: `socket` is open and theirs.
                let socket = unsafe { std::os::windows::io::OwnedSocket::from_raw_socket(socket) };
                $type::from(socket)
            }
        }

        impl From<std::os::windows::io::OwnedSocket> for $type {
            /// Takes over `socket`, which must be of this kind and non-blocking.
            fn from(socket: std::os::windows::io::OwnedSocket) -> $type {
                $type { inner: <$inner>::from(socket).into() }
            }
        }

        impl From<$type> for std::os::windows::io::OwnedSocket {
            fn from(source: $type) -> std::os::windows::io::OwnedSocket {
                std::os::windows::io::OwnedSocket::from(source.inner.into_inner())
            }
        }
    };
}

/// Implements the borrowing handle traits for `$type`, a struct with the field `inner`, an
/// `IoSource` of something with a handle that is no socket.
macro_rules! object_impls {
    ($type:ident) => {
        impl std::os::windows::io::AsHandle for $type {
            fn as_handle(&self) -> std::os::windows::io::BorrowedHandle<'_> {
                std::os::windows::io::AsHandle::as_handle(&*self.inner)
            }
        }

        impl std::os::windows::io::AsRawHandle for $type {
            fn as_raw_handle(&self) -> std::os::windows::io::RawHandle {
                std::os::windows::io::AsRawHandle::as_raw_handle(&std::os::windows::io::AsHandle::as_handle(
                    self,
                ))
            }
        }
    };
}

pub(crate) use {object_impls, owner_impls};
