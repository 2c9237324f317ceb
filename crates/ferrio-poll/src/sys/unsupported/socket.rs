//! Sockets cannot be made.

use std::io::{self, IoSlice};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};

use crate::error::kernel;
use crate::sys::handle::AsSource;

pub(crate) fn tcp_listener(_: SocketAddr, _: Option<u32>) -> io::Result<TcpListener> {
    Err(kernel::unsupported_system())
}

pub(crate) fn tcp_accept(_: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    Err(kernel::unsupported_system())
}

pub(crate) fn tcp_stream(_: SocketAddr) -> io::Result<TcpStream> {
    Err(kernel::unsupported_system())
}

pub(crate) fn udp(_: SocketAddr) -> io::Result<UdpSocket> {
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

pub(crate) const BUFFERS_MAX: usize = 1;
