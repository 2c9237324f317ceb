//! Unix sockets whose options are set before they are bound or connected.

use std::io;
use std::os::unix::net::SocketAddr;

use crate::net::socket_builder::SocketBuilder;
use crate::net::unix::datagram::UnixDatagram;
use crate::net::unix::listener::UnixListener;
use crate::net::unix::seqpacket::UnixSeqpacket;
use crate::net::unix::seqpacket_listener::UnixSeqpacketListener;
use crate::net::unix::stream::UnixStream;
use crate::sys::unix_socket;

impl SocketBuilder {
    /// A Unix socket that listens on `address`, which may be an abstract name. Unix only.
    ///
    /// # Errors
    ///
    /// As [`UnixListener::bind_addr`]; those of options as
    /// [`tcp_listener`](SocketBuilder::tcp_listener).
    pub fn unix_listener(&self, address: &SocketAddr) -> io::Result<UnixListener> {
        unix_socket::listener(address, &self.settings).map(UnixListener::from_std)
    }

    /// A Unix stream that is connected to `address`. Unix only.
    ///
    /// # Errors
    ///
    /// As [`UnixStream::connect_addr`]; those of options as
    /// [`tcp_listener`](SocketBuilder::tcp_listener).
    pub fn unix_stream(&self, address: &SocketAddr) -> io::Result<UnixStream> {
        unix_socket::stream(address, &self.settings).map(UnixStream::from_std)
    }

    /// A Unix datagram socket bound to `address`. Unix only.
    ///
    /// # Errors
    ///
    /// As [`UnixDatagram::bind_addr`]; those of options as
    /// [`tcp_listener`](SocketBuilder::tcp_listener).
    pub fn unix_datagram(&self, address: &SocketAddr) -> io::Result<UnixDatagram> {
        unix_socket::datagram_bound(address, &self.settings).map(UnixDatagram::from_std)
    }

    /// A Unix socket of sequenced packets that listens on `address`. Unix only.
    ///
    /// # Errors
    ///
    /// As [`UnixSeqpacketListener::bind_addr`]; those of options as
    /// [`tcp_listener`](SocketBuilder::tcp_listener).
    pub fn unix_seqpacket_listener(&self, address: &SocketAddr) -> io::Result<UnixSeqpacketListener> {
        unix_socket::seqpacket_listener(address, &self.settings).map(UnixSeqpacketListener::new)
    }

    /// A Unix socket of sequenced packets that is connected to `address`. Unix only.
    ///
    /// # Errors
    ///
    /// As [`UnixSeqpacket::connect_addr`]; those of options as
    /// [`tcp_listener`](SocketBuilder::tcp_listener).
    pub fn unix_seqpacket(&self, address: &SocketAddr) -> io::Result<UnixSeqpacket> {
        unix_socket::seqpacket(address, &self.settings).map(UnixSeqpacket::new)
    }
}
