//! Options of IPv4 on Apple's systems.

use std::net::Ipv4Addr;

use crate::sys::datagram::LocalAddress;
use crate::sys::messages::control::{OutControl, bytes_at};

/// That of a `struct in_pktinfo`: an index, the local address, and the one in the header.
pub(super) fn local(data: &[u8]) -> Option<LocalAddress> {
    let interface = u32::from_ne_bytes(bytes_at(data, 0)?);
    let address = Ipv4Addr::from(bytes_at::<4>(data, 8)?);
    Some(LocalAddress { address: address.into(), interface: Some(interface) })
}

/// Asks that the message be sent from `source`.
pub(super) fn write_source(control: &mut OutControl, source: Ipv4Addr) {
    let mut data = [0; 12];
    data[4..8].copy_from_slice(&source.octets());
    control.push(libc::IPPROTO_IP, libc::IP_PKTINFO, &data);
}

/// Asks for a class in the header; false if that cannot be done.
pub(super) fn write_class(control: &mut OutControl, class: u8) -> bool {
    control.push(libc::IPPROTO_IP, libc::IP_TOS, &i32::from(class).to_ne_bytes());
    true
}

/// Asks for the local address of each datagram, and is the kind of the message that tells it.
pub(super) const RECEIVE_LOCAL: i32 = libc::IP_PKTINFO;
/// The same for the class of its header.
pub(super) const RECEIVE_CLASS: Option<i32> = Some(libc::IP_RECVTOS);
/// The same for the hops that it has left.
pub(super) const RECEIVE_TTL: Option<i32> = Some(libc::IP_RECVTTL);
/// Asks for the hops that a datagram of IPv6 has left.
pub(super) const RECEIVE_HOP_LIMIT: Option<i32> = Some(libc::IPV6_RECVHOPLIMIT);
/// The kind of the message that tells those.
pub(super) const HOP_LIMIT: Option<i32> = Some(libc::IPV6_HOPLIMIT);
