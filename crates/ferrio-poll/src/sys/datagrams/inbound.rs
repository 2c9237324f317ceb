//! Messages that come in.

use std::fmt;
use std::io;
use std::net::UdpSocket;

use crate::sys::datagram::{Facts, Message};
use crate::sys::datagrams::calls::Headers;
use crate::sys::datagrams::parts::{Bytes, Parts};
use crate::sys::messages::address_bytes::AddressBytes;
use crate::sys::messages::control::ControlBuffer;
use crate::sys::system::datagram_names as names;

/// Memory for messages that come in.
pub(crate) struct Inbound {
    /// The bytes of all messages, one room after the other.
    bytes: Box<[u8]>,
    /// The length of one room.
    bytes_each: usize,
    /// Their senders.
    addresses: Box<[AddressBytes]>,
    /// What the kernel tells of them.
    controls: Box<[ControlBuffer<CONTROL_BYTES>]>,
    /// What the kernel wrote where.
    headers: Headers,
    /// How many messages the last call brought.
    count: usize,
}

impl Inbound {
    /// Room for `messages` of at most `bytes_each`; neither is 0.
    pub(crate) fn new(messages: usize, bytes_each: usize) -> Inbound {
        let headers = Headers::new(messages);
        let messages = headers.len();
        Inbound {
            bytes: vec![0; messages.checked_mul(bytes_each).expect("memory for all messages")].into(),
            bytes_each,
            addresses: vec![AddressBytes::EMPTY; messages].into(),
            controls: vec![ControlBuffer::EMPTY; messages].into(),
            headers,
            count: 0,
        }
    }

    /// How many messages there is room for.
    pub(crate) fn capacity(&self) -> usize {
        self.headers.len()
    }

    /// How many messages the last call brought.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// Receives as many messages as there are and find room.
    pub(crate) fn receive(&mut self, socket: &UdpSocket) -> io::Result<usize> {
        self.count = 0;
        let rooms = self.bytes.chunks_exact_mut(self.bytes_each);
        let parts = rooms.zip(&mut self.addresses).zip(&mut self.controls);
        let parts = parts.map(|((bytes, address), control)| Parts {
            address: Some(address.room()),
            bytes: Bytes::In(bytes),
            control: control.room(),
        });
        self.count = self.headers.receive(socket, parts, 0)?;
        Ok(self.count)
    }

    /// One of the messages that the last call brought.
    pub(crate) fn message(&self, index: usize) -> Message<'_> {
        let room = &self.bytes[index * self.bytes_each..][..self.bytes_each];
        let mut facts = Facts::default();
        for control in self.controls[index].read(self.headers.control_len(index)) {
            names::read(control, &mut facts);
        }
        Message {
            bytes: &room[..self.headers.bytes(index).min(self.bytes_each)],
            source: self.addresses[index].read(self.headers.address_len(index)),
            is_truncated: self.headers.is_truncated(index),
            facts,
        }
    }
}

impl fmt::Debug for Inbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbound")
            .field("messages", &self.capacity())
            .field("bytes_each", &self.bytes_each)
            .finish()
    }
}

/// Room for all that a socket can be asked to tell of a message, and some more.
const CONTROL_BYTES: usize = 256;
