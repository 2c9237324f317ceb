//! A datagram that came in, or several that the system joined.

use std::net::SocketAddr;
use std::slice::Chunks;
use std::time::SystemTime;

use crate::sys::datagram::{Ecn, LocalAddress, Message};

/// A datagram that came in; with [`set_recv_offload`] it may be several of one sender, which
/// [`segments`](Received::segments) tells apart.
///
/// What the socket was not asked for is `None`.
///
/// [`set_recv_offload`]: crate::net::UdpSocket::set_recv_offload
#[derive(Clone, Copy, Debug)]
pub struct Received<'a> {
    message: Message<'a>,
}

impl<'a> Received<'a> {
    pub(super) fn new(message: Message<'a>) -> Received<'a> {
        Received { message }
    }

    /// Its bytes, or as many of them as found room; those of all its segments.
    pub fn bytes(&self) -> &'a [u8] {
        self.message.bytes
    }

    /// The datagrams that it is made of: itself, unless the system joined several.
    ///
    /// All have the same length but the last, which may be shorter. An empty datagram is one
    /// segment of no bytes.
    ///
    /// # Implementation notes
    ///
    /// The length comes in a control message of `UDP_GRO`.
    #[doc(alias = "UDP_GRO")]
    #[doc(alias = "GRO")]
    pub fn segments(&self) -> Segments<'a> {
        let bytes = self.message.bytes;
        let size = self.message.facts.segment_size.unwrap_or(bytes.len());
        Segments { is_empty_one: bytes.is_empty(), chunks: bytes.chunks(size.max(1)) }
    }

    /// The address of its sender.
    ///
    /// Systems give it for each datagram that comes over the network. `None` if this one did not,
    /// or gave an address of another family: there is no address to answer to then.
    pub fn source(&self) -> Option<SocketAddr> {
        self.message.source
    }

    /// True if it was longer than its room, and what was beyond is lost.
    #[doc(alias = "MSG_TRUNC")]
    pub fn is_truncated(&self) -> bool {
        self.message.is_truncated
    }

    /// The address of this machine that it was sent to and the interface that it came in by; asked
    /// for by [`set_recv_local_address`](crate::net::UdpSocket::set_recv_local_address).
    #[doc(alias = "destination")]
    #[doc(alias = "IP_PKTINFO")]
    pub fn local_address(&self) -> Option<LocalAddress> {
        self.message.facts.local
    }

    /// The mark in its header, if it has one; asked for by
    /// [`set_recv_ecn`](crate::net::UdpSocket::set_recv_ecn).
    ///
    /// That of joined datagrams is one: the system joins only those whose marks are the same.
    #[doc(alias = "IP_TOS")]
    pub fn ecn(&self) -> Option<Ecn> {
        self.message.facts.class.and_then(Ecn::from_class)
    }

    /// How many hops it had left; asked for by
    /// [`set_recv_ttl`](crate::net::UdpSocket::set_recv_ttl).
    #[doc(alias = "IP_TTL")]
    #[doc(alias = "hop_limit")]
    pub fn ttl(&self) -> Option<u8> {
        self.message.facts.ttl
    }

    /// When the kernel took it from the network; asked for by
    /// [`set_recv_timestamps`](crate::net::UdpSocket::set_recv_timestamps).
    #[doc(alias = "SO_TIMESTAMP")]
    pub fn timestamp(&self) -> Option<SystemTime> {
        self.message.facts.timestamp
    }
}

/// The datagrams that a [`Received`] is made of.
#[derive(Clone, Debug)]
pub struct Segments<'a> {
    /// True if there is one and it has no bytes, which chunks cannot say.
    is_empty_one: bool,
    chunks: Chunks<'a, u8>,
}

impl<'a> Iterator for Segments<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if std::mem::take(&mut self.is_empty_one) {
            return Some(&[]);
        }
        self.chunks.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let len = self.chunks.len() + usize::from(self.is_empty_one);
        (len, Some(len))
    }
}

impl ExactSizeIterator for Segments<'_> {}

#[cfg(test)]
mod tests {
    use super::Received;
    use crate::sys::datagram::{Facts, Message};

    fn received(bytes: &[u8], segment_size: Option<usize>) -> Vec<&[u8]> {
        let facts = Facts { segment_size, ..Facts::default() };
        let received = Received::new(Message { bytes, source: None, is_truncated: false, facts });
        assert_eq!(received.source(), None, "an address that no system gave");
        let segments = received.segments();
        let (len, segments) = (segments.len(), segments.collect::<Vec<_>>());
        assert_eq!(len, segments.len());
        segments
    }

    #[test]
    fn joined_datagrams_are_told_apart_and_a_single_one_is_one() {
        assert_eq!(received(b"abcdefg", Some(3)), [&b"abc"[..], b"def", b"g"]);
        assert_eq!(received(b"abcdefg", Some(7)), [b"abcdefg"]);
        assert_eq!(received(b"abcdefg", None), [b"abcdefg"]);
        assert_eq!(received(b"", None), [b""]);
        assert_eq!(received(b"", Some(3)), [b""]);
    }
}
