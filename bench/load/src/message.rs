//! What is sent: it begins and ends with the number of its client and of the
//! message, so that one that is lost, doubled, cut or mixed up does not pass.

use std::io;

/// The number of a client and the number of its message, at both ends.
const MARK: usize = 8;

/// The message of one size; the marks are set for each use.
#[derive(Debug)]
pub(crate) struct Message {
    bytes: Vec<u8>,
}

impl Message {
    /// Messages of `size` bytes.
    pub(crate) fn new(size: usize) -> io::Result<Self> {
        if size < 2 * MARK {
            return Err(io::Error::other(format!("a message has at least {} bytes", 2 * MARK)));
        }
        let bytes = (0..size).map(|at| (at * 31 + at / 256) as u8).collect();
        Ok(Self { bytes })
    }

    /// The size of a message.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The message number `sequence` of client `id`.
    pub(crate) fn of(&mut self, id: u32, sequence: u32) -> &[u8] {
        let mut mark = [0; MARK];
        mark[..4].copy_from_slice(&id.to_le_bytes());
        mark[4..].copy_from_slice(&sequence.to_le_bytes());
        let tail = self.bytes.len() - MARK;
        self.bytes[..MARK].copy_from_slice(&mark);
        self.bytes[tail..].copy_from_slice(&mark);
        &self.bytes
    }

    /// Checks a piece that was received: it has to be what stands from `offset` on.
    pub(crate) fn verify(&mut self, id: u32, sequence: u32, offset: usize, piece: &[u8]) -> io::Result<()> {
        let expected = self.of(id, sequence).get(offset..offset + piece.len());
        if expected == Some(piece) {
            return Ok(());
        }
        let length = piece.len();
        Err(io::Error::other(format!(
            "message {sequence} of client {id} is not what was sent, in {length} bytes from {offset}"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::Message;

    #[test]
    fn what_was_sent_passes_in_pieces() {
        let mut message = Message::new(100).expect("long enough");
        let sent = message.of(7, 9).to_vec();
        assert!(message.verify(7, 9, 0, &sent[..33]).is_ok());
        assert!(message.verify(7, 9, 33, &sent[33..]).is_ok());
    }

    #[test]
    fn anything_else_does_not_pass() {
        let mut message = Message::new(100).expect("long enough");
        let mut sent = message.of(7, 9).to_vec();
        assert!(message.verify(8, 9, 0, &sent).is_err(), "another client's");
        assert!(message.verify(7, 10, 0, &sent).is_err(), "an old one");
        assert!(message.verify(7, 10, 60, &sent[60..]).is_err(), "the end of an old one");
        assert!(message.verify(7, 9, 50, &sent[49..]).is_err(), "a byte lost");
        sent.push(0);
        assert!(message.verify(7, 9, 0, &sent).is_err(), "a byte too many");
        sent[50] ^= 1;
        assert!(message.verify(7, 9, 0, &sent[..100]).is_err(), "a bit turned");
    }

    #[test]
    fn a_message_without_room_for_its_marks_is_refused() {
        assert!(Message::new(15).is_err());
    }
}
