//! Options that not every Unix has.

use std::io;
use std::os::fd::AsFd;

use socket2::SockRef;
#[cfg(not(target_os = "openbsd"))]
use socket2::TcpKeepalive;

use crate::sys::raw_option;
use crate::sys::socket_option::KeepAlive;

/// Lets several sockets be bound to one address.
pub(crate) fn reuse_port(socket: &SockRef<'_>, value: bool) -> io::Result<()> {
    // SO_REUSEPORT alone gives all connections to one of the sockets there.
    #[cfg(target_os = "freebsd")]
    let result = socket.set_reuse_port_lb(value);
    #[cfg(not(target_os = "freebsd"))]
    let result = socket.set_reuse_port(value);
    result
}

/// Sets the field of the packets that says how they are to be treated.
pub(crate) fn type_of_service(socket: &SockRef<'_>, value: u8, is_v6: bool) -> io::Result<()> {
    let fd = socket.as_fd();
    let v4 = raw_option::set(fd, libc::IPPROTO_IP, libc::IP_TOS, value.into());
    // An IPv6 socket also sends to IPv4 addresses, unless the system knows that it does not.
    if is_v6 { raw_option::set(fd, libc::IPPROTO_IPV6, libc::IPV6_TCLASS, value.into()) } else { v4 }
}

/// Has the system ask whether the peer is there.
#[cfg(not(target_os = "openbsd"))]
pub(crate) fn keep_alive(socket: &SockRef<'_>, value: KeepAlive) -> io::Result<()> {
    let mut times = TcpKeepalive::new().with_time(value.idle);
    if let Some(interval) = value.interval {
        times = times.with_interval(interval);
    }
    if let Some(probes) = value.probes {
        times = times.with_retries(probes);
    }
    socket.set_tcp_keepalive(&times)
}

/// One time holds for all sockets of the system there.
#[cfg(target_os = "openbsd")]
pub(crate) fn keep_alive(_: &SockRef<'_>, _: KeepAlive) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
