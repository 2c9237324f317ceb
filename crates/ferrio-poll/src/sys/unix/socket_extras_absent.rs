//! What systems answer that lack options, or whose bindings do.

use std::io;

use socket2::SockRef;

use crate::sys::socket_option::KeepAlive;

pub(crate) fn reuse_port(_: &SockRef<'_>, _: bool) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(crate) fn type_of_service(_: &SockRef<'_>, _: u8, _: bool) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(crate) fn keep_alive(_: &SockRef<'_>, _: KeepAlive) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
