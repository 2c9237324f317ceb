//! Messages that go out.

use std::fmt;
use std::io;
use std::net::UdpSocket;
use std::os::fd::AsFd;

use crate::sys::datagram::pieces::{Piece, Pieces};
use crate::sys::datagram::transmit::Transmit;
use crate::sys::datagrams::calls::{Bytes, Headers, Parts};
use crate::sys::datagrams::options;
use crate::sys::messages::address_bytes::AddressBytes;
use crate::sys::messages::control::OutControl;
use crate::sys::system::datagram_names as names;

/// Memory for messages that go out.
pub(crate) struct Outbound {
    /// Where they go.
    addresses: Box<[AddressBytes]>,
    /// What is asked for each.
    controls: Box<[OutControl]>,
    /// What the kernel reads where.
    headers: Headers,
    /// How many datagrams each of the messages is that are being sent.
    datagrams: Box<[usize]>,
    /// The most datagrams that the kernel divides one message into; `None` until it was asked.
    segments_max: Option<usize>,
}

impl Outbound {
    /// Room for `messages`, which are not 0, of one call.
    pub(crate) fn new(messages: usize) -> Outbound {
        let headers = Headers::new(messages);
        let messages = headers.len();
        Outbound {
            addresses: vec![AddressBytes::EMPTY; messages].into(),
            controls: vec![OutControl::EMPTY; messages].into(),
            headers,
            datagrams: vec![0; messages].into(),
            segments_max: None,
        }
    }

    /// The most datagrams that the kernel divides one message into, as far as it is known.
    pub(crate) fn segments_max(&self) -> Option<usize> {
        self.segments_max
    }

    /// Sends from the front of `transmits` what one call takes; returns how many datagrams went
    /// out.
    ///
    /// If the kernel or the device refuses to divide the first message, its datagrams are sent
    /// singly, and if that works, so are all later ones.
    pub(crate) fn send(&mut self, socket: &UdpSocket, transmits: &[Transmit<'_>]) -> io::Result<usize> {
        let segments_max = match self.segments_max {
            _ if transmits.iter().all(|transmit| transmit.segment_size.is_none()) => 1,
            Some(segments_max) => segments_max,
            None => *self.segments_max.insert(options::segments_max(socket)),
        };
        let result = self.send_pieces(socket, Pieces::new(transmits, segments_max));
        let is_divided =
            || Pieces::new(transmits, segments_max).next().is_some_and(|first| first.datagrams > 1);
        if !result.as_ref().is_err_and(names::is_refusal) || !is_divided() {
            return result;
        }
        let sent = self.send_pieces(socket, Pieces::new(transmits, 1))?;
        self.segments_max = Some(1);
        Ok(sent)
    }

    fn send_pieces<'a>(&mut self, socket: &UdpSocket, pieces: Pieces<'a>) -> io::Result<usize> {
        let places = self.addresses.iter_mut().zip(&mut self.controls).zip(&mut self.datagrams);
        let mut refused = None;
        let parts = pieces.zip(places).map_while(|(piece, ((address, control), datagrams))| {
            if let Err(error) = write_control(control, &piece) {
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
        let sent = self.headers.send(socket.as_fd(), parts);
        match (sent, refused) {
            (Ok(sent), None) => Ok(self.datagrams[..sent].iter().sum()),
            (Ok(sent), Some(_)) if sent > 0 => Ok(self.datagrams[..sent].iter().sum()),
            (_, Some(error)) => Err(error),
            (Err(error), None) => Err(error),
        }
    }
}

/// Writes what `piece` asks for.
fn write_control(control: &mut OutControl, piece: &Piece<'_>) -> io::Result<()> {
    control.clear();
    let transmit = piece.transmit;
    if let Some(size) = piece.segment_size() {
        names::write_segment_size(control, size);
    }
    if let Some(ecn) = transmit.ecn {
        names::write_ecn(control, ecn, transmit.destination)?;
    }
    if let Some(source) = transmit.source {
        names::write_source(control, source);
    }
    Ok(())
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbound")
            .field("messages", &self.headers.len())
            .field("segments_max", &self.segments_max)
            .finish()
    }
}
