//! Unix sockets.

mod accepting;
mod builder;
mod connector;
mod datagram;
mod listener;
mod stream;

pub use crate::net::unix::connector::UnixConnector;
pub use crate::net::unix::datagram::UnixDatagram;
pub use crate::net::unix::listener::UnixListener;
pub use crate::net::unix::stream::UnixStream;
