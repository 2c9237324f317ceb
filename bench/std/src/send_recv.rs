//! Datagrams by a call for each.

use std::io;
use std::net::UdpSocket;

use bench_kit::datagrams::{BYTES, Datagrams, Shape};

/// A sender and a receiver, each connected to the other.
pub(crate) struct Sockets {
    sender: UdpSocket,
    receiver: UdpSocket,
    buffer: Vec<u8>,
}

impl Sockets {
    /// The same for each shape.
    pub(crate) fn new(_: Shape) -> io::Result<Sockets> {
        let any = || UdpSocket::bind("127.0.0.1:0");
        let (sender, receiver) = (any()?, any()?);
        sender.connect(receiver.local_addr()?)?;
        receiver.connect(sender.local_addr()?)?;
        receiver.set_nonblocking(true)?;
        Ok(Sockets { sender, receiver, buffer: vec![0; 65_535] })
    }
}

impl Datagrams for Sockets {
    fn send(&mut self, contents: &[u8]) -> io::Result<()> {
        contents.chunks(BYTES).try_for_each(|datagram| self.sender.send(datagram).map(|_| ()))
    }

    fn receive(&mut self, mut show: impl FnMut(&[u8])) -> io::Result<()> {
        let count = self.receiver.recv(&mut self.buffer)?;
        show(&self.buffer[..count]);
        Ok(())
    }
}
