//! The sockets of a Unix.

pub(crate) use ferrio_poll::net::UnixStream as Stream;

/// No event comes for what was drained before it was told.
pub(crate) const TELLS_WHAT_WAS_DRAINED: bool = false;

/// Two connected streams.
pub(crate) fn pair() -> (Stream, Stream) {
    Stream::pair().expect("a pair of sockets")
}

/// What was written can be read at once.
pub(crate) fn settle() {}
