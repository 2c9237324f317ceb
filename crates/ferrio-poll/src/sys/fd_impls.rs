//! The descriptor traits of std, where a source is a descriptor.

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
        crate::sys::fd_impls::borrow_impls!($type);

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
        crate::sys::fd_impls::borrow_impls!($type);
    };
}

pub(crate) use {borrow_impls, object_impls, owner_impls};
