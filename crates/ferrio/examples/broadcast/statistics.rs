//! What the server counts, and how it prints it.

use std::fmt::{self, Display};
use std::io::{self, Write};

/// Counters since the start.
///
/// A line is `due` once for each client that is to receive it, and for each of them it ends as
/// `delivered`, when it was written in full, or as `dropped`.
#[derive(Default)]
pub(crate) struct Statistics {
    /// Clients that are connected now and may send.
    pub(crate) clients: u64,
    /// Clients that are connected now and send no more.
    pub(crate) ended: u64,
    /// Clients since the start.
    pub(crate) accepted: u64,
    /// Lines that clients sent.
    pub(crate) lines: u64,
    pub(crate) due: u64,
    pub(crate) delivered: u64,
    pub(crate) dropped: u64,
    /// Bytes of the lines that were delivered.
    pub(crate) bytes: u64,
    /// Times that a client was not read from because another one was slow.
    pub(crate) held: u64,
    /// Clients that were disconnected because too much waited for them, or others did.
    pub(crate) slow: u64,
    /// Clients that were disconnected because of a line that was too long.
    pub(crate) overlong: u64,
    /// Last lines that lacked a newline and were relayed with one.
    pub(crate) completed: u64,
    /// Lines that were not relayed because their sender or the server ended first.
    pub(crate) unfinished: u64,
    /// Clients that were turned away, for a lack of memory.
    pub(crate) refused: u64,
    /// Times that accepting had to wait, for a lack of descriptors or memory.
    pub(crate) pauses: u64,
}

impl Display for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Statistics { clients, ended, accepted, lines, due, delivered, dropped, bytes, .. } = self;
        let Statistics { held, slow, overlong, completed, unfinished, refused, pauses, .. } = self;
        write!(f, "clients={clients} ended={ended} accepted={accepted} lines={lines} due={due} ")?;
        write!(f, "delivered={delivered} dropped={dropped} bytes={bytes} held={held} slow={slow} ")?;
        write!(
            f,
            "overlong={overlong} completed={completed} unfinished={unfinished} refused={refused} pauses={pauses}"
        )
    }
}

/// Prints a line. If nobody reads the output any more, the server goes on all the same.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(io::stdout(), "{line}");
}
