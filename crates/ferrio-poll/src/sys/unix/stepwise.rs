//! Descriptors that are made close-on-exec and non-blocking right after they were made, where
//! the calls that make them cannot do it: a fork of another thread may come between.

use rustix::fd::{BorrowedFd, OwnedFd};
use rustix::io::{Errno, FdFlags, fcntl_setfd, ioctl_fionbio};
use rustix::net::{AddressFamily, SendFlags, SocketAddrAny, SocketFlags, SocketType, acceptfrom};

/// A new socket.
pub(super) fn socket(family: AddressFamily, kind: SocketType) -> Result<OwnedFd, Errno> {
    finished_socket(rustix::net::socket(family, kind, None)?)
}

/// Two sockets that are each other's peer.
pub(super) fn socket_pair(family: AddressFamily, kind: SocketType) -> Result<(OwnedFd, OwnedFd), Errno> {
    let (one, other) = rustix::net::socketpair(family, kind, SocketFlags::empty(), None)?;
    Ok((finished_socket(one)?, finished_socket(other)?))
}

/// Takes a connection from the queue of `listener`.
pub(super) fn accept(listener: BorrowedFd<'_>) -> Result<(OwnedFd, Option<SocketAddrAny>), Errno> {
    let (socket, address) = acceptfrom(listener)?;
    Ok((finished_socket(socket)?, address))
}

/// A pipe: first the reading end, then the writing one.
pub(super) fn pipe() -> Result<(OwnedFd, OwnedFd), Errno> {
    let (reader, writer) = rustix::pipe::pipe()?;
    Ok((finished(reader)?, finished(writer)?))
}

/// Whether connections to `socket`, which is not of datagrams, are accepted: it has no peer, for
/// Apple's systems do not answer the question itself.
pub(super) fn is_listening(socket: BorrowedFd<'_>) -> Result<bool, Errno> {
    match rustix::net::getpeername(socket) {
        Err(Errno::NOTCONN) => Ok(true),
        result => result.map(|_| false),
    }
}

/// Sends without raising SIGPIPE, where a flag says so.
#[cfg(not(target_vendor = "apple"))]
pub(super) const SEND: SendFlags = SendFlags::NOSIGNAL;
/// That a write raises no SIGPIPE is an option of the socket.
#[cfg(target_vendor = "apple")]
pub(super) const SEND: SendFlags = SendFlags::empty();

/// There is no flag that has a received descriptor closed on exec.
pub(super) const TAKE: libc::c_int = 0;

/// How many bytes of control messages a kernel is given beyond what is wanted. That of Apple's
/// systems leaves descriptors open that find no room, with numbers that nobody knows. A sender
/// cannot give it more than these bytes (`MCLBYTES`), so that all of them come and are closed here.
pub(super) const CONTROL_BYTES: usize = 2048;

fn finished_socket(socket: OwnedFd) -> Result<OwnedFd, Errno> {
    #[cfg(target_vendor = "apple")]
    rustix::net::sockopt::set_socket_nosigpipe(&socket, true)?;
    finished(socket)
}

fn finished(fd: OwnedFd) -> Result<OwnedFd, Errno> {
    fcntl_setfd(&fd, FdFlags::CLOEXEC)?;
    ioctl_fionbio(&fd, true)?;
    Ok(fd)
}
