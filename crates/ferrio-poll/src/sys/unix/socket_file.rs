//! The file of a Unix socket: its mode from the beginning on, and what is known of one that
//! exists.

use std::fs::{self, Metadata};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::net::SocketAddr;
use std::path::Path;

use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketType, connect};

use crate::error::unix as error;
use crate::sys::system::calls;
use crate::sys::unix::{socket, unix_address};

/// Binds `socket`, which `is_listener` if connections to it are refused until it listens, to
/// `address`, which is a path, and gives the file exactly `mode`.
///
/// At no time may anybody connect whom `mode` does not allow. Linux gives the file the mode of the
/// socket, less what the umask takes, which is given back afterwards; elsewhere only a socket
/// that is not listening yet can wait for its mode.
pub(crate) fn bind(
    socket: BorrowedFd<'_>,
    address: &SocketAddr,
    mode: u32,
    is_listener: bool,
) -> io::Result<()> {
    let path = address.as_pathname().filter(|_| mode & !0o777 == 0);
    let Some(path) = path else { return Err(error::no_socket_file(address, mode)) };
    if !calls::set_mode_of_socket(socket, mode)? && !is_listener {
        return Err(error::mode_too_late(path, mode));
    }
    rustix::net::bind(socket, &unix_address::to_kernel(address)?)?;
    calls::set_mode_of_file(path, mode).map_err(|cause| {
        // A file with a wrong mode is worse than none.
        let removed = fs::remove_file(path);
        error::mode_not_set(path, mode, &cause, removed.err())
    })
}

/// What identifies a socket file of this user: its device and its number.
pub(crate) type Identity = (u64, u64);

/// The socket file at `path`; an error that names it for one that is of another kind or of
/// another user. `None` if there is nothing.
pub(crate) fn identity(path: &Path) -> io::Result<Option<Identity>> {
    let file = match fs::symlink_metadata(path) {
        Ok(file) => file,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(error::socket_file_unknown(path, &cause)),
    };
    if !file.file_type().is_socket() {
        return Err(error::no_socket(path, kind(&file)));
    }
    let user = rustix::process::geteuid().as_raw();
    if file.uid() != user {
        return Err(error::socket_of_another_user(path, file.uid(), user));
    }
    Ok(Some((file.dev(), file.ino())))
}

/// Whether the socket file with this `identity` is the one at `path`.
pub(crate) fn is_at(path: &Path, identity: Identity) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        // The number of a file that is gone may be that of another one.
        Ok(file) => Ok(file.file_type().is_socket() && (file.dev(), file.ino()) == identity),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(cause) => Err(error::socket_file_unknown(path, &cause)),
    }
}

/// Whether a socket is bound to the file at `path`, of whatever type and listening or not.
///
/// A datagram socket that tries to connect is refused only where there is none. A socket of
/// another type is `EPROTOTYPE`, and does not hear of it.
pub(crate) fn is_in_use(path: &Path) -> io::Result<bool> {
    let probe = socket::new(AddressFamily::UNIX, SocketType::DGRAM)?;
    let address = unix_address::to_kernel(&SocketAddr::from_pathname(path)?)?;
    match connect(probe.as_fd(), &address) {
        Err(Errno::CONNREFUSED) => Ok(false),
        Err(errno @ (Errno::NOENT | Errno::ACCESS | Errno::NOTDIR | Errno::LOOP)) => {
            Err(error::socket_file_unknown(path, &errno.into()))
        }
        Ok(()) | Err(_) => Ok(true),
    }
}

/// What a file is, in words.
fn kind(file: &Metadata) -> &'static str {
    let kind = file.file_type();
    match () {
        () if kind.is_symlink() => "a symbolic link",
        () if kind.is_dir() => "a directory",
        () if kind.is_file() => "a regular file",
        () => "a file of another kind",
    }
}
