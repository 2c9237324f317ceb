//! Sockets of the second version of WASI.

use std::io::{self, IoSlice, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};

use rustix::io::Errno;
use socket2::{Domain, SockRef, Socket, Type};

use crate::sys::socket_option::{Purpose, Settings, SocketOption};

/// A new stream socket that listens on `address`.
pub(crate) fn tcp_listener(address: SocketAddr, settings: &Settings) -> io::Result<TcpListener> {
    let socket = new(address, Type::STREAM)?;
    socket.set_reuse_address(settings.reuses_address())?;
    settings.apply(Purpose::Listener, refuse)?;
    socket.bind(&address.into())?;
    let backlog = settings.backlog.map_or(i32::MAX, |backlog| i32::try_from(backlog).unwrap_or(i32::MAX));
    socket.listen(backlog)?;
    Ok(socket.into())
}

/// Takes a connection from the queue of `listener`.
pub(crate) fn tcp_accept(listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    let (stream, address) = listener.accept()?;
    stream.set_nonblocking(true)?;
    Ok((stream, address))
}

/// A new stream socket that is being connected to `address`.
pub(crate) fn tcp_stream(address: SocketAddr, settings: &Settings) -> io::Result<TcpStream> {
    let socket = new(address, Type::STREAM)?;
    settings.apply(Purpose::Stream, refuse)?;
    if let Some(local) = settings.local {
        socket.bind(&local.into())?;
    }
    match socket.connect(&address.into()) {
        Err(error) if Errno::from_io_error(&error) != Some(Errno::INPROGRESS) => Err(error),
        _ => Ok(socket.into()),
    }
}

/// A new datagram socket bound to `address`.
pub(crate) fn udp(address: SocketAddr, settings: &Settings) -> io::Result<UdpSocket> {
    let socket = new(address, Type::DGRAM)?;
    settings.apply(Purpose::Datagram, refuse)?;
    socket.bind(&address.into())?;
    Ok(socket.into())
}

/// There is one that can be set, and the listener has set it.
fn refuse(option: &SocketOption) -> io::Result<()> {
    match option {
        SocketOption::ReuseAddress(_) => Ok(()),
        _ => Err(io::ErrorKind::Unsupported.into()),
    }
}

/// True if an IPv6 socket takes no IPv4 traffic.
pub(crate) fn only_v6(socket: &UdpSocket) -> io::Result<bool> {
    SockRef::from(socket).only_v6()
}

/// Sends `buf` to the peer.
pub(crate) fn send(mut socket: &TcpStream, buf: &[u8]) -> io::Result<usize> {
    socket.write(buf)
}

/// Sends `bufs` one after the other.
pub(crate) fn send_vectored(mut socket: &TcpStream, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
    socket.write_vectored(bufs)
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

/// True for an error of `accept` that is of the connection and not of the listener.
pub(crate) fn is_of_the_connection(error: &io::Error) -> bool {
    let of_the_connection = [Errno::CONNABORTED, Errno::CONNRESET, Errno::PROTO];
    Errno::from_io_error(error).is_some_and(|errno| of_the_connection.contains(&errno))
}

/// True for an error that says that descriptors, memory or a permission are missing.
pub(crate) fn is_shortage(error: &io::Error) -> bool {
    let shortages = [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM, Errno::PERM];
    Errno::from_io_error(error).is_some_and(|errno| shortages.contains(&errno))
}

fn new(address: SocketAddr, kind: Type) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), kind, None)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// How many buffers one call takes: what std's sockets take, which do the reading.
pub(crate) const BUFFERS_MAX: usize = 1024;
