//! Unix listeners as what an acceptor accepts from.

use std::io;
use std::os::unix::net::SocketAddr;

use crate::net::acceptor::Listener;
use crate::net::unix::listener::UnixListener;
use crate::net::unix::seqpacket::UnixSeqpacket;
use crate::net::unix::seqpacket_listener::UnixSeqpacketListener;
use crate::net::unix::stream::UnixStream;

impl Listener for UnixListener {
    type Stream = UnixStream;
    type Address = SocketAddr;

    fn accept(&self) -> io::Result<(UnixStream, SocketAddr)> {
        UnixListener::accept(self)
    }
}

impl Listener for UnixSeqpacketListener {
    type Stream = UnixSeqpacket;
    type Address = SocketAddr;

    fn accept(&self) -> io::Result<(UnixSeqpacket, SocketAddr)> {
        UnixSeqpacketListener::accept(self)
    }
}
