//! The subject of this run: the published mio.

use std::io;

use mio::Poll;

/// True if the subject is Ferrio, false if it is the real mio.
pub(crate) const IS_FERRIO: bool = false;

/// A new Poll.
pub(crate) fn new_poll() -> io::Result<Poll> {
    Poll::new()
}

/// True if this run uses a backend that re-arms a direction only when an
/// operation in that direction ran short or would have blocked.
pub(crate) fn rearms_on_demand() -> bool {
    cfg!(any(windows, mio_unsupported_force_poll_poll))
}
