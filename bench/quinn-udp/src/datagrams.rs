//! A sender and a receiver.

use std::io::{self, ErrorKind, IoSliceMut};
use std::net::{SocketAddr, UdpSocket};

use bench_kit::datagrams::{BYTES, Datagrams, Shape};
use quinn_udp::{BATCH_SIZE, RecvMeta, Transmit, UdpSocketState};

/// The longest message.
const MESSAGE_MAX: usize = 65_535;

/// A sender and a receiver.
pub(crate) struct Sockets {
    sender: UdpSocket,
    sending: UdpSocketState,
    receiver: UdpSocket,
    receiving: UdpSocketState,
    destination: SocketAddr,
    /// The most datagrams of one piece.
    segments_max: usize,
    buffers: Vec<u8>,
}

impl Sockets {
    /// As a program on quinn-udp makes them.
    pub(crate) fn new(shape: Shape) -> io::Result<Sockets> {
        let any = || UdpSocket::bind("127.0.0.1:0");
        let (sender, receiver) = (any()?, any()?);
        let sending = UdpSocketState::new((&sender).into())?;
        let receiving = UdpSocketState::new((&receiver).into())?;
        // 64 datagrams of this size are longer than one message can be.
        let segments_max = match shape {
            Shape::Stream => sending.max_gso_segments().min(65_507 / BYTES),
            Shape::Batch => 1,
        };
        let destination = receiver.local_addr()?;
        let buffers = vec![0; BATCH_SIZE * MESSAGE_MAX];
        Ok(Sockets { sender, sending, receiver, receiving, destination, segments_max, buffers })
    }
}

impl Datagrams for Sockets {
    fn send(&mut self, contents: &[u8]) -> io::Result<()> {
        for contents in contents.chunks(self.segments_max * BYTES) {
            let segment_size = (contents.len() > BYTES).then_some(BYTES);
            let destination = self.destination;
            let transmit = Transmit { destination, ecn: None, contents, segment_size, src_ip: None };
            loop {
                match self.sending.try_send((&self.sender).into(), &transmit) {
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                    result => break result?,
                }
            }
        }
        Ok(())
    }

    fn receive(&mut self, mut show: impl FnMut(&[u8])) -> io::Result<()> {
        let mut meta = [RecvMeta::default(); BATCH_SIZE];
        let mut rooms = self.buffers.chunks_exact_mut(MESSAGE_MAX);
        let mut slices: [IoSliceMut<'_>; BATCH_SIZE] =
            std::array::from_fn(|_| IoSliceMut::new(rooms.next().unwrap_or_default()));
        let count = self.receiving.recv((&self.receiver).into(), &mut slices, &mut meta)?;
        for (meta, bytes) in meta[..count].iter().zip(&slices) {
            bytes[..meta.len].chunks(meta.stride).for_each(&mut show);
        }
        Ok(())
    }
}
