//! What the other Unixes answer where Linux has something of its own.
#![allow(dead_code, reason = "Linux has it")]

use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::SocketAddr;
use std::path::Path;

use rustix::io::Errno;
use rustix::net::SocketAddrUnix;

/// There is none.
pub(crate) fn eventfd() -> Result<OwnedFd, Errno> {
    Err(Errno::NOSYS)
}

/// Nobody can be asked.
pub(crate) fn has_readiness(_: BorrowedFd<'_>) -> Option<io::Result<bool>> {
    None
}

/// No address is abstract.
pub(crate) fn abstract_to_kernel(_: &SocketAddr) -> Option<Result<SocketAddrUnix, Errno>> {
    None
}

/// The kernel says that there is no such path.
pub(crate) fn unnamed_to_kernel() -> io::Result<SocketAddrUnix> {
    Ok(SocketAddrUnix::new("")?)
}

/// The mode of a socket is not that of its file.
pub(crate) fn set_mode_of_socket(_: BorrowedFd<'_>, _: u32) -> io::Result<bool> {
    Ok(false)
}

/// Gives the file at `path` exactly `mode`, if it is no symbolic link.
#[cfg(not(target_os = "redox"))]
pub(crate) fn set_mode_of_file(path: &Path, mode: u32) -> io::Result<()> {
    let mode = rustix::fs::Mode::from_raw_mode(mode as rustix::fs::RawMode);
    Ok(rustix::fs::chmodat(rustix::fs::CWD, path, mode, rustix::fs::AtFlags::SYMLINK_NOFOLLOW)?)
}

/// Every way to change a mode follows a link there.
#[cfg(target_os = "redox")]
pub(crate) fn set_mode_of_file(_: &Path, _: u32) -> io::Result<()> {
    Err(crate::error::unix::no_mode_without_following())
}

/// No address is abstract.
pub(crate) fn abstract_from_kernel(_: &SocketAddrUnix) -> Option<io::Result<SocketAddr>> {
    None
}

/// There is no such error.
pub(crate) const ERROR_OF_CONNECTION: Option<Errno> = None;

/// A record may be taken in parts, and `MSG_EOR` marks the last one.
pub(crate) const RECORDS_ARE_WHOLE: bool = false;

/// The type of the control message that tells who sent one over a Unix socket.
pub(crate) const CREDENTIALS: Option<i32> = None;

/// No other message brings a descriptor.
pub(crate) const TAKES_DESCRIPTOR: &[(i32, i32)] = &[];
