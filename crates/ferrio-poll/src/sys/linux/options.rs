//! Options of sockets that only Linux has.

use std::io;
use std::os::fd::AsFd;

use socket2::SockRef;

use crate::sys::raw_option;
use crate::sys::socket_option::{Purpose, SocketOption};

/// Sets `option` on a new socket.
pub(crate) fn set_option(
    socket: &SockRef<'_>,
    option: &SocketOption,
    purpose: Purpose,
    is_v6: bool,
) -> io::Result<()> {
    match *option {
        SocketOption::Device(ref name) => socket.bind_device(Some(name.as_bytes())),
        SocketOption::QuickAck(value) => socket.set_tcp_quickack(value),
        SocketOption::FastOpen(queue) => fast_open(socket, queue, purpose),
        SocketOption::UserTimeout(value) => socket.set_tcp_user_timeout(Some(value)),
        SocketOption::FreeBind(value) if is_v6 => socket.set_freebind_v6(value),
        SocketOption::FreeBind(value) => socket.set_freebind_v4(value),
        SocketOption::Transparent(value) if is_v6 => socket.set_ip_transparent_v6(value),
        SocketOption::Transparent(value) => socket.set_ip_transparent_v4(value),
        // Of both versions.
        SocketOption::BindAddressNoPort(value) => {
            raw_option::set(socket.as_fd(), libc::IPPROTO_IP, libc::IP_BIND_ADDRESS_NO_PORT, value.into())
        }
        SocketOption::Mark(value) => socket.set_mark(value),
        SocketOption::Priority(value) => socket.set_priority(value),
        _ => Err(io::ErrorKind::Unsupported.into()),
    }
}

/// For a listener the number is that of connections; a stream is allowed to send data with its
/// request for a connection.
fn fast_open(socket: &SockRef<'_>, queue: u32, purpose: Purpose) -> io::Result<()> {
    let (name, value) = match purpose {
        Purpose::Listener => (libc::TCP_FASTOPEN, i32::try_from(queue).unwrap_or(i32::MAX)),
        _ => (libc::TCP_FASTOPEN_CONNECT, i32::from(queue > 0)),
    };
    raw_option::set(socket.as_fd(), libc::IPPROTO_TCP, name, value)
}
