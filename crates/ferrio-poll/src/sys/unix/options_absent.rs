//! What the other Unixes answer to an option of sockets that Linux has.

use std::io;

use socket2::SockRef;

use crate::sys::socket_option::{Purpose, SocketOption};

/// They lack it, or it has another meaning there.
pub(crate) fn set_option(_: &SockRef<'_>, _: &SocketOption, _: Purpose, _: bool) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
