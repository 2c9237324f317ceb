//! Control data for whoever receives and sends messages by another way than the sockets of this
//! crate: read and written as they do it.

use std::net::IpAddr;
use std::time::SystemTime;

use crate::sys::ancillary::{credentials, write_ecn};
use crate::sys::datagram::{Ecn, Facts, LocalAddress};
use crate::sys::messages::control::{self, Control, Controls, OutControl};
use crate::sys::system::datagram_names as names;

/// What the control data of a message says. What the socket was not asked for is `None`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ancillary {
    facts: Facts,
    /// The process, the user and the group of the sender.
    credentials: Option<(u32, u32, u32)>,
}

impl Ancillary {
    /// Reads what the kernel wrote. Of other bytes anything may come, but nothing goes wrong.
    pub fn read(bytes: &[u8]) -> Ancillary {
        let mut ancillary = Ancillary::default();
        for control in Controls::new(bytes) {
            ancillary.credentials = credentials(control).or(ancillary.credentials);
            names::read(control, &mut ancillary.facts);
        }
        ancillary
    }

    /// Where the message arrived.
    pub fn local_address(&self) -> Option<LocalAddress> {
        self.facts.local
    }

    /// The mark in its header.
    pub fn ecn(&self) -> Option<Ecn> {
        self.facts.class.and_then(Ecn::from_class)
    }

    /// How many hops it had left.
    pub fn ttl(&self) -> Option<u8> {
        self.facts.ttl
    }

    /// When the kernel took it from the network.
    pub fn timestamp(&self) -> Option<SystemTime> {
        self.facts.timestamp
    }

    /// The length of each datagram but the last, if several were joined.
    pub fn segment_size(&self) -> Option<usize> {
        self.facts.segment_size
    }

    /// The process, the user and the group of its sender.
    pub fn credentials(&self) -> Option<(u32, u32, u32)> {
        self.credentials
    }
}

/// Each control message: its level, its type and its data.
pub fn messages(bytes: &[u8]) -> impl Iterator<Item = (i32, i32, &[u8])> {
    Controls::new(bytes).map(|Control { level, kind, data }| (level, kind, data))
}

/// Adds the message that asks for datagrams of `size` bytes each.
pub fn add_segment_size(bytes: &mut Vec<u8>, size: u16) {
    let mut control = OutControl::EMPTY;
    names::write_segment_size(&mut control, size);
    bytes.extend_from_slice(control.messages());
}

/// Adds the messages that ask for a mark, in the headers of both families: that which is not the
/// socket's is passed over.
pub fn add_ecn(bytes: &mut Vec<u8>, ecn: Ecn) {
    let mut control = OutControl::EMPTY;
    write_ecn(&mut control, ecn);
    bytes.extend_from_slice(control.messages());
}

/// Adds the message that asks for an address to be sent from.
pub fn add_source(bytes: &mut Vec<u8>, source: IpAddr) {
    let mut control = OutControl::EMPTY;
    names::write_source(&mut control, source);
    bytes.extend_from_slice(control.messages());
}

/// Adds a message of any kind.
pub fn add_message(bytes: &mut Vec<u8>, level: i32, kind: i32, data: &[u8]) {
    control::append(bytes, level, kind, data);
}

/// How many bytes a control message with so many bytes of data takes.
pub const fn space(bytes: usize) -> usize {
    control::space(bytes)
}
