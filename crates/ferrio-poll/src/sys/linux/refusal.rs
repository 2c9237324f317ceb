//! Errors that say what to do.

use std::io;

use rustix::io::Errno;

/// The answer to a registration that the kernel refused with `errno`.
///
/// The kind is the one the bare error code has. Codes without an advice, `EBADF`
/// among them, stay as they are and keep `raw_os_error`.
pub(super) fn explain(errno: Errno) -> io::Error {
    let (kind, text) = match errno {
        Errno::EXIST => (
            io::ErrorKind::AlreadyExists,
            "the descriptor is registered with this Poll already: use reregister to change its token or interest",
        ),
        Errno::NOENT => (
            io::ErrorKind::NotFound,
            "the descriptor is not registered with this Poll: register it first, and deregister before closing it",
        ),
        Errno::PERM => (
            io::ErrorKind::PermissionDenied,
            "a file of this kind (a regular one, a directory, a device like /dev/null) is always ready and cannot \
             be watched: read or write it directly, on a thread of its own if it may be slow",
        ),
        Errno::LOOP | Errno::INVAL => (
            io::ErrorKind::InvalidInput,
            "a Poll cannot watch itself, nor be nested in a circle or more than five deep",
        ),
        other => return other.into(),
    };
    io::Error::new(kind, text)
}
