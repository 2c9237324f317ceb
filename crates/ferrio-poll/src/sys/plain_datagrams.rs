//! Many datagrams by a call for each, with their bytes and senders alone: for systems that tell
//! no more, or whose bindings do not.

use std::io;
use std::net::{SocketAddr, UdpSocket};

use crate::error::kernel;
use crate::sys::datagram::pieces::{Piece, Pieces};
use crate::sys::datagram::transmit::Transmit;
use crate::sys::datagram::{Facility, Facts, Message, is_of_an_earlier_one};

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
            bytes: vec![0; messages.checked_mul(bytes_each).expect("memory for all messages")].into(),
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

/// What messages that go out need beside their bytes: next to nothing.
#[derive(Debug)]
pub(crate) struct Outbound {
    /// How many messages one call sends.
    messages: usize,
    /// The answer to an earlier datagram that came after the first one of a call.
    pending: Option<io::Error>,
}

impl Outbound {
    /// Room for `messages`, which are not 0, of one call.
    pub(crate) fn new(messages: usize) -> Outbound {
        Outbound { messages, pending: None }
    }

    /// No message is divided.
    pub(crate) fn segments_max(&self) -> Option<usize> {
        Some(1)
    }

    /// Sends from the front of `transmits` what one call takes; returns how many datagrams went
    /// out.
    pub(crate) fn send(&mut self, socket: &UdpSocket, transmits: &[Transmit<'_>]) -> io::Result<usize> {
        if let Some(error) = self.pending.take() {
            return Err(error);
        }
        let mut sent = 0;
        for piece in Pieces::new(transmits, 1).take(self.messages) {
            match send_one(socket, &piece) {
                Ok(_) => sent += 1,
                Err(error) if sent == 0 => return Err(error),
                Err(error) => {
                    // The next call meets any other again.
                    self.pending = Some(error).filter(is_of_an_earlier_one);
                    break;
                }
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

#[cfg(test)]
mod tests {
    use std::io::{self, ErrorKind};
    use std::net::{SocketAddr, UdpSocket};
    use std::thread;
    use std::time::Duration;

    use super::{Inbound, Outbound, facility, segments_max, set_facility};
    use crate::sys::datagram::transmit::Transmit;
    use crate::sys::datagram::{Ecn, Facility};

    /// A socket that does not block, and its address.
    fn socket() -> (UdpSocket, SocketAddr) {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        let address = socket.local_addr().unwrap();
        (socket, address)
    }

    /// Receives as soon as something is there.
    fn receive(inbound: &mut Inbound, socket: &UdpSocket) -> io::Result<usize> {
        for _ in 0..500 {
            match inbound.receive(socket) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    thread::sleep(Duration::from_millis(10))
                }
                result => return result,
            }
        }
        panic!("nothing came");
    }

    #[test]
    fn datagrams_go_singly_and_those_that_were_cut_say_so() {
        let ((sender, source), (receiver, destination)) = (socket(), socket());
        let contents = [7; 250];
        let transmits =
            [Transmit::to(destination, &contents).with_segment_size(100), Transmit::to(destination, b"")];
        let mut outbound = Outbound::new(3);
        assert_eq!(outbound.send(&sender, &transmits).unwrap(), 3);
        assert_eq!(outbound.send(&sender, &transmits[1..]).unwrap(), 1);
        let mut inbound = Inbound::new(5, 60);
        let mut seen = Vec::new();
        while seen.len() < 4 {
            for index in 0..receive(&mut inbound, &receiver).unwrap() {
                let message = inbound.message(index);
                assert_eq!(message.source, Some(source));
                seen.push((message.bytes.len(), message.is_truncated));
            }
        }
        assert_eq!(seen, [(60, true), (60, true), (50, false), (0, false)]);
        assert_eq!(
            (inbound.receive(&receiver).unwrap_err().kind(), inbound.len()),
            (ErrorKind::WouldBlock, 0)
        );
    }

    #[test]
    fn an_error_that_was_kept_is_told_once() {
        let (near, _) = socket();
        let mut inbound = Inbound::new(5, 60);
        inbound.pending = Some(ErrorKind::ConnectionRefused.into());
        assert_eq!(inbound.receive(&near).unwrap_err().kind(), ErrorKind::ConnectionRefused);
        assert_eq!(inbound.receive(&near).unwrap_err().kind(), ErrorKind::WouldBlock);
    }

    /// Wine never tells it.
    #[cfg(unix)]
    #[test]
    fn a_refusal_that_comes_amid_a_call_is_told_by_the_next_one() {
        let ((near, _), (far, far_address)) = (socket(), socket());
        near.connect(far_address).unwrap();
        drop(far);
        let transmits = [Transmit::connected(b"anybody?"); 3];
        let mut outbound = Outbound::new(3);
        // The answer to the first one is there before the second goes out.
        assert_eq!(outbound.send(&near, &transmits).unwrap(), 1);
        let error = outbound.send(&near, &transmits[1..]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        assert_eq!(outbound.send(&near, &transmits[1..]).unwrap(), 1);
    }

    /// Wine never tells it.
    #[cfg(unix)]
    #[test]
    fn a_refusal_is_an_error_of_its_own() {
        let ((near, _), (far, far_address)) = (socket(), socket());
        near.connect(far_address).unwrap();
        drop(far);
        near.send(b"anybody?").unwrap();
        let mut inbound = Inbound::new(5, 60);
        assert_eq!(receive(&mut inbound, &near).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    }

    #[test]
    fn what_is_not_there_is_refused_by_its_name() {
        let (socket, address) = socket();
        for ask in [Facility::Errors, Facility::Offload, Facility::Ttl] {
            let error = set_facility(&socket, ask, true).unwrap_err();
            assert!(error.kind() == ErrorKind::Unsupported && error.to_string().starts_with(ask.name()));
            assert!(!facility(&socket, ask).unwrap());
        }
        assert_eq!(segments_max(&socket), 1);
        let transmit = Transmit::to(address, b"x");
        for transmit in [transmit.with_ecn(Ecn::Ce), transmit.with_source(address.ip())] {
            let error = Outbound::new(1).send(&socket, &[transmit]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported);
        }
    }
}
