//! Options of a socket that is not bound or connected yet.

use std::io;

use socket2::{Socket, TcpKeepalive};

use crate::sys::socket_option::{KeepAlive, Purpose, Settings, SocketOption};

/// Sets the options of `settings` on a new `socket`, which is one of IPv6 or, if not, of IPv4.
pub(crate) fn apply(settings: &Settings, socket: &Socket, purpose: Purpose, is_v6: bool) -> io::Result<()> {
    settings.apply(purpose, |option| set(socket, option, is_v6))
}

fn set(socket: &Socket, option: &SocketOption, is_v6: bool) -> io::Result<()> {
    match *option {
        // What it means elsewhere holds in any case. The option of that name would let any
        // other program take the address.
        SocketOption::ReuseAddress(_) => Ok(()),
        SocketOption::OnlyV6(value) if is_v6 => socket.set_only_v6(value),
        SocketOption::OnlyV6(_) => Ok(()),
        SocketOption::TypeOfService(value) if !is_v6 => socket.set_tos_v4(value.into()),
        SocketOption::KeepAlive(value) => keep_alive(socket, value),
        SocketOption::Linger(value) => socket.set_linger(Some(value)),
        SocketOption::ReceiveBuffer(value) => socket.set_recv_buffer_size(value),
        SocketOption::SendBuffer(value) => socket.set_send_buffer_size(value),
        SocketOption::NoDelay(value) => socket.set_tcp_nodelay(value),
        _ => Err(io::ErrorKind::Unsupported.into()),
    }
}

fn keep_alive(socket: &Socket, value: KeepAlive) -> io::Result<()> {
    let mut times = TcpKeepalive::new().with_time(value.idle);
    if let Some(interval) = value.interval {
        times = times.with_interval(interval);
    }
    if let Some(probes) = value.probes {
        times = times.with_retries(probes);
    }
    socket.set_tcp_keepalive(&times)
}
