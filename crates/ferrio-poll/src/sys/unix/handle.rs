//! What a source shows to a selector: its descriptor.

pub(crate) use std::os::fd::AsFd as AsSource;
pub(crate) use std::os::fd::BorrowedFd as Handle;

/// What `source` shows to a selector.
#[inline]
pub(crate) fn of<T: AsSource>(source: &T) -> Handle<'_> {
    source.as_fd()
}

/// True if an operation on `handle` would wait.
#[cfg(debug_assertions)]
pub(crate) fn is_blocking(handle: Handle<'_>) -> bool {
    rustix::fs::fcntl_getfl(handle).is_ok_and(|flags| !flags.contains(rustix::fs::OFlags::NONBLOCK))
}

/// What a registered source remembers of its registration: nothing, for the descriptor says
/// it all. So a socket is no larger than std's.
#[derive(Debug)]
pub(crate) struct Place;

impl Place {
    /// That of a source which is not registered.
    pub(crate) const fn new() -> Place {
        Place
    }
}

/// Implements the borrowing descriptor traits for `$type`, a struct with the field `inner`,
/// an `IoSource` of something with a descriptor.
macro_rules! borrow_impls {
    ($type:ident) => {
        impl std::os::fd::AsFd for $type {
            fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
                std::os::fd::AsFd::as_fd(&*self.inner)
            }
        }

        impl std::os::fd::AsRawFd for $type {
            fn as_raw_fd(&self) -> std::os::fd::RawFd {
                std::os::fd::AsRawFd::as_raw_fd(&std::os::fd::AsFd::as_fd(self))
            }
        }
    };
}

/// Implements the descriptor traits for `$type`, a struct with the field
/// `inner: IoSource<$inner>`, which owns its descriptor. (The `inner` comes from an `$inner`
/// by `into`, so that this file names nothing above it.)
macro_rules! owner_impls {
    ($type:ident, $inner:ty) => {
        crate::sys::handle::borrow_impls!($type);

        impl std::os::fd::IntoRawFd for $type {
            fn into_raw_fd(self) -> std::os::fd::RawFd {
                std::os::fd::IntoRawFd::into_raw_fd(self.inner.into_inner())
            }
        }

        #[allow(unsafe_code, reason = "the conversion from a raw descriptor is unsafe by its trait")]
        impl std::os::fd::FromRawFd for $type {
            /// Takes over `fd`, which must be of this kind and non-blocking.
            unsafe fn from_raw_fd(fd: std::os::fd::RawFd) -> $type {
                // SAFETY: the caller upholds `FromRawFd`: `fd` is open and theirs.
                let fd = unsafe { std::os::fd::OwnedFd::from_raw_fd(fd) };
                $type::from(fd)
            }
        }

        impl From<std::os::fd::OwnedFd> for $type {
            /// Takes over `fd`, which must be of this kind and non-blocking.
            fn from(fd: std::os::fd::OwnedFd) -> $type {
                $type { inner: <$inner>::from(fd).into() }
            }
        }

        impl From<$type> for std::os::fd::OwnedFd {
            fn from(source: $type) -> std::os::fd::OwnedFd {
                std::os::fd::OwnedFd::from(source.inner.into_inner())
            }
        }
    };
}

/// The same as [`borrow_impls`], for what is no socket: a descriptor is a descriptor here.
macro_rules! object_impls {
    ($type:ident) => {
        crate::sys::handle::borrow_impls!($type);
    };
}

pub(crate) use {borrow_impls, object_impls, owner_impls};
