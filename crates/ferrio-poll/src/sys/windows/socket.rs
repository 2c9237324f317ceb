//! Sockets: made non-blocking, and never inherited by a child.

use std::io::{self, IoSlice, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::windows::io::AsSocket;

use socket2::{Domain, SockRef, Socket, Type};
use windows_sys::Win32::Networking::WinSock::{
    WSAECONNABORTED, WSAECONNRESET, WSAEMFILE, WSAENETDOWN, WSAENOBUFS, WSAEWOULDBLOCK,
};

use crate::sys::socket_option::{Purpose, Settings};
use crate::sys::windows::socket_options;

/// A new stream socket that listens on `address`.
///
/// Without SO_REUSEADDR, which on Windows would share the address with any other program.
/// Connections of an earlier listener do not hold the address here.
pub(crate) fn tcp_listener(address: SocketAddr, settings: &Settings) -> io::Result<TcpListener> {
    let socket = new(address, Type::STREAM)?;
    socket_options::apply(settings, &socket, Purpose::Listener, address.is_ipv6())?;
    socket.bind(&address.into())?;
    // SOMAXCONN lets the system choose.
    let backlog = settings.backlog.map_or(i32::MAX, |backlog| i32::try_from(backlog).unwrap_or(i32::MAX));
    socket.listen(backlog)?;
    Ok(socket.into())
}

/// Takes a connection from the queue of `listener`.
pub(crate) fn tcp_accept(listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    let (socket, address) = SockRef::from(listener).accept()?;
    socket.set_nonblocking(true)?;
    let stream = TcpStream::from(socket);
    match address.as_socket() {
        Some(address) => Ok((stream, address)),
        None => stream.peer_addr().map(|address| (stream, address)),
    }
}

/// A new stream socket that is being connected to `address`.
pub(crate) fn tcp_stream(address: SocketAddr, settings: &Settings) -> io::Result<TcpStream> {
    let socket = new(address, Type::STREAM)?;
    socket_options::apply(settings, &socket, Purpose::Stream, address.is_ipv6())?;
    if let Some(local) = settings.local {
        socket.bind(&local.into())?;
    }
    match socket.connect(&address.into()) {
        Err(error) if error.raw_os_error() != Some(WSAEWOULDBLOCK) => Err(error),
        _ => Ok(socket.into()),
    }
}

/// A new datagram socket bound to `address`.
pub(crate) fn udp(address: SocketAddr, settings: &Settings) -> io::Result<UdpSocket> {
    let socket = new(address, Type::DGRAM)?;
    socket_options::apply(settings, &socket, Purpose::Datagram, address.is_ipv6())?;
    socket.bind(&address.into())?;
    Ok(socket.into())
}

/// True if an IPv6 socket takes no IPv4 traffic.
pub(crate) fn only_v6(socket: &UdpSocket) -> io::Result<bool> {
    SockRef::from(socket).only_v6()
}

/// Sends `buf` to the peer.
pub(crate) fn send(socket: &impl AsSocket, buf: &[u8]) -> io::Result<usize> {
    (&*SockRef::from(socket)).write(buf)
}

/// Sends `bufs` one after the other.
pub(crate) fn send_vectored(socket: &impl AsSocket, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
    let bufs = &bufs[..bufs.len().min(BUFFERS_MAX)];
    (&*SockRef::from(socket)).write_vectored(bufs)
}

/// True for an error of `accept` that is of the connection and not of the listener.
pub(crate) fn is_of_the_connection(error: &io::Error) -> bool {
    let of_the_connection = [WSAECONNABORTED, WSAECONNRESET, WSAENETDOWN];
    error.raw_os_error().is_some_and(|code| of_the_connection.contains(&code))
}

/// True for an error that says that sockets, memory or a permission are missing.
pub(crate) fn is_shortage(error: &io::Error) -> bool {
    error.raw_os_error().is_some_and(|code| [WSAEMFILE, WSAENOBUFS].contains(&code))
}

/// Nothing is kept in reserve, for no limit of sockets is known.
#[derive(Debug)]
pub(crate) enum Reserve {}

impl Reserve {
    /// There is none.
    pub(crate) fn new() -> Option<Reserve> {
        None
    }
}

fn new(address: SocketAddr, kind: Type) -> io::Result<Socket> {
    // Not inherited by children, in the call that makes it.
    let socket = Socket::new(Domain::for_address(address), kind, None)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// How many buffers one call takes. The system counts them by 32 bits.
pub(crate) const BUFFERS_MAX: usize = i32::MAX as usize;
