//! Two connections, and what is on its way from one to the other.

use std::io::{self, ErrorKind};
use std::net::{Shutdown, SocketAddr};

use ferrio::buffer::{Input, OutputBuffer, read_available};
use ferrio::net::TcpStream;
use ferrio::time::TimerKey;

pub(crate) struct Pair {
    pub(crate) client: Side,
    /// The connection to the server, which may not be made yet.
    pub(crate) server: Side,
    pub(crate) is_connected: bool,
    /// The client's address, for the log.
    pub(crate) peer: SocketAddr,
    /// Which of the server's addresses is tried.
    pub(crate) target: usize,
    /// Its entry in the wheel: when it has been idle for too long.
    pub(crate) idle: TimerKey,
}

/// One of the two connections.
pub(crate) struct Side {
    pub(crate) stream: TcpStream,
    /// What the other side sent and this one has not taken yet.
    output: OutputBuffer,
    /// False once a read would block, until an event.
    pub(crate) is_readable: bool,
    /// True once it has sent its last byte.
    has_ended: bool,
    /// True once it was told that the other side has ended.
    is_told: bool,
    /// How many bytes it sent.
    pub(crate) sent: u64,
}

/// What a turn of a pair leads to.
#[derive(Debug, PartialEq)]
pub(crate) enum Turn {
    /// Nothing more can be done until an event.
    Blocked,
    /// Both directions have ended.
    Done,
    /// There may be more to do, and no event will say so.
    Unfinished,
}

/// The most bytes that wait for one side. Nothing is read of the other one while so many do.
const OUTPUT_MAX: usize = 256 * 1024;
/// The most bytes that are read of one side in one turn.
const BUDGET: usize = 64 * 1024;

impl Pair {
    /// A pair whose server is the address with the number `target`.
    pub(crate) fn new(
        client: TcpStream,
        (server, target): (TcpStream, usize),
        peer: SocketAddr,
        idle: TimerKey,
    ) -> Pair {
        Pair { client: Side::new(client), server: Side::new(server), is_connected: false, peer, target, idle }
    }

    /// Finds out how connecting has ended, if it has.
    pub(crate) fn finish_connecting(&mut self) -> io::Result<()> {
        if let Some(error) = self.server.stream.take_error()? {
            return Err(error);
        }
        match self.server.stream.peer_addr() {
            Ok(_) => self.is_connected = true,
            // The event came for nothing.
            Err(error) if error.kind() == ErrorKind::NotConnected => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Moves what can be moved, in both directions.
    pub(crate) fn serve(&mut self, scratch: &mut Vec<u8>) -> io::Result<Turn> {
        if !self.is_connected {
            return Ok(Turn::Blocked);
        }
        let is_unfinished = pump(&mut self.client, &mut self.server, scratch)?
            | pump(&mut self.server, &mut self.client, scratch)?;
        match (self.client.is_told && self.server.is_told, is_unfinished) {
            (true, _) => Ok(Turn::Done),
            (false, true) => Ok(Turn::Unfinished),
            (false, false) => Ok(Turn::Blocked),
        }
    }

    /// How many bytes came from both sides and are on their way: if it is the same as before,
    /// the pair is idle.
    pub(crate) fn progress(&self) -> (u64, usize) {
        (self.client.sent + self.server.sent, self.client.output.len() + self.server.output.len())
    }
}

impl Side {
    pub(crate) fn new(stream: TcpStream) -> Side {
        Side {
            stream,
            output: OutputBuffer::with_limit(OUTPUT_MAX),
            is_readable: false,
            has_ended: false,
            is_told: false,
            sent: 0,
        }
    }
}

/// Moves bytes from one side to the other, and then the end. True if the budget was spent.
fn pump(from: &mut Side, to: &mut Side, scratch: &mut Vec<u8>) -> io::Result<bool> {
    // First the old bytes: a side that does not read makes the other one wait.
    to.output.flush_to(&to.stream)?;
    let budget = BUDGET.min(to.output.room());
    if from.is_readable && budget > 0 {
        scratch.clear();
        let input = read_available(&from.stream, scratch, budget);
        // What came before an error counts as well.
        from.sent += scratch.len() as u64;
        to.output.write_to(&to.stream, scratch)?;
        match input? {
            Input::Blocked => from.is_readable = false,
            Input::Ended => (from.is_readable, from.has_ended) = (false, true),
            Input::More => {}
        }
    }
    if from.has_ended && to.output.is_empty() && !to.is_told {
        // The other direction may go on.
        to.stream.shutdown(Shutdown::Write)?;
        to.is_told = true;
    }
    Ok(from.is_readable && !to.output.is_full())
}
