//! Which Poll a source belongs to: debug builds only.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error;
use crate::registry::Registry;

/// Which Poll a source is registered with.
///
/// The kernel allows a socket on two epoll instances, but a source belongs to one
/// Poll on every platform together. Debug builds name the mistake; release builds
/// have no room for it in a socket.
#[derive(Debug, Default)]
pub(crate) struct Association {
    /// The address of what the Poll shares, 0 if there is none.
    poll: AtomicUsize,
}

impl Association {
    /// Notes that the source is being registered with `registry`.
    ///
    /// # Errors
    ///
    /// `AlreadyExists` if it is registered; the earlier registration stays noted.
    pub(crate) fn begin(&self, registry: &Registry) -> io::Result<()> {
        match self.poll.compare_exchange(0, name(registry), Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => Ok(()),
            Err(_) => Err(error::io_source_registered()),
        }
    }

    /// Makes sure that the source is registered with `registry`.
    ///
    /// # Errors
    ///
    /// `AlreadyExists` if it is registered with another one, `NotFound` if with none.
    pub(crate) fn check(&self, registry: &Registry) -> io::Result<()> {
        match self.poll.load(Ordering::Acquire) {
            0 => Err(error::io_source_missing()),
            poll if poll == name(registry) => Ok(()),
            _ => Err(error::io_source_of_other_poll()),
        }
    }

    /// Notes that the registration with `registry` ends.
    ///
    /// # Errors
    ///
    /// `NotFound` if there is none; one with another Poll stays noted.
    pub(crate) fn end(&self, registry: &Registry) -> io::Result<()> {
        match self.poll.compare_exchange(name(registry), 0, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => Ok(()),
            Err(_) => Err(error::io_source_missing()),
        }
    }
}

fn name(registry: &Registry) -> usize {
    Arc::as_ptr(registry.shared()).addr()
}
