//! Unix sockets.

pub mod activation;

mod datagram;
mod descriptors;
mod listener;
mod peer;
mod record;
mod seqpacket;
mod seqpacket_listener;
mod socket_file;
mod stream;

pub use crate::net::unix::datagram::UnixDatagram;
pub use crate::net::unix::descriptors::Descriptors;
pub use crate::net::unix::listener::UnixListener;
pub use crate::net::unix::peer::PeerCredentials;
pub use crate::net::unix::record::Record;
pub use crate::net::unix::seqpacket::UnixSeqpacket;
pub use crate::net::unix::seqpacket_listener::UnixSeqpacketListener;
pub use crate::net::unix::socket_file::SocketFile;
pub use crate::net::unix::stream::UnixStream;
