//! Options of a socket that is not bound or connected yet.

use std::io;

use socket2::SockRef;

use crate::sys::socket_option::{Purpose, Settings, SocketOption};
use crate::sys::system::{options, socket_extras};

/// Sets the options of `settings` on a new `socket`, which is one of IPv6 or, if not, of IPv4 or
/// Unix.
pub(crate) fn apply(
    settings: &Settings,
    socket: &SockRef<'_>,
    purpose: Purpose,
    is_v6: bool,
) -> io::Result<()> {
    settings.apply(purpose, |option| set(socket, option, purpose, is_v6))
}

fn set(socket: &SockRef<'_>, option: &SocketOption, purpose: Purpose, is_v6: bool) -> io::Result<()> {
    match *option {
        SocketOption::ReuseAddress(value) => socket.set_reuse_address(value),
        SocketOption::ReusePort(value) => socket_extras::reuse_port(socket, value),
        SocketOption::OnlyV6(value) if is_v6 => socket.set_only_v6(value),
        // It takes no IPv6 in any case.
        SocketOption::OnlyV6(_) => Ok(()),
        SocketOption::TypeOfService(value) => socket_extras::type_of_service(socket, value, is_v6),
        SocketOption::KeepAlive(value) => socket_extras::keep_alive(socket, value),
        SocketOption::Linger(value) => socket.set_linger(Some(value)),
        SocketOption::ReceiveBuffer(value) => socket.set_recv_buffer_size(value),
        SocketOption::SendBuffer(value) => socket.set_send_buffer_size(value),
        SocketOption::NoDelay(value) => socket.set_tcp_nodelay(value),
        _ => options::set_option(socket, option, purpose, is_v6),
    }
}
