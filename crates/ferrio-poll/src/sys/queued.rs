//! What the error queue of a socket holds.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::SystemTime;

/// What an entry of an error queue is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Cause {
    /// What was sent did not arrive.
    Error(SocketError),
    /// What was sent has left, or got further.
    Timestamp(SendTimestamp),
    /// Memory that was lent to the system is the program's again.
    ZeroCopy(ZeroCopy),
}

/// Why something did not arrive.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SocketError {
    pub(crate) errno: i32,
    pub(crate) origin: Origin,
    pub(crate) kind: u8,
    pub(crate) code: u8,
    pub(crate) info: u32,
    pub(crate) offender: Option<SocketAddr>,
}

impl SocketError {
    /// The error as the system has it, which an operation on the socket would have failed with.
    pub fn error(&self) -> io::Error {
        io::Error::from_raw_os_error(self.errno)
    }

    /// Where it was found.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// The type in the header of the ICMP message; 0 for an error that was found here.
    pub fn icmp_type(&self) -> u8 {
        self.kind
    }

    /// The code in the header of the ICMP message; 0 for an error that was found here.
    pub fn icmp_code(&self) -> u8 {
        self.code
    }

    /// The most bytes that a packet may have on the way, if the error is that one had more.
    pub fn mtu(&self) -> Option<u32> {
        (self.errno == MESSAGE_TOO_LONG).then_some(self.info)
    }

    /// The router or host that sent the ICMP message.
    pub fn offender(&self) -> Option<IpAddr> {
        self.offender.map(|offender| offender.ip())
    }
}

/// Where an error was found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Origin {
    /// On the way, by an ICMP message of IPv4.
    Icmp,
    /// On the way, by an ICMP message of IPv6.
    Icmp6,
    /// On this machine.
    Local,
}

/// When something that was sent got how far.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SendTimestamp {
    pub(crate) time: SystemTime,
    pub(crate) stage: Stage,
    pub(crate) id: u32,
}

impl SendTimestamp {
    /// When that was.
    pub fn time(&self) -> SystemTime {
        self.time
    }

    /// How far it got.
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// The number of the datagram, from 0 on; of a stream the number of its last byte. It begins
    /// anew after the last number.
    ///
    /// Datagrams that the system divides itself have one number and one time together: each
    /// [`send_segments_max`] of a transmit, or fewer if those were more than 65,507 bytes. A number
    /// may be left out where the system refused something.
    ///
    /// [`send_segments_max`]: crate::net::UdpSocket::send_segments_max
    pub fn id(&self) -> u32 {
        self.id
    }
}

/// How far something that was sent got.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Stage {
    /// It was handed to the device.
    Sent,
    /// It entered the queue of the device.
    Scheduled,
    /// The peer has acknowledged it.
    Acknowledged,
}

/// Sends by `MSG_ZEROCOPY` that are complete: their memory is the program's again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ZeroCopy {
    pub(crate) first: u32,
    pub(crate) last: u32,
    pub(crate) is_copied: bool,
}

impl ZeroCopy {
    /// The number of the first of these sends, which a socket counts from 0 on.
    pub fn first(&self) -> u32 {
        self.first
    }

    /// The number of the last of them.
    ///
    /// The count begins anew after the last number there is, so that this may be smaller than the
    /// first.
    pub fn last(&self) -> u32 {
        self.last
    }

    /// The numbers of them all.
    pub fn ids(&self) -> impl Iterator<Item = u32> + use<> {
        let first = self.first;
        (0..=self.last.wrapping_sub(first)).map(move |n| first.wrapping_add(n))
    }

    /// True if the send of this number is one of them.
    pub fn contains(&self, id: u32) -> bool {
        id.wrapping_sub(self.first) <= self.last.wrapping_sub(self.first)
    }

    /// True if the system copied the memory after all, as it does on the loopback device: then
    /// lending it costs more than it saves.
    pub fn is_copied(&self) -> bool {
        self.is_copied
    }
}

/// An entry of an error queue.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    /// What it is about.
    pub(crate) cause: Cause,
    /// What was sent, or as much as found room.
    pub(crate) bytes: &'a [u8],
    /// True if not all of it found room.
    pub(crate) is_truncated: bool,
    /// Where it was sent to.
    pub(crate) peer: Option<SocketAddr>,
}

/// `EMSGSIZE` of Linux, the one system that has such a queue.
const MESSAGE_TOO_LONG: i32 = 90;
