//! What every socket and pipe type has in common: it is a source, and it comes from
//! and becomes a descriptor.

/// Implements `Source`, `AsFd` and `AsRawFd` for `$type`, a struct with the field
/// `inner`, an `IoSource` of something with a descriptor.
macro_rules! source_type {
    ($type:ident) => {
        impl crate::registry::Source for $type {
            fn register(
                &mut self,
                registry: &crate::registry::Registry,
                token: crate::token::Token,
                interest: crate::interest::Interest,
            ) -> std::io::Result<()> {
                self.inner.register(registry, token, interest)
            }

            fn reregister(
                &mut self,
                registry: &crate::registry::Registry,
                token: crate::token::Token,
                interest: crate::interest::Interest,
            ) -> std::io::Result<()> {
                self.inner.reregister(registry, token, interest)
            }

            fn deregister(&mut self, registry: &crate::registry::Registry) -> std::io::Result<()> {
                self.inner.deregister(registry)
            }
        }

        impl std::os::fd::AsFd for $type {
            fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
                std::os::fd::AsFd::as_fd(&*self.inner)
            }
        }

        impl std::os::fd::AsRawFd for $type {
            fn as_raw_fd(&self) -> std::os::fd::RawFd {
                std::os::fd::AsRawFd::as_raw_fd(&*self.inner)
            }
        }
    };
}

/// Implements `Source`, `Debug` and the descriptor traits for `$type`, a struct with
/// the field `inner: IoSource<$inner>`.
macro_rules! io_type {
    ($type:ident, $inner:ty) => {
        crate::fd_impls::source_type!($type);

        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.inner.fmt(f)
            }
        }

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
                $type { inner: crate::io_source::IoSource::new(<$inner>::from(fd)) }
            }
        }

        impl From<$type> for std::os::fd::OwnedFd {
            fn from(source: $type) -> std::os::fd::OwnedFd {
                std::os::fd::OwnedFd::from(source.inner.into_inner())
            }
        }
    };
}

/// Implements the conversions between `$type` and std's `$std`.
macro_rules! std_type {
    ($type:ident, $std:ty) => {
        impl $type {
            /// Takes over std's type as it is.
            ///
            /// It should be non-blocking: call `set_nonblocking(true)` on it first. A
            /// blocking one can be registered, but an operation that has to wait then
            /// stops the whole loop.
            pub fn from_std(inner: $std) -> $type {
                $type { inner: crate::io_source::IoSource::new(inner) }
            }
        }

        impl From<$type> for $std {
            /// Hands out std's type, which stays non-blocking.
            fn from(source: $type) -> $std {
                source.inner.into_inner()
            }
        }
    };
}

pub(crate) use {io_type, source_type, std_type};
