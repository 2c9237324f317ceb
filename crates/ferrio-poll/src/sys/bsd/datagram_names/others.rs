//! Options of IPv4 on DragonFly BSD, NetBSD and OpenBSD.

use std::net::Ipv4Addr;

use crate::sys::messages::control::OutControl;
pub(super) use crate::sys::system::datagram_names::local_v4 as local;

/// Asks that the message be sent from `source`.
pub(super) fn write_source(control: &mut OutControl, source: Ipv4Addr) {
    control.push(libc::IPPROTO_IP, libc::IP_RECVDSTADDR, &source.octets());
}

/// False: these kernels pass over a class that is asked for one datagram.
pub(super) fn write_class(_: &mut OutControl, _: u8) -> bool {
    false
}

/// Asks for the local address of each datagram, and is the kind of the message that tells it.
/// Written to a message, it is the address to send from.
pub(super) const RECEIVE_LOCAL: i32 = libc::IP_RECVDSTADDR;
/// Nothing tells the class.
pub(super) const RECEIVE_CLASS: Option<i32> = None;
/// Nothing that the bindings name tells the hops.
pub(super) const RECEIVE_TTL: Option<i32> = None;
/// The same for IPv6.
pub(super) const RECEIVE_HOP_LIMIT: Option<i32> = None;
/// The same.
pub(super) const HOP_LIMIT: Option<i32> = None;
