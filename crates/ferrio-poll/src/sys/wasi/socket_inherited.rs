//! Sockets of the first version of WASI: those that the host opened, and the connections that
//! its listeners accept.

use std::io::{self, IoSlice, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};

use crate::error::host;
use crate::sys::socket_option::Settings;

pub(crate) fn tcp_listener(_: SocketAddr, _: &Settings) -> io::Result<TcpListener> {
    Err(host::no_new_sockets("no socket can be bound"))
}

/// Takes a connection from the queue of `listener`. Its address is not told.
pub(crate) fn tcp_accept(listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    let (stream, address) = listener.accept()?;
    stream.set_nonblocking(true)?;
    Ok((stream, address))
}

pub(crate) fn tcp_stream(_: SocketAddr, _: &Settings) -> io::Result<TcpStream> {
    Err(host::no_new_sockets("no connection can be made"))
}

pub(crate) fn udp(_: SocketAddr, _: &Settings) -> io::Result<UdpSocket> {
    Err(host::no_new_sockets("no datagram socket can be bound"))
}

pub(crate) fn only_v6(_: &UdpSocket) -> io::Result<bool> {
    Err(host::no_new_sockets("a socket has no options"))
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
    let of_the_connection = [wasi::ERRNO_CONNABORTED, wasi::ERRNO_CONNRESET, wasi::ERRNO_PROTO];
    is_one_of(error, &of_the_connection)
}

/// True for an error that says that descriptors, memory or a permission are missing.
pub(crate) fn is_shortage(error: &io::Error) -> bool {
    let shortages = [
        wasi::ERRNO_MFILE,
        wasi::ERRNO_NFILE,
        wasi::ERRNO_NOBUFS,
        wasi::ERRNO_NOMEM,
        wasi::ERRNO_PERM,
        wasi::ERRNO_NOTCAPABLE,
    ];
    is_one_of(error, &shortages)
}

fn is_one_of(error: &io::Error, codes: &[wasi::Errno]) -> bool {
    error.raw_os_error().is_some_and(|code| codes.iter().any(|known| i32::from(known.raw()) == code))
}

/// How many buffers one call takes: what std's sockets take, which do the reading.
pub(crate) const BUFFERS_MAX: usize = 1024;
