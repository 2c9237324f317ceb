//! What the source types around an `IoSource` have in common.

/// Implements `Source` for `$type`, a struct with the field `inner`, an `IoSource` or an
/// `OwnedSource`.
macro_rules! source_impls {
    ($type:ident $(<$parameter:ident: $bound:ident>)?) => {
        impl $(<$parameter: $bound>)? crate::registry::Source for $type $(<$parameter>)? {
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
    };
}

/// Implements what a socket or pipe type has, for `$type`, a struct with the field
/// `inner: IoSource<$inner>`: `Source`, `Debug`, and the descriptor traits.
macro_rules! io_impls {
    ($type:ident, $inner:ty) => {
        crate::source::impls::source_impls!($type);
        crate::sys::handle::owner_impls!($type, $inner);

        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.inner.fmt(f)
            }
        }
    };
}

/// Implements the conversions between `$type` and std's `$std`.
macro_rules! std_impls {
    ($type:ident, $std:ty) => {
        impl $type {
            /// Takes over std's type as it is.
            ///
            /// It should be non-blocking: call `set_nonblocking(true)` on it first. A
            /// blocking one can be registered, but an operation that has to wait then
            /// stops the whole loop.
            pub fn from_std(inner: $std) -> $type {
                $type { inner: crate::source::io_source::IoSource::new(inner) }
            }
        }

        impl From<$type> for $std {
            /// Gives back std's type, which stays non-blocking.
            fn from(source: $type) -> $std {
                source.inner.into_inner()
            }
        }
    };
}

pub(crate) use {io_impls, source_impls, std_impls};
