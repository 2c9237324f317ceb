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
    /// The mode of the file that a Unix socket is bound to, whatever the umask of the process is.
    /// At no time may anybody connect whom it does not allow; see [`UnixListener::bind_with_mode`].
    /// Unix only.
    ///
    /// It is for an address that is a path: anything else, a socket that is connected and those of
    /// TCP and UDP are `InvalidInput`. `Unsupported` for a datagram socket on systems other than
    /// Linux and Android.
    ///
    /// # Examples
    ///
    /// ```
    /// # extern crate ferrio_poll as ferrio;
    /// # fn main() -> std::io::Result<()> {
    /// use std::os::unix::net::SocketAddr;
    /// use ferrio::net::SocketBuilder;
    ///
    /// # let path = std::env::temp_dir().join(format!("ferrio-doc-file-mode-{}", std::process::id()));
    /// # let _ = std::fs::remove_file(&path);
    /// let address = SocketAddr::from_pathname(&path)?;
    /// let listener = SocketBuilder::new().file_mode(0o600).backlog(16).unix_listener(&address)?;
    /// # drop(listener);
    /// # std::fs::remove_file(&path)
    /// # }
    /// ```
    #[doc(alias = "chmod")]
    pub fn file_mode(mut self, mode: u32) -> SocketBuilder {
        self.settings.file_mode = Some(mode);
        self
    }

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
