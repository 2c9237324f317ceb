//! The subject of this run: ferrio-poll, on the backend that the environment names.

use std::io;

use mio::{Backend, Poll};

/// True if the subject is Ferrio, false if it is the real mio.
pub(crate) const IS_FERRIO: bool = true;

/// A new Poll on the backend that `FERRIO_BACKEND` names.
pub(crate) fn new_poll() -> io::Result<Poll> {
    Poll::builder().backend(Backend::from_env()?).build()
}

/// True if this run uses a backend that re-arms a direction only when an
/// operation in that direction ran short or would have blocked.
pub(crate) fn rearms_on_demand() -> bool {
    Backend::from_env().is_ok_and(|backend| matches!(backend, Backend::Iocp | Backend::Poll2))
}
