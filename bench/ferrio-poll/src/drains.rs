//! What Ferrio says about a read that does not fill its buffer.

use ferrio_poll::Poll;

/// Whether such a read proves that nothing is left.
pub(crate) fn short_read_drains(poll: &Poll) -> bool {
    poll.capabilities().short_read_drains
}
