//! Unix sockets cannot be made.

use std::io;
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixListener, UnixStream};

use crate::error::kernel;

pub(crate) fn listener(_: &SocketAddr, _: Option<u32>) -> io::Result<UnixListener> {
    Err(kernel::unsupported_system())
}

pub(crate) fn accept(_: &UnixListener) -> io::Result<(UnixStream, SocketAddr)> {
    Err(kernel::unsupported_system())
}

pub(crate) fn stream(_: &SocketAddr) -> io::Result<UnixStream> {
    Err(kernel::unsupported_system())
}

pub(crate) fn stream_pair() -> io::Result<(UnixStream, UnixStream)> {
    Err(kernel::unsupported_system())
}

pub(crate) fn datagram() -> io::Result<UnixDatagram> {
    Err(kernel::unsupported_system())
}

pub(crate) fn datagram_bound(_: &SocketAddr) -> io::Result<UnixDatagram> {
    Err(kernel::unsupported_system())
}

pub(crate) fn datagram_pair() -> io::Result<(UnixDatagram, UnixDatagram)> {
    Err(kernel::unsupported_system())
}
