//! A source that holds on to its Poll.

use std::io;
use std::ops::Deref;
use std::sync::Arc;

use crate::error;
use crate::interest::Interest;
use crate::registry::shared::Shared;
use crate::registry::{Registry, Source};
#[cfg(debug_assertions)]
use crate::source::blocking;
use crate::source::io_source::IoSource;
#[cfg(debug_assertions)]
use crate::sys::handle;
use crate::sys::handle::AsSource;
use crate::token::Token;

/// A source that holds on to its Poll: a mistake is an error in each build, and dropping it ends
/// its registration and no other.
pub(crate) struct OwnedSource<T: AsSource> {
    /// `None` once it was taken out.
    inner: Option<IoSource<T>>,
    /// The Poll that it is registered with, and the process that registered it.
    poll: Option<(Arc<Shared>, u32)>,
}

impl<T: AsSource> OwnedSource<T> {
    /// A source that is not registered yet.
    pub(crate) fn new(inner: T) -> OwnedSource<T> {
        OwnedSource { inner: Some(IoSource::new(inner)), poll: None }
    }

    /// Runs an operation that may read or write.
    pub(crate) fn do_io<R>(&self, operation: impl FnOnce(&T) -> io::Result<R>) -> io::Result<R> {
        self.source().do_io(operation)
    }

    /// Ends the registration and gives back what it is made of.
    pub(crate) fn into_inner(mut self) -> T {
        self.end_registration();
        self.inner.take().expect(WHOLE).into_inner()
    }

    fn source(&self) -> &IoSource<T> {
        self.inner.as_ref().expect(WHOLE)
    }

    fn source_mut(&mut self) -> &mut IoSource<T> {
        self.inner.as_mut().expect(WHOLE)
    }

    fn check(&self, registry: &Registry) -> io::Result<()> {
        match &self.poll {
            None => Err(error::owned_source_missing()),
            Some((poll, _)) if Arc::ptr_eq(poll, registry.shared()) => Ok(()),
            Some(_) => Err(error::owned_source_of_other_poll()),
        }
    }

    /// Ends the registration, if there is one.
    fn end_registration(&mut self) {
        let (Some((poll, process)), Some(inner)) = (self.poll.take(), &mut self.inner) else {
            return;
        };
        // A child process that was forked off would end the registration of its parent.
        if process == std::process::id() {
            // One that fails is over already.
            let _ = inner.deregister_from(&poll);
        }
    }
}

impl<T: AsSource> Source for OwnedSource<T> {
    fn register(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        if self.poll.is_some() {
            return Err(error::owned_source_registered());
        }
        #[cfg(debug_assertions)]
        blocking::warn(handle::of(&**self.source()));
        self.source_mut().register_here(registry, token, interest)?;
        self.poll = Some((Arc::clone(registry.shared()), std::process::id()));
        Ok(())
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        self.check(registry)?;
        self.source_mut().reregister_here(registry, token, interest)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        self.check(registry)?;
        self.poll = None;
        self.source_mut().deregister_here(registry)
    }
}

impl<T: AsSource> Deref for OwnedSource<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.source()
    }
}

impl<T: AsSource> Drop for OwnedSource<T> {
    fn drop(&mut self) {
        self.end_registration();
        // Other registrations of the same handle, which is perhaps only borrowed here, stay.
        drop(self.inner.take().map(IoSource::into_inner));
    }
}

const WHOLE: &str = "a source is whole until `into_inner` consumes it";
