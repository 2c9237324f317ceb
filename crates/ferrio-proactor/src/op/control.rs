//! Control data of messages: what is asked for one that is sent, and what is told of one that came.

use std::net::IpAddr;
use std::time::SystemTime;

use ferrio_poll::net::udp::{Ecn, LocalAddress};
use ferrio_poll::os::ancillary::{self, Ancillary};

use crate::sys::{self, Passed};

/// Control data for a message that is sent, by [`SendMsg::control`](crate::op::SendMsg::control).
///
/// # Examples
///
/// ```
/// use ferrio_poll::net::udp::Ecn;
/// use ferrio_proactor::op::Control;
///
/// // Several datagrams of 1200 bytes in one message, each marked and sent from an address of ours.
/// let source = "127.0.0.1".parse().unwrap();
/// let control = Control::new().with_segment_size(1200).with_ecn(Ecn::Ect0).with_source(source);
/// # drop(control);
/// ```
#[doc(alias = "cmsg")]
#[derive(Debug, Default)]
pub struct Control {
    pub(crate) bytes: Vec<u8>,
    /// The descriptors whose numbers are in there: they stay open until the message was sent.
    #[allow(dead_code, reason = "Windows passes none")]
    pub(crate) fds: Vec<Passed>,
    /// How many of the bytes, at the front, are the message with these numbers.
    #[allow(dead_code, reason = "Windows passes none")]
    pub(crate) fds_len: usize,
}

impl Control {
    /// Control data that asks for nothing.
    pub fn new() -> Control {
        Control::default()
    }

    /// The bytes go out as datagrams of `bytes` each, the last of which may be shorter. On Linux and
    /// Android alone: elsewhere they are one datagram.
    ///
    /// # Panics
    ///
    /// If `bytes` is 0.
    #[doc(alias = "UDP_SEGMENT")]
    #[doc(alias = "GSO")]
    #[must_use]
    pub fn with_segment_size(mut self, bytes: u16) -> Control {
        assert!(bytes > 0, "a datagram of a segmented message has at least one byte");
        ancillary::add_segment_size(&mut self.bytes, bytes);
        self
    }

    /// Each datagram has this mark in its header. On Linux and Android alone: elsewhere it is passed
    /// over.
    #[doc(alias = "IP_TOS")]
    #[doc(alias = "IPV6_TCLASS")]
    #[must_use]
    pub fn with_ecn(mut self, ecn: Ecn) -> Control {
        ancillary::add_ecn(&mut self.bytes, ecn);
        self
    }

    /// Each datagram is sent from `address`, which is one of this machine and of the same family as
    /// the destination. On illumos, Solaris, Haiku, Redox and Emscripten it is passed over, and the
    /// system chooses the address.
    #[doc(alias = "IP_PKTINFO")]
    #[must_use]
    pub fn with_source(mut self, address: IpAddr) -> Control {
        ancillary::add_source(&mut self.bytes, address);
        self
    }

    /// Adds a control message of any other kind, as cmsg(3) has them.
    ///
    /// # Panics
    ///
    /// If it would pass descriptors of Unix: a number owns none, so that is for
    /// `Control::with_descriptors`.
    #[must_use]
    pub fn with_message(mut self, level: i32, kind: i32, data: &[u8]) -> Control {
        let is_rights = sys::RIGHTS == Some((level, kind));
        assert!(!is_rights, "descriptors are passed by Control::with_descriptors, which owns them");
        ancillary::add_message(&mut self.bytes, level, kind, data);
        self
    }

    /// For the header of a message; the kernel only reads it.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// The control data of a message that came. What the socket was not asked for is `None`.
///
/// A socket is asked before it is attached, for example by
/// [`UdpSocket::set_recv_local_address`](ferrio_poll::net::UdpSocket::set_recv_local_address), and
/// the receive has to have room for the answers: [`room_for`](ReceivedControl::room_for). The
/// descriptors that came are not in here, since they have an owner: `descriptors` of the message.
#[derive(Clone, Copy, Debug)]
pub struct ReceivedControl<'a> {
    bytes: &'a [u8],
    pub(crate) ancillary: Ancillary,
}

impl<'a> ReceivedControl<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> ReceivedControl<'a> {
        ReceivedControl { bytes, ancillary: Ancillary::read(bytes) }
    }

    /// How many bytes of room are enough for so many descriptors and all else that is told here.
    pub const fn room_for(descriptors: usize) -> usize {
        OTHERS + if descriptors == 0 { 0 } else { ancillary::space(4 * descriptors) }
    }

    /// The address of this machine that it was sent to, and the interface that it came in by; asked
    /// for by `set_recv_local_address`.
    #[doc(alias = "IP_PKTINFO")]
    pub fn local_address(&self) -> Option<LocalAddress> {
        self.ancillary.local_address()
    }

    /// The mark in its header, if it has one; asked for by `set_recv_ecn`.
    #[doc(alias = "IP_TOS")]
    pub fn ecn(&self) -> Option<Ecn> {
        self.ancillary.ecn()
    }

    /// How many hops it had left; asked for by `set_recv_ttl`.
    #[doc(alias = "IP_TTL")]
    #[doc(alias = "hop_limit")]
    pub fn ttl(&self) -> Option<u8> {
        self.ancillary.ttl()
    }

    /// When the kernel took it from the network; asked for by `set_recv_timestamps`.
    #[doc(alias = "SO_TIMESTAMPNS")]
    pub fn timestamp(&self) -> Option<SystemTime> {
        self.ancillary.timestamp()
    }

    /// If the system joined several datagrams of one sender, the length of each but the last, by
    /// which its bytes are told apart: `data.chunks(size)`; asked for by `set_recv_offload`.
    #[doc(alias = "UDP_GRO")]
    pub fn segment_size(&self) -> Option<usize> {
        self.ancillary.segment_size()
    }

    /// Each control message: its level, its type and its data. The numbers of descriptors among them
    /// are not the program's.
    #[doc(alias = "cmsg")]
    pub fn messages(&self) -> impl Iterator<Item = (i32, i32, &'a [u8])> + use<'a> {
        ancillary::messages(self.bytes)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

/// Room for all that is told beside descriptors: 256 bytes, as the sockets of ferrio-poll have.
const OTHERS: usize = 256;
