//! What the server does on Windows, which has no Unix sockets here, no limit of handles and no
//! signal that could ask for the counters.

use std::io;
use std::path::Path;

use ferrio::signal::{SIGINT, SIGTERM};

use crate::listener::Listener;

/// What ends the server.
pub(crate) const SIGNALS: [i32; 2] = [SIGINT, SIGTERM];

/// Nothing asks for the counters.
pub(crate) const REPORT: Option<i32> = None;

/// Refuses `path`.
pub(crate) fn listen_at(path: &Path) -> io::Result<Box<dyn Listener>> {
    let text =
        format!("cannot listen on {}: there are no Unix sockets here; leave out --unix", path.display());
    Err(io::Error::new(io::ErrorKind::Unsupported, text))
}

/// There is none.
pub(crate) fn raise_descriptor_limit() -> io::Result<Option<u64>> {
    Ok(None)
}
