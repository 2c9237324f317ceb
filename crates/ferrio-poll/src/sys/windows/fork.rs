//! Windows has no fork(2): nothing of a process is shared with another.

use std::io;

/// There is nothing to count.
pub(crate) fn watch() -> io::Result<()> {
    Ok(())
}

/// The count of forks.
pub(crate) fn generation() -> usize {
    0
}
