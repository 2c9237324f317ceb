//! Sockets: made non-blocking and close-on-exec, written without SIGPIPE.

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::io::Errno;
use rustix::net::addr::SocketAddrArg;
use rustix::net::{
    AddressFamily, SendAncillaryBuffer, SendFlags, SocketAddrAny, SocketFlags, SocketType, bind, connect,
    listen, send as send_to_peer, sendmsg, socket_with, socketpair, sockopt,
};

/// A new socket.
pub(crate) fn new(family: AddressFamily, kind: SocketType) -> io::Result<OwnedFd> {
    Ok(socket_with(family, kind, FLAGS, None)?)
}

/// A new stream socket that listens on `address`, a new one of an earlier listener
/// allowed.
pub(crate) fn tcp_listener(address: SocketAddr) -> io::Result<OwnedFd> {
    let socket = new(family(address), SocketType::STREAM)?;
    sockopt::set_socket_reuseaddr(&socket, true)?;
    bind(&socket, &address)?;
    listen(&socket, TCP_BACKLOG)?;
    Ok(socket)
}

/// A new stream socket that is being connected to `address`.
pub(crate) fn tcp_stream(address: SocketAddr) -> io::Result<OwnedFd> {
    let socket = new(family(address), SocketType::STREAM)?;
    start_connect(socket.as_fd(), &address)?;
    Ok(socket)
}

/// A new datagram socket bound to `address`.
pub(crate) fn udp(address: SocketAddr) -> io::Result<OwnedFd> {
    let socket = new(family(address), SocketType::DGRAM)?;
    bind(&socket, &address)?;
    Ok(socket)
}

/// A new Unix socket bound to `address`.
pub(crate) fn unix_bound(kind: SocketType, address: &impl SocketAddrArg) -> io::Result<OwnedFd> {
    let socket = new(AddressFamily::UNIX, kind)?;
    bind(&socket, address)?;
    Ok(socket)
}

/// A new Unix socket that listens on `address`.
pub(crate) fn unix_listener(address: &impl SocketAddrArg) -> io::Result<OwnedFd> {
    let socket = unix_bound(SocketType::STREAM, address)?;
    listen(&socket, UNIX_BACKLOG)?;
    Ok(socket)
}

/// Two Unix sockets that are each other's peer.
pub(crate) fn unix_pair(kind: SocketType) -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(socketpair(AddressFamily::UNIX, kind, FLAGS, None)?)
}

/// Begins to connect `socket`; a connection that is on its way is not an error.
pub(crate) fn start_connect(socket: BorrowedFd<'_>, address: &impl SocketAddrArg) -> io::Result<()> {
    match connect(socket, address) {
        Ok(()) | Err(Errno::INPROGRESS) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

/// Takes a connection from the queue of `listener`.
#[cfg(all(target_os = "android", target_arch = "x86"))]
pub(crate) fn accept(listener: BorrowedFd<'_>) -> io::Result<(OwnedFd, Option<SocketAddrAny>)> {
    // The sandbox of old Androids on this processor ends a process that calls accept4.
    let (socket, address) = rustix::net::acceptfrom(listener)?;
    rustix::io::fcntl_setfd(&socket, rustix::io::FdFlags::CLOEXEC)?;
    rustix::io::ioctl_fionbio(&socket, true)?;
    Ok((socket, address))
}

/// Takes a connection from the queue of `listener`.
#[cfg(not(all(target_os = "android", target_arch = "x86")))]
pub(crate) fn accept(listener: BorrowedFd<'_>) -> io::Result<(OwnedFd, Option<SocketAddrAny>)> {
    Ok(rustix::net::acceptfrom_with(listener, FLAGS)?)
}

/// True if an IPv6 socket takes no IPv4 traffic.
pub(crate) fn only_v6(socket: BorrowedFd<'_>) -> io::Result<bool> {
    Ok(sockopt::ipv6_v6only(socket)?)
}

/// Sends `buf` to the peer; a peer that is gone is an error, never a signal.
pub(crate) fn send(socket: BorrowedFd<'_>, buf: &[u8]) -> io::Result<usize> {
    Ok(send_to_peer(socket, buf, SendFlags::NOSIGNAL)?)
}

/// Sends `bufs` one after the other, as `send` does. std's `write_vectored` would
/// raise SIGPIPE.
pub(crate) fn send_vectored(socket: BorrowedFd<'_>, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
    // writev(2), which this stands for, does not reach the socket with nothing.
    if bufs.iter().all(|buf| buf.is_empty()) {
        return Ok(0);
    }
    let bufs = &bufs[..bufs.len().min(BUFFERS_MAX)];
    Ok(sendmsg(socket, bufs, &mut SendAncillaryBuffer::default(), SendFlags::NOSIGNAL)?)
}

fn family(address: SocketAddr) -> AddressFamily {
    match address {
        SocketAddr::V4(_) => AddressFamily::INET,
        SocketAddr::V6(_) => AddressFamily::INET6,
    }
}

/// Both set in the call that makes the descriptor: no fork can come between.
const FLAGS: SocketFlags = SocketFlags::NONBLOCK.union(SocketFlags::CLOEXEC);

/// How many connections wait to be accepted, as in std and mio.
const TCP_BACKLOG: i32 = 128;

/// The same for Unix sockets: as many as the system allows.
const UNIX_BACKLOG: i32 = -1;

/// The most buffers that one call takes: `UIO_MAXIOV`.
const BUFFERS_MAX: usize = 1024;
