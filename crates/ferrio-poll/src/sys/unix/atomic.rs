//! Descriptors that are close-on-exec and non-blocking from the call that makes them, and
//! writes that raise no SIGPIPE: no fork and no thread can come between.

use rustix::fd::{BorrowedFd, OwnedFd};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SendFlags, SocketAddrAny, SocketFlags, SocketType, socket_with};
use rustix::pipe::{PipeFlags, pipe_with};

/// A new socket.
pub(super) fn socket(family: AddressFamily, kind: SocketType) -> Result<OwnedFd, Errno> {
    socket_with(family, kind, FLAGS, None)
}

/// Two sockets that are each other's peer.
pub(super) fn socket_pair(family: AddressFamily, kind: SocketType) -> Result<(OwnedFd, OwnedFd), Errno> {
    rustix::net::socketpair(family, kind, FLAGS, None)
}

/// Takes a connection from the queue of `listener`.
#[cfg(all(target_os = "android", target_arch = "x86"))]
pub(super) fn accept(listener: BorrowedFd<'_>) -> Result<(OwnedFd, Option<SocketAddrAny>), Errno> {
    // The sandbox of old Androids on this processor ends a process that calls accept4.
    let (socket, address) = rustix::net::acceptfrom(listener)?;
    rustix::io::fcntl_setfd(&socket, rustix::io::FdFlags::CLOEXEC)?;
    rustix::io::ioctl_fionbio(&socket, true)?;
    Ok((socket, address))
}

/// Takes a connection from the queue of `listener`.
#[cfg(not(all(target_os = "android", target_arch = "x86")))]
pub(super) fn accept(listener: BorrowedFd<'_>) -> Result<(OwnedFd, Option<SocketAddrAny>), Errno> {
    rustix::net::acceptfrom_with(listener, FLAGS)
}

/// A pipe: first the reading end, then the writing one.
pub(super) fn pipe() -> Result<(OwnedFd, OwnedFd), Errno> {
    pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)
}

/// Whether connections to `socket` are accepted.
pub(super) fn is_listening(socket: BorrowedFd<'_>) -> Result<bool, Errno> {
    rustix::net::sockopt::socket_acceptconn(socket)
}

/// Sends without raising SIGPIPE.
#[cfg(not(target_os = "redox"))]
pub(super) const SEND: SendFlags = SendFlags::NOSIGNAL;

/// There is no flag for it.
#[cfg(target_os = "redox")]
pub(super) const SEND: SendFlags = SendFlags::empty();

/// Has a descriptor that is received closed on exec.
#[cfg(not(any(target_os = "redox", target_os = "solaris")))]
pub(super) const TAKE: libc::c_int = libc::MSG_CMSG_CLOEXEC;

/// There is no flag for it.
#[cfg(any(target_os = "redox", target_os = "solaris"))]
pub(super) const TAKE: libc::c_int = 0;

/// How many bytes of control messages a kernel is given beyond what is wanted: none, for it closes
/// the descriptors that find no room.
pub(super) const CONTROL_BYTES: usize = 0;

/// Both set in the call that makes the descriptor.
const FLAGS: SocketFlags = SocketFlags::NONBLOCK.union(SocketFlags::CLOEXEC);
