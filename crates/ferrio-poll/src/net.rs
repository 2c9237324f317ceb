//! Sockets that can be registered.
//!
//! They mirror std's types, non-blocking. Every socket made here is close-on-exec
//! and non-blocking from the call that makes it (on Apple's systems and Haiku by another
//! one right after it), raises no SIGPIPE, and in release builds is no larger than std's.
//!
//! [`SocketBuilder`] sets options before a socket is bound or connected; those of one that exists
//! can be set through `AsFd` or `AsSocket`, for example with `socket2::SockRef`. To send or
//! receive in a way that is not offered here, do so inside `try_io`: it lets the Poll know when
//! the operation would block.
//!
//! On Unix a datagram that is longer than the buffer is cut silently by `recv` and `recv_from`;
//! [`udp`] tells of it, and has more that is for many datagrams.

pub mod error_queue;
pub mod udp;

mod accept_error;
mod acceptor;
mod connector;
mod resolve;
mod socket_builder;
mod stream_io;
mod tcp_listener;
mod tcp_stream;
mod udp_socket;
#[cfg(unix)]
mod unix;

pub use crate::net::accept_error::{AcceptError, accept_error};
pub use crate::net::acceptor::{AcceptStats, Acceptor, Listener};
pub use crate::net::connector::Connector;
pub use crate::net::socket_builder::SocketBuilder;
pub use crate::net::tcp_listener::TcpListener;
pub use crate::net::tcp_stream::TcpStream;
pub use crate::net::udp_socket::UdpSocket;
#[cfg(unix)]
pub use crate::net::unix::{
    Descriptors, PeerCredentials, Record, SocketFile, UnixConnector, UnixDatagram, UnixListener,
    UnixSeqpacket, UnixSeqpacketListener, UnixStream, ZeroCopySends, activation, splice,
};
