//! What a socket tells of each datagram.

use std::io;

use crate::net::udp_socket::UdpSocket;
use crate::sys::datagram::Facility;
use crate::sys::datagrams;

#[allow(
    clippy::missing_errors_doc,
    reason = "stated once for the type: the getters say what the system says"
)]
impl UdpSocket {
    /// Has each datagram say which address of this machine it was sent to, and by which
    /// interface it came: [`Received::local_address`](crate::net::udp::Received::local_address).
    ///
    /// # Errors
    ///
    /// `Unsupported` but on Linux, Android, Apple's systems, the BSDs and Windows.
    ///
    /// # Implementation notes
    ///
    /// `IP_PKTINFO` (`IP_RECVDSTADDR` on the BSDs), or `IPV6_RECVPKTINFO`, which is `IPV6_PKTINFO` on
    /// Windows; both for an IPv6 socket of Windows.
    #[doc(alias = "IP_PKTINFO")]
    #[doc(alias = "IPV6_RECVPKTINFO")]
    pub fn set_recv_local_address(&self, on: bool) -> io::Result<()> {
        datagrams::set_facility(&self.inner, Facility::LocalAddress, on)
    }

    /// Whether each datagram says where it arrived.
    pub fn recv_local_address(&self) -> io::Result<bool> {
        datagrams::facility(&self.inner, Facility::LocalAddress)
    }

    /// Has each datagram tell its congestion mark:
    /// [`Received::ecn`](crate::net::udp::Received::ecn).
    ///
    /// # Errors
    ///
    /// `Unsupported` but on Linux, Android, Apple's systems, FreeBSD and Windows, and for IPv6 on the
    /// other BSDs.
    ///
    /// # Implementation notes
    ///
    /// `IP_RECVTOS`, or `IPV6_RECVTCLASS`; both for an IPv6 socket of Linux. On Windows `IP_RECVECN`
    /// or `IPV6_RECVECN`, and those others only where it has none of these; for an IPv6 socket that
    /// of IPv4 too.
    #[doc(alias = "IP_RECVTOS")]
    #[doc(alias = "IPV6_RECVTCLASS")]
    pub fn set_recv_ecn(&self, on: bool) -> io::Result<()> {
        datagrams::set_facility(&self.inner, Facility::Class, on)
    }

    /// Whether each datagram tells its congestion mark.
    pub fn recv_ecn(&self) -> io::Result<bool> {
        datagrams::facility(&self.inner, Facility::Class)
    }

    /// Has each datagram tell how many hops it had left:
    /// [`Received::ttl`](crate::net::udp::Received::ttl).
    ///
    /// # Errors
    ///
    /// `Unsupported` but on Linux, Android, Apple's systems, FreeBSD and Windows.
    ///
    /// # Implementation notes
    ///
    /// `IP_RECVTTL`, or `IPV6_RECVHOPLIMIT`, which is `IPV6_HOPLIMIT` on Windows; both for an IPv6
    /// socket of Linux and Windows.
    #[doc(alias = "IP_RECVTTL")]
    #[doc(alias = "IPV6_RECVHOPLIMIT")]
    pub fn set_recv_ttl(&self, on: bool) -> io::Result<()> {
        datagrams::set_facility(&self.inner, Facility::Ttl, on)
    }

    /// Whether each datagram tells how many hops it had left.
    pub fn recv_ttl(&self) -> io::Result<bool> {
        datagrams::facility(&self.inner, Facility::Ttl)
    }

    /// Has each datagram tell when the kernel took it from the network:
    /// [`Received::timestamp`](crate::net::udp::Received::timestamp).
    ///
    /// # Errors
    ///
    /// `Unsupported` but on Linux, Android, Apple's systems and the BSDs.
    ///
    /// # Implementation notes
    ///
    /// `SO_TIMESTAMPNS`, or `SO_TIMESTAMP`, whose times are of microseconds, where that is absent. The
    /// first packets after the call may have come before the kernel began to look at its clock,
    /// and tell the time when they were taken from the queue.
    #[doc(alias = "SO_TIMESTAMP")]
    #[doc(alias = "SO_TIMESTAMPNS")]
    pub fn set_recv_timestamps(&self, on: bool) -> io::Result<()> {
        datagrams::set_facility(&self.inner, Facility::Timestamps, on)
    }

    /// Whether each datagram tells when it arrived.
    pub fn recv_timestamps(&self) -> io::Result<bool> {
        datagrams::facility(&self.inner, Facility::Timestamps)
    }

    /// Lets the system join datagrams of one sender and one length, so that one message of a
    /// [`RecvBatch`](crate::net::udp::RecvBatch) is up to 64 of them:
    /// [`Received::segments`](crate::net::udp::Received::segments).
    ///
    /// Give each message of the batch 65,535 bytes then, and receive by
    /// [`recv_batch`](UdpSocket::recv_batch) alone: `recv_from` cannot tell where one datagram ends.
    ///
    /// # Errors
    ///
    /// `Unsupported` but on Linux 5.0 and Android.
    ///
    /// # Implementation notes
    ///
    /// `UDP_GRO`.
    #[doc(alias = "UDP_GRO")]
    pub fn set_recv_offload(&self, on: bool) -> io::Result<()> {
        datagrams::set_facility(&self.inner, Facility::Offload, on)
    }

    /// Whether the system may join datagrams.
    pub fn recv_offload(&self) -> io::Result<bool> {
        datagrams::facility(&self.inner, Facility::Offload)
    }

    /// Has the system keep what it is told of datagrams that did not arrive, for
    /// [`recv_error`](UdpSocket::recv_error).
    ///
    /// A socket hears of them all then, also if it is not connected: the next operation fails
    /// once for each, and an event of the socket is an error.
    ///
    /// # Errors
    ///
    /// `Unsupported` but on Linux and Android.
    ///
    /// # Implementation notes
    ///
    /// `IP_RECVERR`, or `IPV6_RECVERR`; both for an IPv6 socket.
    #[doc(alias = "IP_RECVERR")]
    #[doc(alias = "IPV6_RECVERR")]
    pub fn set_recv_errors(&self, on: bool) -> io::Result<()> {
        datagrams::set_facility(&self.inner, Facility::Errors, on)
    }

    /// Whether the system keeps errors.
    pub fn recv_errors(&self) -> io::Result<bool> {
        datagrams::facility(&self.inner, Facility::Errors)
    }

    /// Has the system tell when each datagram left, by [`recv_error`](UdpSocket::recv_error).
    ///
    /// The datagrams are numbered from 0 on, from this call; those that the system divides itself
    /// have one [number](crate::net::error_queue::SendTimestamp::id) together.
    ///
    /// # Errors
    ///
    /// `Unsupported` but on Linux and Android.
    ///
    /// # Implementation notes
    ///
    /// `SO_TIMESTAMPING`, with the time at which the datagram was handed to the device.
    #[doc(alias = "SO_TIMESTAMPING")]
    pub fn set_send_timestamps(&self, on: bool) -> io::Result<()> {
        datagrams::set_facility(&self.inner, Facility::SendTimestamps, on)
    }

    /// Whether the system tells when datagrams left.
    pub fn send_timestamps(&self) -> io::Result<bool> {
        datagrams::facility(&self.inner, Facility::SendTimestamps)
    }
}
