//! One client: its connection, its unfinished line and its queue.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, IoSlice};
use std::mem;
use std::rc::Rc;

use ferrio::Token;
use ferrio::event::Event;
use ferrio::time::TimerKey;

use crate::listener::Stream;
use crate::options::{Options, Slow};
use crate::statistics::Statistics;

/// A line with its newline, shared by the queues of all its receivers.
pub(crate) type Line = Rc<[u8]>;

pub(crate) struct Client {
    pub(crate) stream: Box<dyn Stream>,
    /// Lines that are not written yet. Of the first, `sent` bytes are.
    queue: VecDeque<Line>,
    sent: usize,
    /// What the queue costs, in bytes.
    queued: usize,
    /// The beginning of a line whose newline has not come yet.
    partial: Vec<u8>,
    /// Lines that it sent and that are not relayed yet.
    pub(crate) sent_lines: Vec<Line>,
    /// The slow client that its next line has to wait for. Until then it is not read from.
    pub(crate) held_up_by: Option<Token>,
    /// Clients that wait until this one has room, and until when they do.
    pub(crate) holds_up: Vec<Token>,
    pub(crate) hold: Option<TimerKey>,
    /// True if lines were delivered since others began to wait.
    has_moved: bool,
    /// When it is closed at the latest, once it sends no more.
    pub(crate) linger: Option<TimerKey>,
    /// False once a read would block, until an event.
    is_readable: bool,
    /// True once a write would block, until an event.
    is_blocked: bool,
    /// True if it sends no more. It may still receive.
    has_ended: bool,
    /// True if it receives no more. Some of its input may be left.
    has_hung_up: bool,
    /// True if it sent a line that is too long. What else it sends is discarded.
    is_refused: bool,
    /// True if it is to be closed at the end of its turn.
    is_gone: bool,
}

/// How many lines one write takes. So many are written without waiting for the client's turn,
/// and for so many an empty queue keeps its memory.
const BATCH: usize = 32;

impl Client {
    pub(crate) fn new(stream: Box<dyn Stream>) -> Client {
        Client {
            stream,
            queue: VecDeque::new(),
            sent: 0,
            queued: 0,
            partial: Vec::new(),
            sent_lines: Vec::new(),
            held_up_by: None,
            holds_up: Vec::new(),
            hold: None,
            has_moved: false,
            linger: None,
            is_readable: false,
            is_blocked: false,
            has_ended: false,
            has_hung_up: false,
            is_refused: false,
            is_gone: false,
        }
    }

    /// Remembers what an event says: events are edges, and no second one says it again.
    pub(crate) fn note(&mut self, event: &Event) {
        self.is_readable |= (event.is_readable() || event.is_read_closed()) && !self.has_ended;
        self.is_blocked &= !event.is_writable();
        self.has_hung_up |= event.is_write_closed() || event.is_error();
    }

    /// Reads as much as fits into `scratch` at most, unless lines that it sent have to wait, and
    /// keeps the lines that end in it.
    pub(crate) fn read(&mut self, scratch: &mut [u8], options: &Options, statistics: &mut Statistics) {
        let mut used = 0;
        while self.is_readable() && used < scratch.len() {
            match self.stream.read(&mut scratch[used..]) {
                Ok(0) => (self.is_readable, self.has_ended) = (false, true),
                Ok(count) => used += count,
                Err(error) => self.is_readable = self.may_retry(&error),
            }
        }
        for piece in scratch[..used].split_inclusive(|byte| *byte == b'\n') {
            self.take_piece(piece, options, statistics);
        }
        if self.has_ended && !self.partial.is_empty() {
            // Its receivers wait for the newline, so it gets one.
            self.take_piece(b"\n", options, statistics);
            statistics.completed += u64::from(!self.is_refused);
        }
    }

    /// Adds a piece of a line that ends in it, or does not.
    fn take_piece(&mut self, piece: &[u8], options: &Options, statistics: &mut Statistics) {
        if self.is_refused {
            return;
        }
        self.partial.extend_from_slice(piece);
        if self.partial.len() > options.line_max {
            self.refuse(options, statistics);
        } else if self.partial.ends_with(b"\n") {
            self.sent_lines.push(mem::take(&mut self.partial).into());
        }
    }

    /// Tells the client that its line is too long. It gets what is queued, that notice, and
    /// nothing more. Its input is still read: closing a connection with unread input resets
    /// it, and the notice would be lost.
    fn refuse(&mut self, options: &Options, statistics: &mut Statistics) {
        self.partial = Vec::new();
        let notice = format!("broadcast: a line of more than {} bytes is too long\n", options.line_max);
        self.push(&notice.into_bytes().into(), options, statistics);
        self.is_refused = true;
        statistics.overlong += 1;
    }

    /// Queues a line. If too much waits, the policy decides what happens.
    pub(crate) fn push(&mut self, line: &Line, options: &Options, statistics: &mut Statistics) {
        if self.is_gone || self.is_refused {
            return;
        }
        statistics.due += 1;
        self.queued += cost(line);
        self.queue.push_back(Rc::clone(line));
        if self.queue.len() >= BATCH || self.queued > options.queue_max {
            self.flush(statistics);
        }
        // A line that is begun must be finished, and the newest line may stay.
        let begun = usize::from(self.sent > 0);
        while self.queued > options.queue_max && self.queue.len() > begun + 1 {
            match options.slow {
                Slow::Disconnect => {
                    self.is_gone = true;
                    statistics.slow += 1;
                    break;
                }
                // The server asked for room before; what comes at its end goes beyond.
                Slow::Pause => break,
                Slow::DropOldest => {}
            }
            self.queued -= self.queue.remove(begun).map_or(0, |line| cost(&line));
            statistics.dropped += 1;
        }
    }

    /// How many of `lines`, from the first on, may be queued here.
    pub(crate) fn room_for(
        &mut self,
        lines: &[Line],
        options: &Options,
        statistics: &mut Statistics,
    ) -> usize {
        if self.queued + lines.iter().map(cost).sum::<usize>() > options.queue_max {
            self.flush(statistics);
        }
        if self.is_gone || self.is_refused {
            return lines.len();
        }
        let mut queued = self.queued;
        let fits = |line: &&Line| {
            queued += cost(line);
            queued <= options.queue_max
        };
        let count = lines.iter().take_while(fits).count();
        // An empty queue takes the longest line, or that would never go.
        count.max(usize::from(self.queue.is_empty()))
    }

    /// Has `sender` wait until there is room here.
    pub(crate) fn hold_up(&mut self, sender: Token) {
        self.has_moved &= !self.holds_up.is_empty();
        self.holds_up.push(sender);
    }

    /// The clients that waited, if they can try again.
    pub(crate) fn release(&mut self) -> Vec<Token> {
        if self.has_moved { mem::take(&mut self.holds_up) } else { Vec::new() }
    }

    /// Writes as much of the queue as the socket takes.
    pub(crate) fn flush(&mut self, statistics: &mut Statistics) {
        while !self.queue.is_empty() && !self.is_blocked && !self.is_gone {
            let mut slices = [IoSlice::new(&[]); BATCH];
            let mut skip = self.sent;
            for (slice, line) in slices.iter_mut().zip(&self.queue) {
                *slice = IoSlice::new(&line[mem::take(&mut skip)..]);
            }
            match self.stream.write_vectored(&slices[..self.queue.len().min(BATCH)]) {
                Ok(count) => self.sent += count,
                Err(error) => self.is_blocked = !self.may_retry(&error),
            }
            while let Some(line) = self.queue.front().filter(|line| line.len() <= self.sent) {
                self.sent -= line.len();
                self.queued -= cost(line);
                statistics.delivered += 1;
                self.has_moved = true;
                statistics.bytes += line.len() as u64;
                self.queue.pop_front();
            }
        }
        if self.queue.is_empty() && self.queue.capacity() > BATCH {
            // Thousands of clients that keep the memory of a burst would hold megabytes.
            self.queue = VecDeque::new();
        }
    }

    /// Ends the direction towards the client once there is nothing more to tell it.
    pub(crate) fn end_if_refused(&mut self) {
        if self.is_refused && self.queue.is_empty() && !self.has_hung_up {
            self.has_hung_up = true;
            self.is_gone |= self.stream.end_writing().is_err();
        }
    }

    /// Closes the client at the end of its next turn if it is idle and sends no more.
    /// Returns true if it is.
    pub(crate) fn give_way(&mut self) -> bool {
        let is_idle = self.sends_no_more() && self.queue.is_empty();
        self.is_gone |= is_idle;
        is_idle
    }

    /// True if there is nothing more to do for it, and it is to be closed.
    pub(crate) fn is_done(&self) -> bool {
        self.held_up_by.is_none() && (self.is_gone || self.has_ended && self.has_hung_up)
    }

    /// True if a read would not block, as far as is known, and its lines need not wait.
    pub(crate) fn is_readable(&self) -> bool {
        self.is_readable && self.held_up_by.is_none()
    }

    /// True if all that it sent was relayed, and nothing more is taken of it.
    pub(crate) fn sends_no_more(&self) -> bool {
        self.held_up_by.is_none() && (self.has_ended || self.is_refused)
    }

    /// True if everything was delivered.
    pub(crate) fn is_flushed(&self) -> bool {
        self.queue.is_empty()
    }

    /// Counts what this client did not receive, and what the others did not receive of it.
    pub(crate) fn settle(&self, statistics: &mut Statistics) {
        statistics.dropped += self.queue.len() as u64;
        statistics.unfinished += self.sent_lines.len() as u64 + u64::from(!self.partial.is_empty());
    }

    /// True if the operation is to be tried again at once. An error of the connection ends it.
    fn may_retry(&mut self, error: &io::Error) -> bool {
        self.is_gone |= !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted);
        error.kind() == ErrorKind::Interrupted
    }
}

/// What a line costs in a queue. Its place counts too, or empty lines would be free.
fn cost(line: &Line) -> usize {
    line.len() + size_of_val(line)
}
