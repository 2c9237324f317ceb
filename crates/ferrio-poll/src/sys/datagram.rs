//! Datagrams, and what a system tells of them beside their bytes.

#[allow(dead_code, reason = "not each system divides messages")]
pub(crate) mod division;
pub(crate) mod pieces;
pub(crate) mod transmit;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::SystemTime;

/// The congestion mark in the header of a packet, as [RFC 3168] has it. A packet without one
/// says that its sender does not take part.
///
/// [RFC 3168]: https://www.rfc-editor.org/rfc/rfc3168
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Ecn {
    /// ECT(1): the sender takes part, and asks for marks as L4S does.
    Ect1 = 0b01,
    /// ECT(0): the sender takes part.
    Ect0 = 0b10,
    /// CE: a router on the way was congested.
    Ce = 0b11,
}

impl Ecn {
    /// The mark in `class`, the whole byte of the header (TOS, or the traffic class of IPv6).
    pub fn from_class(class: u8) -> Option<Ecn> {
        match class & 0b11 {
            0b01 => Some(Ecn::Ect1),
            0b10 => Some(Ecn::Ect0),
            0b11 => Some(Ecn::Ce),
            _ => None,
        }
    }

    /// The two bits of the mark, as they stand in the header.
    pub fn bits(self) -> u8 {
        self as u8
    }
}

/// Where a datagram arrived: what `IP_PKTINFO` and its likes tell.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct LocalAddress {
    pub(crate) address: IpAddr,
    pub(crate) interface: Option<u32>,
}

impl LocalAddress {
    /// The address that the datagram was sent to. To answer from it, give it to
    /// [`Transmit::with_source`](transmit::Transmit::with_source).
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// The index of the interface that it came in by, where the system tells it.
    pub fn interface(&self) -> Option<u32> {
        self.interface
    }
}

/// True for an error of a send that may be the answer to a datagram which went out earlier: a router
/// or the peer says that it did not arrive.
#[allow(dead_code, reason = "a system that takes many messages by one call does not sort its errors")]
pub(crate) fn is_of_an_earlier_one(error: &io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionRefused, ConnectionReset, HostUnreachable, NetworkUnreachable};
    [ConnectionRefused, ConnectionReset, HostUnreachable, NetworkUnreachable].contains(&error.kind())
}

/// What a system tells of a datagram if it was asked to.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Facts {
    /// Where it arrived.
    pub(crate) local: Option<LocalAddress>,
    /// The class of its header, with the mark.
    pub(crate) class: Option<u8>,
    /// The hops that it had left.
    pub(crate) ttl: Option<u8>,
    /// When it arrived.
    pub(crate) timestamp: Option<SystemTime>,
    /// The length of each datagram but the last, if several were joined.
    pub(crate) segment_size: Option<usize>,
}

/// A message that came in: one datagram, or several that the system joined.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Message<'a> {
    /// What found room.
    pub(crate) bytes: &'a [u8],
    /// Its sender, which the system gives for each datagram of an internet socket.
    pub(crate) source: Option<SocketAddr>,
    /// True if not all of it found room.
    pub(crate) is_truncated: bool,
    /// What was asked for beside.
    pub(crate) facts: Facts,
}

/// What a socket can be asked to tell.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Facility {
    /// Where each datagram arrived.
    LocalAddress,
    /// The class of the header of each datagram.
    Class,
    /// The hops that each datagram has left.
    Ttl,
    /// When each datagram arrived.
    Timestamps,
    /// To join datagrams of one flow.
    Offload,
    /// To queue errors with what is known of them.
    Errors,
    /// When each datagram left.
    SendTimestamps,
}

impl Facility {
    /// The option that it is, for the error where it is absent.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Facility::LocalAddress => "IP_PKTINFO, the local address of each datagram,",
            Facility::Class => "IP_RECVTOS, the congestion mark of each datagram,",
            Facility::Ttl => "IP_RECVTTL, the hops that each datagram has left,",
            Facility::Timestamps => "SO_TIMESTAMP, the time of arrival of each datagram,",
            Facility::Offload => "UDP_GRO, which joins datagrams,",
            Facility::Errors => "IP_RECVERR, a queue of errors,",
            Facility::SendTimestamps => "SO_TIMESTAMPING, the time when a datagram left,",
        }
    }
}
