//! A connection between a proactor and a peer, and the count of what went through it.

use std::io::{ErrorKind, Read, Write};
use std::thread;
use std::time::{Duration, Instant};

use ferrio_proactor::Handle;

use super::expected::Expected;
use crate::harness::system::{RESETS_LOSE_BYTES, Stream, pair};
use crate::harness::{PATIENCE, Rig};

/// A connection, and what is known of it.
pub(super) struct Connection {
    pub(super) handle: Handle,
    /// The descriptor, if the proactor gave it back.
    pub(super) own: Option<Stream>,
    pub(super) peer: Stream,
    pub(super) is_closed: bool,
    /// What the model says, as long as the steps decide it: what is cancelled while it may be done
    /// as well may end in two ways.
    pub(super) model: Option<Expected>,
    /// What was done to it since all was quiet.
    pub(super) since: Since,
    /// How much the peer wrote, and how much of it was received.
    pub(super) written: usize,
    pub(super) received: usize,
    /// What was sent, by the results, and what the peer has of it: each byte is that of its
    /// operation, with how often it came.
    pub(super) sent: Runs,
    pub(super) got: Runs,
}

/// What was done to a connection since all was quiet.
#[derive(Default)]
pub(super) struct Since {
    pub(super) is_submitted: bool,
    pub(super) is_cancelled: bool,
    pub(super) is_written: bool,
}

/// Bytes as runs of equal ones.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Runs(Vec<(u8, usize)>);

impl Runs {
    pub(super) fn push(&mut self, byte: u8, count: usize) {
        match self.0.last_mut() {
            Some((last, total)) if *last == byte => *total += count,
            _ if count > 0 => self.0.push((byte, count)),
            _ => {}
        }
    }
}

/// The byte that a peer writes at a place of its stream.
fn byte_at(place: usize) -> u8 {
    (place % 251) as u8
}

impl Connection {
    pub(super) fn new(rig: &mut Rig) -> Connection {
        let (stream, peer) = pair();
        peer.set_nonblocking(true).unwrap();
        Connection {
            handle: rig.proactor.attach(stream),
            own: None,
            peer,
            is_closed: false,
            model: Some(Expected::default()),
            since: Since::default(),
            written: 0,
            received: 0,
            sent: Runs::default(),
            got: Runs::default(),
        }
    }

    /// Changes the model of what the steps decide.
    pub(super) fn change_model(&mut self, change: impl FnOnce(&mut Expected)) {
        if let Some(model) = &mut self.model {
            change(model);
        }
    }

    /// Bytes of the peer, the next of its stream.
    pub(super) fn receive(&mut self, bytes: &[u8]) {
        assert!(bytes.iter().copied().eq((self.received..self.received + bytes.len()).map(byte_at)));
        self.received += bytes.len();
    }

    /// The peer writes; how much its socket took.
    pub(super) fn peer_writes(&mut self, len: usize) -> usize {
        let bytes: Vec<_> = (self.written..self.written + len).map(byte_at).collect();
        let count = (&self.peer).write(&bytes).unwrap_or(0);
        self.written += count;
        count
    }

    /// Takes in what the peer has. True if the descriptor on the other side is closed.
    pub(super) fn drain_peer(&mut self) -> bool {
        let mut bytes = [0; 4096];
        loop {
            match self.peer.read(&mut bytes) {
                Ok(0) => return true,
                Ok(count) => bytes[..count].iter().for_each(|byte| self.got.push(*byte, 1)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return false,
                // A connection that is closed with data in it is reset, after what was sent.
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return true,
                Err(error) => assert_eq!(error.kind(), ErrorKind::Interrupted),
            }
        }
    }

    /// The same, if the other side is closed soon.
    pub(super) fn is_hung_up(&mut self, soon: Duration) -> bool {
        let start = Instant::now();
        while !self.drain_peer() {
            if start.elapsed() >= soon {
                return false;
            }
            thread::sleep(Duration::from_millis(1));
        }
        true
    }

    /// Reads what is left for the descriptor that was given back.
    fn read_rest(&mut self, mut stream: Stream) {
        stream.set_nonblocking(true).unwrap();
        let start = Instant::now();
        let mut bytes = [0; 4096];
        while self.received < self.written && start.elapsed() < PATIENCE {
            match stream.read(&mut bytes) {
                Ok(count) => self.receive(&bytes[..count]),
                Err(_) => thread::yield_now(),
            }
        }
    }

    /// Sees that both sides agree. No operation is on it.
    pub(super) fn balance(mut self, rig: &Rig) -> Option<(usize, usize)> {
        if let Some(stream) = self.own.take() {
            self.read_rest(stream);
            assert_eq!(self.received, self.written, "{}: bytes are lost", rig.way);
        }
        assert!(self.received <= self.written);
        assert!(self.is_hung_up(PATIENCE), "{}: it is open still", rig.way);
        if !RESETS_LOSE_BYTES || self.received == self.written {
            assert_eq!(self.got, self.sent, "{}: what the results say", rig.way);
        }
        let sent = self.sent.0.iter().map(|(_, count)| count).sum();
        self.model.map(|_| (self.received, sent))
    }
}
