//! Many datagrams by a call for each, with their bytes and senders alone: for systems that tell
//! no more, or whose bindings do not.

use std::io;
use std::net::{SocketAddr, UdpSocket};

use crate::error::kernel;
use crate::sys::datagram::pieces::{Piece, Pieces};
use crate::sys::datagram::transmit::Transmit;
use crate::sys::datagram::{Facility, Facts, Message};

/// Memory for messages that come in.
#[derive(Debug)]
pub(crate) struct Inbound {
    /// The bytes of all messages, one room after the other.
    bytes: Box<[u8]>,
    /// The length of one room.
    bytes_each: usize,
    /// The length and the sender of each message.
    messages: Box<[Option<(usize, SocketAddr)>]>,
    /// Where a datagram is put first: no kernel cuts one there, and not all tell that they did.
    longest: Box<[u8]>,
    /// How many messages the last call brought.
    count: usize,
    /// What came after them.
    pending: Option<io::Error>,
}

impl Inbound {
    /// Room for `messages` of at most `bytes_each`; neither is 0.
    pub(crate) fn new(messages: usize, bytes_each: usize) -> Inbound {
        Inbound {
            bytes: vec![0; messages * bytes_each].into(),
            bytes_each,
            messages: vec![None; messages].into(),
            longest: vec![0; DATAGRAM_MAX].into(),
            count: 0,
            pending: None,
        }
    }

    /// How many messages there is room for.
    pub(crate) fn capacity(&self) -> usize {
        self.messages.len()
    }

    /// How many messages the last call brought.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// Receives as many messages as there are and find room. An error that comes after the
    /// first message is the next call's.
    pub(crate) fn receive(&mut self, socket: &UdpSocket) -> io::Result<usize> {
        self.count = 0;
        if let Some(error) = self.pending.take() {
            return Err(error);
        }
        for (room, message) in self.bytes.chunks_exact_mut(self.bytes_each).zip(&mut self.messages) {
            match socket.recv_from(&mut self.longest) {
                Ok((len, source)) => {
                    let copied = len.min(room.len());
                    room[..copied].copy_from_slice(&self.longest[..copied]);
                    *message = Some((len, source));
                    self.count += 1;
                }
                Err(error) if self.count == 0 => return Err(error),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => {
                    self.pending = Some(error);
                    break;
                }
            }
        }
        Ok(self.count)
    }

    /// One of the messages that the last call brought.
    pub(crate) fn message(&self, index: usize) -> Message<'_> {
        let room = &self.bytes[index * self.bytes_each..][..self.bytes_each];
        let (len, source) = self.messages[index].unzip();
        let len = len.unwrap_or_default();
        Message {
            bytes: &room[..len.min(self.bytes_each)],
            source,
            is_truncated: len > self.bytes_each,
            facts: Facts::default(),
        }
    }
}

/// What messages that go out need beside their bytes: nothing.
#[derive(Debug)]
pub(crate) struct Outbound {
    /// How many messages one call sends.
    messages: usize,
}

impl Outbound {
    /// Room for `messages`, which are not 0, of one call.
    pub(crate) fn new(messages: usize) -> Outbound {
        Outbound { messages }
    }

    /// No message is divided.
    pub(crate) fn segments_max(&self) -> Option<usize> {
        Some(1)
    }

    /// Sends from the front of `transmits` what one call takes; returns how many datagrams went
    /// out.
    pub(crate) fn send(&mut self, socket: &UdpSocket, transmits: &[Transmit<'_>]) -> io::Result<usize> {
        let mut sent = 0;
        for piece in Pieces::new(transmits, 1).take(self.messages) {
            match send_one(socket, &piece) {
                Ok(_) => sent += 1,
                Err(_) if sent > 0 => break,
                Err(error) => return Err(error),
            }
        }
        Ok(sent)
    }
}

fn send_one(socket: &UdpSocket, piece: &Piece<'_>) -> io::Result<usize> {
    let transmit = piece.transmit;
    if transmit.ecn.is_some() {
        return Err(kernel::facility_absent("IP_TOS, the congestion mark of one datagram,"));
    }
    if transmit.source.is_some() {
        return Err(kernel::facility_absent("IP_PKTINFO, the source address of one datagram,"));
    }
    match transmit.destination {
        Some(destination) => socket.send_to(piece.bytes, destination),
        None => socket.send(piece.bytes),
    }
}

/// Nothing can be asked for.
pub(crate) fn set_facility(_: &UdpSocket, facility: Facility, _: bool) -> io::Result<()> {
    Err(kernel::facility_absent(facility.name()))
}

/// Nothing was asked for.
#[allow(clippy::unnecessary_wraps, reason = "where it is a call of the kernel, it may fail")]
pub(crate) fn facility(_: &UdpSocket, _: Facility) -> io::Result<bool> {
    Ok(false)
}

/// No message is divided.
pub(crate) fn segments_max(_: &UdpSocket) -> usize {
    1
}

/// No datagram is longer.
const DATAGRAM_MAX: usize = 65_536;
