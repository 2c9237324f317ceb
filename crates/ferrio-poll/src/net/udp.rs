//! UDP at speed: many datagrams by one call, and what the system tells of each.
//!
//! - [`RecvBatch`] is memory for datagrams that come in, [`UdpSocket::recv_batch`] fills it, and
//!   its iterator gives each as a [`Received`].
//! - [`Transmit`] is what to send, [`SendBatch`] the memory that a call needs for it, and
//!   [`UdpSocket::send_batch`] sends.
//! - Nothing is told that was not asked for: [`set_recv_local_address`], [`set_recv_ecn`],
//!   [`set_recv_ttl`], [`set_recv_timestamps`] and [`set_recv_offload`] ask for what a
//!   `Received` can tell, each by one call on the socket.
//!
//! No call allocates. Where a system lacks something, asking for it is an `Unsupported` error
//! that names it:
//!
//! | | Linux, Android | Apple | FreeBSD | NetBSD, OpenBSD, DragonFly | Windows | other systems |
//! |---|---|---|---|---|---|---|
//! | calls | `recvmmsg`, `sendmmsg` | one for each datagram | one for each datagram | `recvmmsg`, `sendmmsg`; one for each on DragonFly | one for each datagram | one for each datagram |
//! | truncation | yes | yes | yes | yes | yes | yes |
//! | local address | yes | yes | yes, of IPv4 without the interface | as FreeBSD | yes | no |
//! | congestion marks | yes | yes | yes | IPv6 only | yes | no |
//! | hops left | yes | yes | yes | no | yes | no |
//! | time of arrival | nanoseconds | microseconds | microseconds | microseconds | no | no |
//! | errors, times of leaving ([`recv_error`]) | yes | no | no | no | no | no |
//! | joined datagrams (GRO), divided ones (GSO) | yes | no: sent singly | no: sent singly | no: sent singly | no: sent singly | no: sent singly |
//!
//! [`UdpSocket::recv_batch`]: crate::net::UdpSocket::recv_batch
//! [`UdpSocket::send_batch`]: crate::net::UdpSocket::send_batch
//! [`set_recv_local_address`]: crate::net::UdpSocket::set_recv_local_address
//! [`set_recv_ecn`]: crate::net::UdpSocket::set_recv_ecn
//! [`set_recv_ttl`]: crate::net::UdpSocket::set_recv_ttl
//! [`set_recv_timestamps`]: crate::net::UdpSocket::set_recv_timestamps
//! [`recv_error`]: crate::net::UdpSocket::recv_error
//! [`set_recv_offload`]: crate::net::UdpSocket::set_recv_offload

mod options;
mod received;
mod recv_batch;
mod send_batch;

pub use crate::net::udp::received::{Received, Segments};
pub use crate::net::udp::recv_batch::{Iter, RecvBatch};
pub use crate::net::udp::send_batch::SendBatch;
pub use crate::sys::datagram::transmit::Transmit;
pub use crate::sys::datagram::{Ecn, LocalAddress};
