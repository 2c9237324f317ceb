//! Datagrams by Ferrio's batches.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use bench_kit::datagrams::{BYTES, Datagrams, Shape};
use ferrio_poll::net::UdpSocket;
use ferrio_poll::net::udp::{RecvBatch, SendBatch, Transmit};

/// The most messages of a call, as quinn-udp has it.
const MESSAGES: usize = 32;

/// A sender and a receiver.
pub(crate) struct Sockets {
    sender: UdpSocket,
    receiver: UdpSocket,
    destination: SocketAddr,
    shape: Shape,
    out: SendBatch,
    batch: RecvBatch,
}

impl Sockets {
    /// The receiver is asked for what quinn-udp always asks for.
    pub(crate) fn new(shape: Shape) -> io::Result<Sockets> {
        let any = || UdpSocket::bind_to("127.0.0.1:0");
        let (sender, receiver) = (any()?, any()?);
        receiver.set_recv_local_address(true)?;
        receiver.set_recv_ecn(true)?;
        receiver.set_recv_timestamps(true)?;
        receiver.set_recv_offload(true)?;
        let (out, batch) = (SendBatch::with_capacity(MESSAGES), RecvBatch::with_capacity(MESSAGES, 65_535));
        let destination = receiver.local_addr()?;
        Ok(Sockets { sender, receiver, destination, shape, out, batch })
    }
}

impl Datagrams for Sockets {
    fn send(&mut self, contents: &[u8]) -> io::Result<()> {
        let destination = self.destination;
        match self.shape {
            Shape::Stream => {
                let mut transmits = [Transmit::to(destination, contents).with_segment_size(BYTES)];
                self.send_all(&mut transmits)
            }
            Shape::Batch => contents.chunks(MESSAGES * BYTES).try_for_each(|contents| {
                let mut transmits = [Transmit::to(destination, b""); MESSAGES];
                let mut count = 0;
                for (transmit, datagram) in transmits.iter_mut().zip(contents.chunks(BYTES)) {
                    *transmit = Transmit::to(destination, datagram);
                    count += 1;
                }
                self.send_all(&mut transmits[..count])
            }),
        }
    }

    fn receive(&mut self, mut show: impl FnMut(&[u8])) -> io::Result<()> {
        self.receiver.recv_batch(&mut self.batch)?;
        for received in &self.batch {
            received.segments().for_each(&mut show);
        }
        Ok(())
    }
}

impl Sockets {
    fn send_all(&mut self, mut left: &mut [Transmit<'_>]) -> io::Result<()> {
        while !left.is_empty() {
            match self.sender.send_batch(&mut self.out, left) {
                Ok(datagrams) => Transmit::advance(&mut left, datagrams),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
