//! What is wrong with a Unix socket, a socket file or a descriptor that is passed, in words.
#![allow(dead_code, reason = "which of these there are depends on the system")]

use std::ffi::OsStr;
use std::io::{self, ErrorKind};
use std::os::unix::net::SocketAddr;
use std::path::Path;

use crate::error::new;

/// A system whose Unix sockets are streams and datagrams.
#[cold]
pub(crate) fn no_seqpacket() -> io::Error {
    new(
        ErrorKind::Unsupported,
        "this system has no SOCK_SEQPACKET for Unix sockets, as Apple's have none: use a UnixStream and mark the \
         ends of records yourself, or a UnixDatagram",
    )
}

#[cold]
pub(crate) fn empty_record() -> io::Error {
    new(
        ErrorKind::InvalidInput,
        "an empty record cannot be told from the end of the connection: send at least one byte",
    )
}

#[cold]
pub(crate) fn too_many_descriptors(count: usize) -> io::Error {
    new(
        ErrorKind::InvalidInput,
        format!("{count} descriptors are more than one message passes, which is 253: send them in several"),
    )
}

#[cold]
pub(crate) fn descriptors_without_bytes() -> io::Error {
    new(
        ErrorKind::InvalidInput,
        "descriptors travel with the first byte of what is sent, and a stream sends nothing for no bytes: send at \
         least one byte with them",
    )
}

/// More descriptors than `room`, which were closed.
#[cold]
pub(crate) fn descriptors_cut(room: usize) -> io::Error {
    new(
        ErrorKind::InvalidData,
        format!(
            "more descriptors came than there is room for, which is {room}; all of them were closed, and the bytes \
             are lost: end the connection, or agree on a number with the peer and make room for it"
        ),
    )
}

/// Descriptors that came, were wanted, and could not be opened here.
#[cold]
pub(crate) fn descriptors_unopened(room: usize) -> io::Error {
    new(
        ErrorKind::QuotaExceeded,
        format!(
            "descriptors came that fit into the room, which is {room}, and this process may not open as many: all of \
             them were closed, and the bytes are lost; close descriptors before you receive, or raise the limit of \
             open descriptors (RLIMIT_NOFILE)"
        ),
    )
}

#[cold]
pub(crate) fn no_peer_credentials() -> io::Error {
    new(
        ErrorKind::Unsupported,
        "this system does not tell the process at the other end of a Unix socket here, as SO_PEERCRED or \
         getpeereid do elsewhere: keep the socket file in a directory that only its users can enter",
    )
}

#[cold]
pub(crate) fn no_peer_pidfd() -> io::Error {
    new(
        ErrorKind::Unsupported,
        "this kernel has no SO_PEERPIDFD, which Linux has from 6.5 on: decide by the user of `peer_credentials`",
    )
}

/// No mode of a file, or no path.
#[cold]
pub(crate) fn no_socket_file(address: &SocketAddr, mode: u32) -> io::Error {
    new(
        ErrorKind::InvalidInput,
        format!(
            "no socket file with mode {mode:#o} can be made at the address {address:?}: give a path, and a mode up to \
             0o777"
        ),
    )
}

#[cold]
pub(crate) fn mode_too_late(path: &Path, mode: u32) -> io::Error {
    new(
        ErrorKind::Unsupported,
        format!(
            "{path:?} cannot be given mode {mode:#o} before datagrams can be sent to it, which only Linux can: bind it \
             in a directory that only its users can enter"
        ),
    )
}

/// A system whose every way to set a mode could set that of another file.
#[cold]
pub(crate) fn no_mode_without_following() -> io::Error {
    new(
        ErrorKind::Unsupported,
        "this system has no fchmodat with AT_SYMLINK_NOFOLLOW: bind it in a directory that only its users can enter",
    )
}

/// A Linux on which only the name of a descriptor in /proc says which file it is.
#[cold]
pub(crate) fn no_proc() -> io::Error {
    new(
        ErrorKind::Unsupported,
        "the umask takes from the mode, and /proc, by which that can be given back, is not mounted: mount it, or \
         bind with a umask that leaves the mode as it is",
    )
}

#[cold]
pub(crate) fn mode_not_set(path: &Path, mode: u32, cause: &io::Error, left: Option<io::Error>) -> io::Error {
    let rest = left.map_or_else(String::new, |cause| format!(", and the file stays, for {cause}"));
    new(cause.kind(), format!("{path:?} cannot be given mode {mode:#o}: {cause}{rest}"))
}

/// A file of another kind, in words.
#[cold]
pub(crate) fn no_socket(path: &Path, kind: &str) -> io::Error {
    new(
        ErrorKind::AlreadyExists,
        format!(
            "{path:?} is {kind} and no socket, so it is left alone: choose another path, or remove it yourself"
        ),
    )
}

#[cold]
pub(crate) fn socket_of_another_user(path: &Path, owner: u32, user: u32) -> io::Error {
    new(
        ErrorKind::PermissionDenied,
        format!("the socket file {path:?} is of user {owner} and not of user {user}, so it is left alone"),
    )
}

#[cold]
pub(crate) fn socket_file_unknown(path: &Path, cause: &io::Error) -> io::Error {
    new(cause.kind(), format!("nothing can be said of the socket file {path:?}: {cause}"))
}

#[cold]
pub(crate) fn socket_file_in_use(path: &Path) -> io::Error {
    new(
        ErrorKind::AddrInUse,
        format!("a socket is bound to {path:?}: its server runs, so end that first or choose another path"),
    )
}

#[cold]
pub(crate) fn socket_file_not_removed(path: &Path, cause: &io::Error) -> io::Error {
    new(cause.kind(), format!("the socket file {path:?} cannot be removed: {cause}"))
}

#[cold]
pub(crate) fn no_file(path: &Path) -> io::Error {
    new(ErrorKind::NotFound, format!("there is no socket file {path:?}: bind a socket to it first"))
}

/// A variable that does not hold what it should, which is `meant`.
#[cold]
pub(crate) fn variable_invalid(name: &str, value: &OsStr, meant: &str) -> io::Error {
    new(
        ErrorKind::InvalidInput,
        format!(
            "{name}={value:?} is not {meant}: whoever started this process has to set it right, or unset it"
        ),
    )
}

/// More descriptors than there can be.
#[cold]
pub(crate) fn listen_fds_too_many(count: u32) -> io::Error {
    new(ErrorKind::InvalidInput, format!("LISTEN_FDS={count} are more descriptors than a process can have"))
}

#[cold]
pub(crate) fn listen_fd_closed(count: u32, fd: i32, cause: &io::Error) -> io::Error {
    new(
        ErrorKind::NotFound,
        format!(
            "LISTEN_FDS={count} says that descriptor {fd} was handed over, and it is not open: {cause}; take them \
             before anything can close them"
        ),
    )
}

#[cold]
pub(crate) fn listen_fd_not_inherited(count: u32, fd: i32) -> io::Error {
    new(
        ErrorKind::NotFound,
        format!(
            "LISTEN_FDS={count} says that descriptor {fd} was handed over, and this process has opened it itself \
             since: take them before anything else does"
        ),
    )
}

#[cold]
pub(crate) fn listen_fds_taken(count: u32) -> io::Error {
    new(
        ErrorKind::AlreadyExists,
        format!("the descriptors of LISTEN_FDS={count} were taken before: take them once, and pass them on"),
    )
}

/// A call that other systems lack.
#[cold]
pub(crate) fn only_linux(what: &str) -> io::Error {
    new(ErrorKind::Unsupported, format!("this system has no {what}: read into a buffer and write from it"))
}

#[cold]
pub(crate) fn no_zero_copy() -> io::Error {
    new(
        ErrorKind::Unsupported,
        "this system or kernel has no SO_ZEROCOPY, which Linux has from 4.14 on: write the bytes, which copies them",
    )
}

#[cold]
pub(crate) fn nothing_to_send(start: usize, len: usize) -> io::Error {
    new(ErrorKind::InvalidInput, format!("{len} bytes have none from {start} on that could be sent"))
}
