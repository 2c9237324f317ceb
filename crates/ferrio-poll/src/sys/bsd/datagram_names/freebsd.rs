//! Options of IPv4 on FreeBSD.

use std::net::Ipv4Addr;

use crate::sys::messages::control::OutControl;
pub(super) use crate::sys::system::datagram_names::local_v4 as local;

/// Asks that the message be sent from `source`.
pub(super) fn write_source(control: &mut OutControl, source: Ipv4Addr) {
    control.push(libc::IPPROTO_IP, libc::IP_SENDSRCADDR, &source.octets());
}

/// Asks for a class in the header; false if that cannot be done.
pub(super) fn write_class(control: &mut OutControl, class: u8) -> bool {
    control.push(libc::IPPROTO_IP, libc::IP_TOS, &[class]);
    true
}

/// Asks for the local address of each datagram, and is the kind of the message that tells it.
pub(super) const RECEIVE_LOCAL: i32 = libc::IP_RECVDSTADDR;
/// The same for the class of its header.
pub(super) const RECEIVE_CLASS: Option<i32> = Some(libc::IP_RECVTOS);
/// The same for the hops that it has left.
pub(super) const RECEIVE_TTL: Option<i32> = Some(libc::IP_RECVTTL);
/// Asks for the hops that a datagram of IPv6 has left.
pub(super) const RECEIVE_HOP_LIMIT: Option<i32> = Some(libc::IPV6_RECVHOPLIMIT);
/// The kind of the message that tells those.
pub(super) const HOP_LIMIT: Option<i32> = Some(libc::IPV6_HOPLIMIT);
