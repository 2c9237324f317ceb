//! Unix sockets: made non-blocking and close-on-exec.
//!
//! Those of sequenced packets are std's types for streams here, which ask any Unix socket for
//! its addresses and its error.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixListener, UnixStream};

use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketType, bind, listen};
use socket2::SockRef;

use crate::error::unix as error;
use crate::sys::socket_option::{Purpose, Settings};
use crate::sys::unix::{made, socket, socket_file, socket_options, unix_address};

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
    socket_options::apply(settings, &SockRef::from(&socket), Purpose::LocalStream, false)?;
    socket::start_connect(socket.as_fd(), &unix_address::to_kernel(address)?)?;
    Ok(socket.into())
}

/// Two stream sockets that are each other's peer.
pub(crate) fn stream_pair() -> io::Result<(UnixStream, UnixStream)> {
    let (one, other) = made::socket_pair(AddressFamily::UNIX, SocketType::STREAM)?;
    Ok((one.into(), other.into()))
}

/// A new socket of sequenced packets that listens on `address`.
pub(crate) fn seqpacket_listener(address: &SocketAddr, settings: &Settings) -> io::Result<UnixListener> {
    let socket = bound(SocketType::SEQPACKET, address, settings)?;
    listen(&socket, socket::backlog(settings.backlog))?;
    Ok(socket.into())
}

/// A new socket of sequenced packets that is connected to `address`, or being connected.
pub(crate) fn seqpacket(address: &SocketAddr, settings: &Settings) -> io::Result<UnixStream> {
    let socket = new(SocketType::SEQPACKET)?;
    socket_options::apply(settings, &SockRef::from(&socket), Purpose::LocalStream, false)?;
    socket::start_connect(socket.as_fd(), &unix_address::to_kernel(address)?)?;
    Ok(socket.into())
}

/// Two sockets of sequenced packets that are each other's peer.
pub(crate) fn seqpacket_pair() -> io::Result<(UnixStream, UnixStream)> {
    let kind = SocketType::SEQPACKET;
    let (one, other) = made::socket_pair(AddressFamily::UNIX, kind).map_err(|errno| refusal(errno, kind))?;
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
    let socket = new(kind)?;
    socket_options::apply(settings, &SockRef::from(&socket), Purpose::Local, false)?;
    match settings.file_mode {
        Some(mode) => socket_file::bind(socket.as_fd(), address, mode, kind != SocketType::DGRAM)?,
        None => bind(&socket, &unix_address::to_kernel(address)?)?,
    }
    Ok(socket)
}

fn new(kind: SocketType) -> io::Result<OwnedFd> {
    made::socket(AddressFamily::UNIX, kind).map_err(|errno| refusal(errno, kind))
}

/// The answer to a socket of this kind that the kernel refused with `errno`.
fn refusal(errno: Errno, kind: SocketType) -> io::Error {
    let is_unknown = matches!(errno, Errno::PROTONOSUPPORT | Errno::PROTOTYPE | Errno::OPNOTSUPP);
    if kind == SocketType::SEQPACKET && is_unknown { error::no_seqpacket() } else { errno.into() }
}

#[cfg(all(test, not(ferrio_loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_system_without_sequenced_packets_is_named_and_other_refusals_keep_their_code() {
        let error = refusal(Errno::PROTONOSUPPORT, SocketType::SEQPACKET);
        assert_eq!(error.kind(), io::ErrorKind::Unsupported);
        assert!(error.to_string().contains("SOCK_SEQPACKET"), "{error}");
        assert_eq!(
            refusal(Errno::MFILE, SocketType::SEQPACKET).raw_os_error(),
            Some(Errno::MFILE.raw_os_error())
        );
        let of_a_stream = refusal(Errno::PROTONOSUPPORT, SocketType::STREAM);
        assert_eq!(of_a_stream.raw_os_error(), Some(Errno::PROTONOSUPPORT.raw_os_error()));
    }
}
