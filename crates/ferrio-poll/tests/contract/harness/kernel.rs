//! What the harness has in place of an eventfd and of `/proc`, on a Unix that is not Linux.

use std::net::UdpSocket;
use std::os::fd::OwnedFd;

use crate::harness::any_local_v4;

/// Whether the modules of `linux` are compiled.
pub(crate) const IS_LINUX: bool = false;

/// The folder with an entry for each descriptor of this process.
pub(crate) const DESCRIPTORS: &str = "/dev/fd";

/// A descriptor that holds nothing yet, and is readable once something was written to it: a
/// socket that sends to itself.
pub(crate) fn eventfd() -> OwnedFd {
    let socket = UdpSocket::bind(any_local_v4()).expect("bind");
    socket.connect(socket.local_addr().expect("local_addr")).expect("connect");
    socket.set_nonblocking(true).expect("set_nonblocking");
    socket.into()
}
