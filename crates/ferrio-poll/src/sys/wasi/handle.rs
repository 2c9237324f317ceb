//! What a source shows to a selector: its descriptor.

pub(crate) use std::os::fd::AsFd as AsSource;
pub(crate) use std::os::fd::BorrowedFd as Handle;

#[cfg(debug_assertions)]
use std::os::fd::AsRawFd;
use std::os::fd::RawFd;
use std::sync::{Arc, Weak};

use crate::interest::Interest;
use crate::sync::{Mutex, lock};
pub(crate) use crate::sys::fd_impls::{object_impls, owner_impls};
use crate::sys::wasi::look::look;
#[cfg(debug_assertions)]
use crate::sys::wasi::questions;

use crate::sys::wasi::table::{Id, Table};

/// What `source` shows to a selector.
#[inline]
pub(crate) fn of<T: AsSource>(source: &T) -> Handle<'_> {
    source.as_fd()
}

/// True if an operation on `handle` would wait.
#[cfg(debug_assertions)]
pub(crate) fn is_blocking(handle: Handle<'_>) -> bool {
    questions::is_blocking(handle.as_raw_fd())
}

/// What a registered source remembers of its registration, which ends with it.
#[derive(Debug)]
pub(crate) struct Place(pub(super) Option<Registration>);

impl Place {
    /// That of a source which is not registered.
    pub(crate) const fn new() -> Place {
        Place(None)
    }

    /// True if it is registered with a Poll that is there.
    pub(super) fn is_registered(&self) -> bool {
        self.0.as_ref().is_some_and(|registration| registration.table.strong_count() > 0)
    }
}

/// An entry of a table. Removed from it when this is dropped.
#[derive(Debug)]
pub(crate) struct Registration {
    table: Weak<Mutex<Table>>,
    fd: RawFd,
    id: Id,
}

impl Registration {
    pub(super) fn new(table: &Arc<Mutex<Table>>, fd: RawFd, id: Id) -> Registration {
        Registration { table: Arc::downgrade(table), fd, id }
    }

    /// An operation proved that nothing is left in `direction`.
    pub(super) fn rearm(&self, direction: Interest) {
        if let Some(table) = self.table.upgrade() {
            lock(&table).rearm(self.fd, self.id, direction, |want| look(self.fd, want));
        }
    }

    /// An operation may have taken away what was reported.
    pub(super) fn touch(&self) {
        if let Some(table) = self.table.upgrade() {
            lock(&table).touch(self.fd, self.id, |want| look(self.fd, want));
        }
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        if let Some(table) = self.table.upgrade() {
            lock(&table).remove(self.fd, self.id);
        }
    }
}
