//! Messages that go out.

use std::fmt;
use std::io;
use std::net::UdpSocket;

use crate::sys::datagram::division::Division;
use crate::sys::datagram::pieces::{Piece, Pieces};
use crate::sys::datagram::transmit::Transmit;
use crate::sys::datagrams::calls::Headers;
use crate::sys::datagrams::options;
use crate::sys::datagrams::parts::{Bytes, Parts};
use crate::sys::messages::address_bytes::AddressBytes;
use crate::sys::messages::control::OutControl;
use crate::sys::system::datagram_names as names;

/// Memory for messages that go out, and what was learnt of their division.
pub(crate) struct Outbound {
    messages: Messages,
    division: Division,
}

/// Memory for messages that go out.
struct Messages {
    /// Where they go.
    addresses: Box<[AddressBytes]>,
    /// What is asked for each.
    controls: Box<[OutControl]>,
    /// What the kernel reads where.
    headers: Headers,
    /// How many datagrams each of the messages is that are being sent.
    datagrams: Box<[usize]>,
}

impl Outbound {
    /// Room for `messages`, which are not 0, of one call.
    pub(crate) fn new(messages: usize) -> Outbound {
        let headers = Headers::new(messages);
        let len = headers.len();
        let messages = Messages {
            addresses: vec![AddressBytes::EMPTY; len].into(),
            controls: vec![OutControl::EMPTY; len].into(),
            headers,
            datagrams: vec![0; len].into(),
        };
        Outbound { messages, division: Division::default() }
    }

    /// The most datagrams that the kernel divides one message into, as far as it is known.
    pub(crate) fn segments_max(&self) -> Option<usize> {
        self.division.segments_max()
    }

    /// Sends from the front of `transmits` what one call takes; returns how many datagrams went
    /// out.
    pub(crate) fn send(&mut self, socket: &UdpSocket, transmits: &[Transmit<'_>]) -> io::Result<usize> {
        let Outbound { messages, division } = self;
        let ask = || options::segments_max(socket);
        division.send(transmits, ask, names::refusal, |pieces| messages.send(socket, pieces))
    }
}

impl Messages {
    fn send<'a>(&mut self, socket: &UdpSocket, pieces: Pieces<'a>) -> io::Result<usize> {
        let places = self.addresses.iter_mut().zip(&mut self.controls).zip(&mut self.datagrams);
        let mut refused = None;
        let parts = pieces.zip(places).map_while(|(piece, ((address, control), datagrams))| {
            if let Err(error) = write_control(control, &piece, socket) {
                refused = Some(error);
                return None;
            }
            *datagrams = piece.datagrams;
            let len = piece.transmit.destination.map(|destination| address.write(destination));
            Some(Parts {
                address: len.map(|len| &mut address.room()[..len]),
                bytes: Bytes::Out(piece.bytes),
                control: control.messages(),
            })
        });
        let sent = self.headers.send(socket, parts);
        match (sent, refused) {
            (Ok(sent), None) => Ok(self.datagrams[..sent].iter().sum()),
            (Ok(sent), Some(_)) if sent > 0 => Ok(self.datagrams[..sent].iter().sum()),
            (_, Some(error)) => Err(error),
            (Err(error), None) => Err(error),
        }
    }
}

/// Writes what `piece` asks for, which is sent by `socket`.
fn write_control(control: &mut OutControl, piece: &Piece<'_>, socket: &UdpSocket) -> io::Result<()> {
    control.clear();
    let transmit = piece.transmit;
    if let Some(size) = piece.segment_size() {
        names::write_segment_size(control, size);
    }
    if let Some(ecn) = transmit.ecn {
        let destination = match transmit.destination {
            None if names::MARKS_ARE_OF_ONE_FAMILY => Some(socket.peer_addr()?),
            destination => destination,
        };
        names::write_ecn(control, ecn, destination)?;
    }
    if let Some(source) = transmit.source {
        names::write_source(control, source);
    }
    Ok(())
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbound")
            .field("messages", &self.messages.headers.len())
            .field("division", &self.division)
            .finish()
    }
}
