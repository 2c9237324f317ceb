//! A connection between a proactor and a peer, and the count of what went through it.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use ferrio_proactor::Handle;
use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;

use super::expected::Expected;
use crate::harness::{PATIENCE, Rig};

/// A connection, and what is known of it.
pub(super) struct Connection {
    pub(super) handle: Handle,
    /// The descriptor, if the proactor gave it back.
    pub(super) own: Option<UnixStream>,
    pub(super) peer: UnixStream,
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
        let (stream, peer) = UnixStream::pair().unwrap();
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

    pub(super) fn drain_peer(&mut self) {
        let mut bytes = [0; 4096];
        loop {
            match self.peer.read(&mut bytes) {
                Ok(0) => return,
                Ok(count) => bytes[..count].iter().for_each(|byte| self.got.push(*byte, 1)),
                // A connection that is closed with data in it is reset, after what was sent.
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::ConnectionReset) => {
                    return;
                }
                Err(error) => assert_eq!(error.kind(), ErrorKind::Interrupted),
            }
        }
    }

    /// Whether the descriptor on the other side is closed, or is so soon.
    pub(super) fn is_hung_up(&self, soon: Duration) -> bool {
        let mut fds = [PollFd::new(&self.peer, PollFlags::empty())];
        // The end of a ring interrupts what blocks.
        while rustix::event::poll(&mut fds, Some(&soon.try_into().unwrap())) == Err(Errno::INTR) {}
        fds[0].revents().contains(PollFlags::HUP)
    }

    /// Sees that both sides agree. No operation is on it.
    pub(super) fn balance(mut self, rig: &Rig) -> Option<(usize, usize)> {
        if let Some(stream) = self.own.take() {
            stream.set_nonblocking(true).unwrap();
            let mut rest = Vec::new();
            let _ = { stream }.read_to_end(&mut rest);
            self.receive(&rest);
            assert_eq!(self.received, self.written, "{}: bytes are lost", rig.way);
        }
        assert!(self.received <= self.written);
        self.drain_peer();
        assert!(self.is_hung_up(PATIENCE), "{}: it is open still", rig.way);
        assert_eq!(self.got, self.sent, "{}: what the results say", rig.way);
        let sent = self.sent.0.iter().map(|(_, count)| count).sum();
        self.model.map(|_| (self.received, sent))
    }
}
