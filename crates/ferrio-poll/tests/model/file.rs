//! What is known of the readiness of a socket, however many descriptors it has.

use ferrio_poll::Interest;

/// One end of a pair of sockets.
#[derive(Debug, Default)]
pub(crate) struct File {
    /// Bytes that wait to be read.
    pub(crate) bytes: usize,
    /// True from a write that would block until the peer has read everything.
    pub(crate) full: bool,
    /// True if the peer has not read all that was written: its close is a reset then.
    pub(crate) unread: bool,
    pub(crate) peer: Peer,
}

/// What the peer has done so far.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Peer {
    #[default]
    Open,
    /// It writes no more.
    Ended,
    Closed,
}

impl File {
    /// True if whoever is interested is told that there is something to read.
    pub(crate) fn is_readable(&self, interest: Interest) -> bool {
        interest.is_readable() && (self.bytes > 0 || self.peer != Peer::Open)
    }

    /// True if whoever is interested is told that there is room.
    pub(crate) fn is_writable(&self, interest: Interest) -> bool {
        interest.is_writable() && !self.full && self.peer != Peer::Closed
    }

    /// True if whoever is interested is told that nothing more will come; a close is
    /// told to everybody.
    pub(crate) fn is_read_closed(&self, interest: Interest) -> bool {
        match self.peer {
            Peer::Open => false,
            Peer::Ended => interest.is_readable(),
            Peer::Closed => true,
        }
    }
}
