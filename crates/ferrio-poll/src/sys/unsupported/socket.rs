//! Sockets cannot be made.

use std::io::{self, IoSlice};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};

use crate::error::kernel;
use crate::sys::handle::AsSource;
use crate::sys::socket_option::Settings;

pub(crate) fn tcp_listener(_: SocketAddr, _: &Settings) -> io::Result<TcpListener> {
    Err(kernel::unsupported_system())
}

pub(crate) fn tcp_accept(_: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    Err(kernel::unsupported_system())
}

pub(crate) fn tcp_stream(_: SocketAddr, _: &Settings) -> io::Result<TcpStream> {
    Err(kernel::unsupported_system())
}

pub(crate) fn udp(_: SocketAddr, _: &Settings) -> io::Result<UdpSocket> {
    Err(kernel::unsupported_system())
}

pub(crate) fn only_v6(_: &UdpSocket) -> io::Result<bool> {
    Err(kernel::unsupported_system())
}

pub(crate) fn send(_: &impl AsSource, _: &[u8]) -> io::Result<usize> {
    Err(kernel::unsupported_system())
}

pub(crate) fn send_vectored(_: &impl AsSource, _: &[IoSlice<'_>]) -> io::Result<usize> {
    Err(kernel::unsupported_system())
}

pub(crate) fn is_of_the_connection(_: &io::Error) -> bool {
    false
}

pub(crate) fn is_shortage(_: &io::Error) -> bool {
    false
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

pub(crate) const BUFFERS_MAX: usize = 1;
