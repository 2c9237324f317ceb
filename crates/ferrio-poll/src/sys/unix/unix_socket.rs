//! Unix sockets: made non-blocking and close-on-exec.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixListener, UnixStream};

use rustix::net::{AddressFamily, SocketType, bind, listen};
use socket2::SockRef;

use crate::sys::socket_option::{Purpose, Settings};
use crate::sys::unix::{made, socket, socket_options, unix_address};

/// A new socket that listens on `address`.
pub(crate) fn listener(address: &SocketAddr, settings: &Settings) -> io::Result<UnixListener> {
    let socket = bound(SocketType::STREAM, address, settings)?;
    listen(&socket, socket::backlog(settings.backlog))?;
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
pub(crate) fn stream(address: &SocketAddr, settings: &Settings) -> io::Result<UnixStream> {
    let socket = socket::new(AddressFamily::UNIX, SocketType::STREAM)?;
    socket_options::apply(settings, &SockRef::from(&socket), Purpose::Local, false)?;
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
pub(crate) fn datagram_bound(address: &SocketAddr, settings: &Settings) -> io::Result<UnixDatagram> {
    Ok(bound(SocketType::DGRAM, address, settings)?.into())
}

/// Two datagram sockets that are each other's peer.
pub(crate) fn datagram_pair() -> io::Result<(UnixDatagram, UnixDatagram)> {
    let (one, other) = made::socket_pair(AddressFamily::UNIX, SocketType::DGRAM)?;
    Ok((one.into(), other.into()))
}

fn bound(kind: SocketType, address: &SocketAddr, settings: &Settings) -> io::Result<OwnedFd> {
    let socket = socket::new(AddressFamily::UNIX, kind)?;
    socket_options::apply(settings, &SockRef::from(&socket), Purpose::Local, false)?;
    bind(&socket, &unix_address::to_kernel(address)?)?;
    Ok(socket)
}
