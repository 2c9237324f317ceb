//! What the server counts, and how it says it.

use std::fmt::{self, Display, Formatter};
use std::io::{self, Write};

/// Counters since the start. A line for another client that was there at that
/// time is `due`, and ends as `delivered` (written in full) or `dropped`.
#[derive(Default)]
pub(crate) struct Statistics {
    pub(crate) clients: u64,
    pub(crate) accepted: u64,
    pub(crate) lines: u64,
    pub(crate) due: u64,
    pub(crate) delivered: u64,
    pub(crate) dropped: u64,
    pub(crate) bytes: u64,
    pub(crate) slow: u64,
    pub(crate) overlong: u64,
    pub(crate) pauses: u64,
}

impl Display for Statistics {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { clients, accepted, lines, due, delivered, .. } = self;
        let Self { dropped, bytes, slow, overlong, pauses, .. } = self;
        write!(f, "clients={clients} accepted={accepted} lines={lines} due={due} ")?;
        write!(f, "delivered={delivered} dropped={dropped} bytes={bytes} ")?;
        write!(f, "slow={slow} overlong={overlong} pauses={pauses}")
    }
}

/// Prints a line. A reader that went away must not end the server.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(io::stdout(), "{line}");
}
