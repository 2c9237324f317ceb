//! What is true of one system and not of another, and no business of the subject.
//!
//! Each system has one table of these, and a test that differs asks the function of that name.

use std::io;

use crate::harness::system::FACTS;
use crate::subject::{self, Hint};

/// The table of a system.
#[derive(Debug)]
pub(crate) struct Facts {
    /// See [`hears_own_shutdown`].
    pub(crate) hears_own_shutdown: bool,
    /// See [`cuts_long_datagrams`].
    pub(crate) cuts_long_datagrams: bool,
    /// See [`is_write_after_shutdown`].
    pub(crate) write_after_shutdown: Option<io::ErrorKind>,
    /// See [`takes_empty_writes_after_shutdown`].
    pub(crate) takes_empty_writes_after_shutdown: bool,
    /// See [`listeners_reuse_their_address`].
    pub(crate) listeners_reuse_their_address: bool,
    /// See [`is_send_without_destination`].
    pub(crate) send_without_destination: i32,
    /// See [`readable_flag`].
    pub(crate) readable_flag: &'static str,
    /// See [`closed_peers_end_both_directions`].
    pub(crate) closed_peers_end_both_directions: bool,
    /// See [`tells_old_readiness_again`].
    pub(crate) tells_old_readiness_again: bool,
}

/// True if a socket hears that its own side was shut down.
pub(crate) fn hears_own_shutdown() -> bool {
    FACTS.hears_own_shutdown
}

/// True if a datagram that is longer than the buffer is cut; else it is an error.
pub(crate) fn cuts_long_datagrams() -> bool {
    FACTS.cuts_long_datagrams
}

/// True if `error` is that of a write to a stream whose writing end was shut down. Not every
/// system has a kind for it.
pub(crate) fn is_write_after_shutdown(error: &io::Error) -> bool {
    FACTS.write_after_shutdown.is_none_or(|kind| error.kind() == kind)
}

/// True if a write of nothing succeeds although the writing end was shut down.
pub(crate) fn takes_empty_writes_after_shutdown() -> bool {
    FACTS.takes_empty_writes_after_shutdown
}

/// True if a listener may bind an address in TIME_WAIT only by an option, which it then sets.
pub(crate) fn listeners_reuse_their_address() -> bool {
    FACTS.listeners_reuse_their_address
}

/// True if `error` is that of a datagram without a destination.
pub(crate) fn is_send_without_destination(error: &io::Error) -> bool {
    error.raw_os_error() == Some(FACTS.send_without_destination)
}

/// The flag of the system that says that there is something to be read.
pub(crate) fn readable_flag() -> &'static str {
    FACTS.readable_flag
}

/// True if a [`Stream`](crate::harness::system::Stream) whose peer is gone can be neither read
/// nor written, as a Unix stream; a TCP stream hears only that nothing more will come.
pub(crate) fn closed_peers_end_both_directions() -> bool {
    FACTS.closed_peers_end_both_directions
}

/// True if an event for one direction tells of the other too, also if that was told before.
pub(crate) fn tells_old_readiness_again() -> bool {
    FACTS.tells_old_readiness_again && subject::gives(Hint::AllConditions)
}
