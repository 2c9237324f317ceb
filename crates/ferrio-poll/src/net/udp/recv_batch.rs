//! Many datagrams received by one call.

use std::io;
use std::ops::Range;

use crate::net::udp::received::Received;
use crate::net::udp_socket::UdpSocket;
use crate::sys::datagrams::Inbound;

/// Memory for datagrams that come in, filled by [`UdpSocket::recv_batch`] and used again
/// for each call. It is for one socket: where the system has no call for many datagrams, an error
/// that comes after the first one waits in it for the next call.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use ferrio::net::UdpSocket;
/// use ferrio::net::udp::RecvBatch;
///
/// let receiver = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
/// let sender = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
/// sender.send_to(b"one", receiver.local_addr()?)?;
/// sender.send_to(b"another", receiver.local_addr()?)?;
///
/// let mut batch = RecvBatch::with_capacity(32, 1500);
/// # std::thread::sleep(std::time::Duration::from_millis(20));
/// receiver.recv_batch(&mut batch)?;
/// for received in &batch {
///     assert!(!received.is_truncated());
///     println!("{} bytes from {:?}", received.bytes().len(), received.source());
/// }
/// # Ok(())
/// # }
/// ```
#[doc(alias = "recvmmsg")]
#[derive(Debug)]
pub struct RecvBatch {
    inbound: Inbound,
}

impl RecvBatch {
    /// Room for `messages` of at most `bytes_each` bytes; the system may take fewer messages by
    /// one call, of which [`capacity`](RecvBatch::capacity) tells.
    ///
    /// With [`set_recv_offload`](UdpSocket::set_recv_offload) a message is up to 64 datagrams: give
    /// each 65,535 bytes. Nothing is allocated after this.
    ///
    /// # Panics
    ///
    /// If either is 0.
    pub fn with_capacity(messages: usize, bytes_each: usize) -> RecvBatch {
        assert!(messages > 0 && bytes_each > 0, "a batch has room for a message of at least one byte");
        RecvBatch { inbound: Inbound::new(messages, bytes_each) }
    }

    /// The most messages that one call brings.
    pub fn capacity(&self) -> usize {
        self.inbound.capacity()
    }

    /// How many messages the last call brought; 0 if it failed.
    pub fn len(&self) -> usize {
        self.inbound.len()
    }

    /// True if the last call failed, or there was none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One of the messages that the last call brought.
    pub fn get(&self, index: usize) -> Option<Received<'_>> {
        (index < self.len()).then(|| Received::new(self.inbound.message(index)))
    }

    /// The messages that the last call brought, in the order in which they came.
    pub fn iter(&self) -> Iter<'_> {
        Iter { batch: self, left: 0..self.len() }
    }
}

impl<'a> IntoIterator for &'a RecvBatch {
    type Item = Received<'a>;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

/// The messages of a [`RecvBatch`].
#[derive(Clone, Debug)]
pub struct Iter<'a> {
    batch: &'a RecvBatch,
    left: Range<usize>,
}

impl<'a> Iterator for Iter<'a> {
    type Item = Received<'a>;

    fn next(&mut self) -> Option<Received<'a>> {
        let index = self.left.next()?;
        Some(Received::new(self.batch.inbound.message(index)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.left.size_hint()
    }
}

impl ExactSizeIterator for Iter<'_> {}

impl UdpSocket {
    /// Receives as many datagrams as there are and `batch` has room for; returns how many, at
    /// least one.
    ///
    /// Fewer than the capacity may mean that there are no more, or that an error waits: go on
    /// until `WouldBlock`, as with [`recv_from`](UdpSocket::recv_from). What does not fit into the
    /// room of a message is lost, and [`is_truncated`](Received::is_truncated) says so.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is none; `ConnectionRefused` may be the answer to an earlier
    /// datagram that was sent. What the last call brought is gone then too. An error that comes
    /// after the first datagram is told by the next call, but NetBSD and OpenBSD may forget it.
    ///
    /// # Implementation notes
    ///
    /// One recvmmsg(2) on Linux, Android, NetBSD and OpenBSD; recvmsg(2) for each datagram on
    /// Apple's systems, FreeBSD and DragonFly BSD; `WSARecvMsg` for each on Windows, and `recv_from`
    /// on other systems.
    #[doc(alias = "recvmmsg")]
    pub fn recv_batch(&self, batch: &mut RecvBatch) -> io::Result<usize> {
        self.inner.read(batch.capacity(), |socket| batch.inbound.receive(socket))
    }
}
