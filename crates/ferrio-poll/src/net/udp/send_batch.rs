//! Many datagrams sent by one call.

use std::io;

use crate::net::udp_socket::UdpSocket;
use crate::sys::datagram::transmit::Transmit;
use crate::sys::datagrams::{self, Outbound};

/// The memory that [`UdpSocket::send_batch`] needs, and what it has learnt of its socket: use one
/// for each socket.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use ferrio::net::UdpSocket;
/// use ferrio::net::udp::{SendBatch, Transmit};
///
/// let socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
/// # let (near, far) = (socket.local_addr()?, socket.local_addr()?);
/// let file = vec![7; 100_000];
/// let mut transmits = [Transmit::to(near, &file).with_segment_size(1200), Transmit::to(far, b"ping")];
///
/// let mut batch = SendBatch::with_capacity(32);
/// let mut left = &mut transmits[..];
/// while !left.is_empty() {
///     match socket.send_batch(&mut batch, left) {
///         Ok(datagrams) => Transmit::advance(&mut left, datagrams),
///         // A program keeps what is left until the socket is writable.
///         Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => break,
///         Err(error) => return Err(error),
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[doc(alias = "sendmmsg")]
#[derive(Debug)]
pub struct SendBatch {
    outbound: Outbound,
}

impl SendBatch {
    /// Room for `messages` of one call; the system may take fewer. Nothing is allocated after
    /// this.
    ///
    /// # Panics
    ///
    /// If it is 0.
    pub fn with_capacity(messages: usize) -> SendBatch {
        assert!(messages > 0, "a batch has room for at least one message");
        SendBatch { outbound: Outbound::new(messages) }
    }

    /// The most datagrams that are given to the system in one piece; 1 once it has refused for good
    /// to divide them, and `None` until a transmit of several datagrams was sent.
    pub fn segments_max(&self) -> Option<usize> {
        self.outbound.segments_max()
    }
}

impl UdpSocket {
    /// Sends from the front of `transmits` as many datagrams as one call takes; returns how
    /// many went out, at least one unless there were none.
    ///
    /// The others are not sent and stay the caller's: [`Transmit::advance`] takes those that went
    /// out off the front. A transmit of several datagrams may have gone out in part.
    ///
    /// If the kernel refuses to divide what it is given in one piece (`UDP_SEGMENT`), its datagrams
    /// are sent singly; none is lost or sent twice by that. A transmit that cannot be divided as it
    /// is, such as one whose segments are longer than a packet of its route, concerns no other
    /// one. A device that divides nothing does: all that is sent by this `batch` from then on is
    /// sent singly.
    ///
    /// # Errors
    ///
    /// That of the first datagram of `transmits`: `WouldBlock` if there is no room, `EMSGSIZE` if it
    /// is too long, `Unsupported` for a mark or a source where the system cannot set them. An
    /// error that comes later ends the call, and the next one, which begins with that datagram,
    /// meets it.
    ///
    /// `ConnectionRefused` and other errors of the network may be the answer to an earlier
    /// datagram; the first of `transmits` was not sent then and can be. Where one call sends many,
    /// on Linux, Android, NetBSD and OpenBSD, the kernel forgets an answer that comes after the
    /// first datagram of a call; everywhere else the next call tells it. On Linux and Android
    /// [`recv_error`](UdpSocket::recv_error) tells each of them, once it was asked for.
    ///
    /// # Implementation notes
    ///
    /// One sendmmsg(2) on Linux, Android, NetBSD and OpenBSD, and a second one when a division was
    /// refused: by `EIO`, `ENOPROTOOPT` or `EOPNOTSUPP` for good, by `EINVAL` or `EMSGSIZE` for that
    /// transmit. sendmsg(2) for each datagram on Apple's systems, FreeBSD and DragonFly BSD;
    /// `WSASendMsg` for each on Windows, and `send_to` on other systems. Datagrams are divided by
    /// Linux and Android alone, up to 64 of one piece, and sent singly elsewhere.
    ///
    /// Wine takes a mark and a source, and passes over them.
    #[doc(alias = "sendmmsg")]
    #[doc(alias = "UDP_SEGMENT")]
    pub fn send_batch(&self, batch: &mut SendBatch, transmits: &[Transmit<'_>]) -> io::Result<usize> {
        if transmits.is_empty() {
            return Ok(0);
        }
        let datagrams = transmits.iter().map(Transmit::datagrams).sum();
        self.inner.write(datagrams, |socket| batch.outbound.send(socket, transmits))
    }

    /// The most datagrams of one transmit that the system takes in one piece: 64 where it divides
    /// them itself, or else 1.
    ///
    /// # Implementation notes
    ///
    /// getsockopt(2) of `UDP_SEGMENT` on Linux and Android; 1 without a call elsewhere. A device may
    /// refuse to divide nevertheless, of which [`SendBatch::segments_max`] tells.
    #[doc(alias = "max_gso_segments")]
    pub fn send_segments_max(&self) -> usize {
        datagrams::segments_max(&self.inner)
    }
}
