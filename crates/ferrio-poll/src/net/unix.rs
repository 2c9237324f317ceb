//! Unix sockets.

pub mod activation;
pub mod splice;

mod accepting;
mod builder;
mod connector;
mod datagram;
mod descriptors;
mod listener;
mod peer;
mod record;
mod seqpacket;
mod seqpacket_listener;
mod socket_file;
mod stream;
mod zero_copy;

pub use crate::net::unix::connector::UnixConnector;
pub use crate::net::unix::datagram::UnixDatagram;
pub use crate::net::unix::descriptors::Descriptors;
pub use crate::net::unix::listener::UnixListener;
pub use crate::net::unix::peer::PeerCredentials;
pub use crate::net::unix::record::Record;
pub use crate::net::unix::seqpacket::UnixSeqpacket;
pub use crate::net::unix::seqpacket_listener::UnixSeqpacketListener;
pub use crate::net::unix::socket_file::SocketFile;
pub use crate::net::unix::stream::UnixStream;
pub use crate::net::unix::zero_copy::ZeroCopySends;
