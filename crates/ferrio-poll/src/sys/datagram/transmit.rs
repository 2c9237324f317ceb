//! What is to be sent.

use std::net::{IpAddr, SocketAddr};

use crate::sys::datagram::Ecn;

/// Bytes to be sent as one datagram, or as several of equal length.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// use ferrio::net::udp::{Ecn, Transmit};
///
/// let peer = "192.0.2.1:4433".parse().unwrap();
/// let contents = [0; 3000];
/// // Two datagrams of 1200 bytes and one of 600.
/// let transmit = Transmit::to(peer, &contents).with_segment_size(1200).with_ecn(Ecn::Ect0);
/// assert_eq!(transmit.datagrams(), 3);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Transmit<'a> {
    /// `None` for the peer that the socket is connected to.
    pub(crate) destination: Option<SocketAddr>,
    /// The bytes of all its datagrams.
    pub(crate) contents: &'a [u8],
    /// The length of each datagram but the last; never 0.
    pub(crate) segment_size: Option<usize>,
    /// The mark in the header of each.
    pub(crate) ecn: Option<Ecn>,
    /// The address that they are sent from.
    pub(crate) source: Option<IpAddr>,
}

impl<'a> Transmit<'a> {
    /// One datagram to `destination`; it may be empty.
    pub fn to(destination: SocketAddr, contents: &'a [u8]) -> Transmit<'a> {
        Transmit { destination: Some(destination), ..Transmit::connected(contents) }
    }

    /// One datagram to the address that the socket is connected to; it may be empty.
    pub fn connected(contents: &'a [u8]) -> Transmit<'a> {
        Transmit { destination: None, contents, segment_size: None, ecn: None, source: None }
    }

    /// The contents go out as datagrams of `bytes` each, the last of which may be shorter.
    ///
    /// Where the system can, it is given many of them in one piece and divides them itself
    /// (`UDP_SEGMENT`). The contents may be longer than what one such piece takes.
    ///
    /// # Panics
    ///
    /// If `bytes` is 0.
    #[doc(alias = "UDP_SEGMENT")]
    #[doc(alias = "GSO")]
    #[must_use]
    pub fn with_segment_size(self, bytes: usize) -> Transmit<'a> {
        assert!(bytes > 0, "a datagram of a segmented transmit has at least one byte");
        Transmit { segment_size: Some(bytes), ..self }
    }

    /// Each datagram has this mark in its header.
    #[doc(alias = "IP_TOS")]
    #[doc(alias = "IPV6_TCLASS")]
    #[must_use]
    pub fn with_ecn(self, ecn: Ecn) -> Transmit<'a> {
        Transmit { ecn: Some(ecn), ..self }
    }

    /// Each datagram is sent from `address`, which is one of this machine and of the
    /// same family as the destination.
    #[doc(alias = "IP_PKTINFO")]
    #[doc(alias = "IP_SENDSRCADDR")]
    #[must_use]
    pub fn with_source(self, address: IpAddr) -> Transmit<'a> {
        Transmit { source: Some(address), ..self }
    }

    /// Where it is sent to; `None` for the address that the socket is connected to.
    pub fn destination(&self) -> Option<SocketAddr> {
        self.destination
    }

    /// The bytes of all its datagrams.
    pub fn contents(&self) -> &'a [u8] {
        self.contents
    }

    /// How many datagrams it is.
    pub fn datagrams(&self) -> usize {
        match self.segment_size {
            Some(size) => self.contents.len().div_ceil(size).max(1),
            None => 1,
        }
    }

    /// Takes the first `datagrams` off the front of `transmits`: those that
    /// [`send_batch`](crate::net::UdpSocket::send_batch) says have gone out.
    ///
    /// # Panics
    ///
    /// If there are fewer.
    ///
    /// # Examples
    ///
    /// ```
    /// # extern crate ferrio_poll as ferrio;
    /// use ferrio::net::udp::Transmit;
    ///
    /// let contents = [7; 2500];
    /// let mut transmits = [Transmit::connected(&contents).with_segment_size(1000), Transmit::connected(b"end")];
    /// let mut left = &mut transmits[..];
    /// Transmit::advance(&mut left, 2);
    /// assert_eq!(left[0].contents().len(), 500);
    /// Transmit::advance(&mut left, 1);
    /// assert_eq!(left[0].contents(), b"end");
    /// Transmit::advance(&mut left, 1);
    /// assert!(left.is_empty());
    /// ```
    pub fn advance(transmits: &mut &mut [Transmit<'a>], datagrams: usize) {
        let (mut whole, mut left) = (0, datagrams);
        while let Some(transmit) = transmits.get(whole).filter(|transmit| transmit.datagrams() <= left) {
            left -= transmit.datagrams();
            whole += 1;
        }
        *transmits = &mut std::mem::take(transmits)[whole..];
        if left > 0 {
            let first = transmits.first_mut().expect("no more datagrams than there are");
            // It is of several datagrams, so that it has a size.
            first.contents = &first.contents[left * first.segment_size.unwrap_or_default()..];
        }
    }
}
