//! Unix sockets: made non-blocking and close-on-exec.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixListener, UnixStream};

use rustix::net::{AddressFamily, SocketType, bind, listen};

use crate::sys::unix::{made, socket, unix_address};

/// A new socket that listens on `address`.
pub(crate) fn listener(address: &SocketAddr, backlog: Option<u32>) -> io::Result<UnixListener> {
    let socket = bound(SocketType::STREAM, address)?;
    listen(&socket, socket::backlog(backlog))?;
    Ok(socket.into())
}

/// Takes a connection from the queue of `listener`.
pub(crate) fn accept(listener: &UnixListener) -> io::Result<(UnixStream, SocketAddr)> {
    let (socket, address) = socket::accept(listener.as_fd())?;
    let stream = UnixStream::from(socket);
    let address = match unix_address::from_kernel(address) {
        Some(address) => address,
        None => stream.peer_addr()?,
    };
    Ok((stream, address))
}

/// A new stream socket that is connected to `address`, or being connected.
pub(crate) fn stream(address: &SocketAddr) -> io::Result<UnixStream> {
    let socket = socket::new(AddressFamily::UNIX, SocketType::STREAM)?;
    socket::start_connect(socket.as_fd(), &unix_address::to_kernel(address)?)?;
    Ok(socket.into())
}

/// Two stream sockets that are each other's peer.
pub(crate) fn stream_pair() -> io::Result<(UnixStream, UnixStream)> {
    let (one, other) = made::socket_pair(AddressFamily::UNIX, SocketType::STREAM)?;
    Ok((one.into(), other.into()))
}

/// A new datagram socket without a name.
pub(crate) fn datagram() -> io::Result<UnixDatagram> {
    Ok(socket::new(AddressFamily::UNIX, SocketType::DGRAM)?.into())
}

/// A new datagram socket bound to `address`.
pub(crate) fn datagram_bound(address: &SocketAddr) -> io::Result<UnixDatagram> {
    Ok(bound(SocketType::DGRAM, address)?.into())
}

/// Two datagram sockets that are each other's peer.
pub(crate) fn datagram_pair() -> io::Result<(UnixDatagram, UnixDatagram)> {
    let (one, other) = made::socket_pair(AddressFamily::UNIX, SocketType::DGRAM)?;
    Ok((one.into(), other.into()))
}

fn bound(kind: SocketType, address: &SocketAddr) -> io::Result<OwnedFd> {
    let socket = socket::new(AddressFamily::UNIX, kind)?;
    bind(&socket, &unix_address::to_kernel(address)?)?;
    Ok(socket)
}
