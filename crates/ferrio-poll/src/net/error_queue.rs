//! The error queue of a socket: what did not arrive and why, when something left, and which
//! memory that was lent to the system is free again.
//!
//! Linux and Android keep such a queue for each socket, beside its data. It is switched on by what
//! fills it: [`set_recv_errors`] for errors with what ICMP says of them, [`set_send_timestamps`]
//! for times, and `SO_ZEROCOPY` for sends that copy nothing. An entry makes the socket
//! ready: its event is an error, which says nothing of a close.
//!
//! [`UdpSocket::recv_error`] takes from the queue of a UDP socket, and
//! [`ErrorBuffer::receive`] from that of anything with a descriptor.
//!
//! [`set_recv_errors`]: crate::net::UdpSocket::set_recv_errors
//! [`set_send_timestamps`]: crate::net::UdpSocket::set_send_timestamps

use std::io;
use std::net::SocketAddr;

use crate::net::tcp_stream::TcpStream;
use crate::net::udp_socket::UdpSocket;
use crate::sys::error_queue::Memory;
use crate::sys::handle::{self, AsSource};
use crate::sys::queued::Entry;
pub use crate::sys::queued::{Cause, Origin, SendTimestamp, SocketError, Stage, ZeroCopy};

/// Memory for an entry of an error queue.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use ferrio::net::UdpSocket;
/// use ferrio::net::error_queue::{Cause, ErrorBuffer};
///
/// let socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
/// # if cfg!(not(target_os = "linux")) { return Ok(()); }
/// socket.set_recv_errors(true)?;
/// let nobody = std::net::UdpSocket::bind("127.0.0.1:0")?.local_addr()?;
/// socket.send_to(b"anybody?", nobody)?;
/// # std::thread::sleep(std::time::Duration::from_millis(50));
///
/// let mut buffer = ErrorBuffer::with_capacity(128);
/// let queued = socket.recv_error(&mut buffer)?;
/// if let Cause::Error(error) = queued.cause() {
///     println!("{:?} did not arrive at {:?}: {}", queued.bytes(), queued.peer(), error.error());
/// }
/// # assert_eq!(queued.peer(), Some(nobody));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct ErrorBuffer {
    memory: Memory,
}

impl ErrorBuffer {
    /// Room for the first `bytes` of what was sent, which may be 0. Nothing is allocated after
    /// this.
    pub fn with_capacity(bytes: usize) -> ErrorBuffer {
        ErrorBuffer { memory: Memory::new(bytes) }
    }

    /// Takes the next entry of the queue of `source`, a socket of any kind.
    ///
    /// For a [`UdpSocket`] and a [`TcpStream`] there is `recv_error`, by which the Poll hears that an
    /// error was taken. A `WouldBlock` says nothing of the data of the socket, so do not call it
    /// inside `try_io`.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if the queue is empty; `InvalidData` for an entry of a kind that is not known
    /// here, which is gone then; `Unsupported` but on Linux and Android.
    ///
    /// # Implementation notes
    ///
    /// recvmmsg(2) of one message with `MSG_ERRQUEUE`.
    #[doc(alias = "MSG_ERRQUEUE")]
    pub fn receive(&mut self, source: &impl AsSource) -> io::Result<Queued<'_>> {
        self.memory.receive(handle::of(source)).map(|entry| Queued { entry })
    }
}

/// An entry of an error queue.
#[derive(Clone, Copy, Debug)]
pub struct Queued<'a> {
    entry: Entry<'a>,
}

impl<'a> Queued<'a> {
    /// What it is about.
    pub fn cause(&self) -> Cause {
        self.entry.cause
    }

    /// The bytes that were sent, or as many as found room and the system still has; none for a
    /// time or a completion.
    pub fn bytes(&self) -> &'a [u8] {
        self.entry.bytes
    }

    /// True if the bytes found no room.
    pub fn is_truncated(&self) -> bool {
        self.entry.is_truncated
    }

    /// Where what did not arrive was sent to.
    pub fn peer(&self) -> Option<SocketAddr> {
        self.entry.peer
    }
}

impl UdpSocket {
    /// Takes the next entry of the error queue of this socket, with what was sent.
    ///
    /// Take all there are, until `WouldBlock`, when an event of the socket is an error; the pending
    /// error of the socket goes with its entry.
    ///
    /// # Errors
    ///
    /// Those of [`ErrorBuffer::receive`].
    ///
    /// # Implementation notes
    ///
    /// recvmmsg(2) of one message with `MSG_ERRQUEUE`.
    #[doc(alias = "MSG_ERRQUEUE")]
    #[doc(alias = "IP_RECVERR")]
    pub fn recv_error<'b>(&self, buffer: &'b mut ErrorBuffer) -> io::Result<Queued<'b>> {
        self.inner.take_aside(|socket| buffer.receive(socket))
    }
}

impl TcpStream {
    /// Takes the next entry of the error queue of this stream, such as that bytes which were
    /// sent without a copy are free again.
    ///
    /// Take all there are, until `WouldBlock`, when an event of the stream is an error.
    ///
    /// # Errors
    ///
    /// Those of [`ErrorBuffer::receive`].
    ///
    /// # Implementation notes
    ///
    /// recvmmsg(2) of one message with `MSG_ERRQUEUE`.
    #[doc(alias = "MSG_ERRQUEUE")]
    #[doc(alias = "MSG_ZEROCOPY")]
    pub fn recv_error<'b>(&self, buffer: &'b mut ErrorBuffer) -> io::Result<Queued<'b>> {
        self.inner.take_aside(|stream| buffer.receive(stream))
    }
}
