//! What an operation waits for.

use std::ops::{BitAnd, BitOr, Not};

use ferrio_poll::Interest;
use ferrio_poll::event::Event;

/// What an operation waits for: some of these.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Want(u8);

impl Want {
    pub(super) const NOTHING: Want = Want(0);
    pub(super) const READ: Want = Want(1);
    pub(super) const WRITE: Want = Want(2);
    pub(super) const PRIORITY: Want = Want(4);
    pub(super) const HANGUP: Want = Want(8);

    pub(super) fn intersects(self, other: Want) -> bool {
        self & other != Want::NOTHING
    }

    pub(super) fn interest(self) -> Option<Interest> {
        let all = [
            (Want::READ, Interest::READABLE),
            (Want::WRITE, Interest::WRITABLE),
            (Want::PRIORITY, Interest::PRIORITY),
            (Want::HANGUP, Interest::HANGUP),
        ];
        let wanted = all.into_iter().filter(|(want, _)| self.intersects(*want)).map(|(_, interest)| interest);
        wanted.reduce(Interest::add)
    }

    /// What an event says that may be tried now. An error or a hang-up is news for all.
    pub(super) fn of(event: &Event) -> Want {
        let mut found = Want::NOTHING;
        if event.is_readable() || event.is_read_closed() || event.is_error() {
            found = found | Want::READ;
        }
        if event.is_writable() || event.is_write_closed() || event.is_error() {
            found = found | Want::WRITE;
        }
        if event.is_priority() || event.is_error() {
            found = found | Want::PRIORITY;
        }
        if event.is_read_closed() || event.is_write_closed() || event.is_error() {
            found = found | Want::HANGUP;
        }
        found
    }
}

impl BitOr for Want {
    type Output = Want;

    fn bitor(self, other: Want) -> Want {
        Want(self.0 | other.0)
    }
}

impl BitAnd for Want {
    type Output = Want;

    fn bitand(self, other: Want) -> Want {
        Want(self.0 & other.0)
    }
}

impl Not for Want {
    type Output = Want;

    fn not(self) -> Want {
        Want(!self.0)
    }
}
