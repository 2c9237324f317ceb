//! Forks, on a system without processes: there are none to count.

use std::io;

/// There is nothing to count.
#[allow(clippy::unnecessary_wraps, reason = "other systems can fail")]
pub(crate) fn watch() -> io::Result<()> {
    Ok(())
}

/// The count of forks.
pub(crate) fn generation() -> usize {
    0
}
