//! What Windows calls its own.

use std::io;

/// There is none.
pub(crate) fn raise_descriptor_limit() -> io::Result<Option<u64>> {
    Ok(None)
}

/// True if a connect that does not block goes on.
pub(crate) fn is_under_way(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
}
