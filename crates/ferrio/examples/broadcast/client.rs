//! One client: its connection, its unfinished line and its queue.

use std::io::{self, ErrorKind, IoSlice};
use std::{collections::VecDeque, mem, rc::Rc};

use ferrio::{Token, event::Event};

use crate::{door::Stream, options::Options, options::Slow, statistics::Statistics};

/// A line with its newline, shared by the queues of all its receivers.
pub(crate) type Line = Rc<[u8]>;

pub(crate) struct Client {
    pub(crate) token: Token,
    pub(crate) stream: Box<dyn Stream>,
    pub(crate) state: State,
    pub(crate) queue: VecDeque<Line>,
    queued: usize,    // the bytes and places of the queue
    sent: usize,      // bytes of its first line
    partial: Vec<u8>, // a line whose newline has not come yet
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) listed: bool,   // awaits its turn
    pub(crate) readable: bool, // until a read would block
    blocked: bool,             // until a write would not block
    pub(crate) ended: bool,    // sends no more, but may still receive
    pub(crate) hung_up: bool,  // receives no more, but input may be left
    pub(crate) gone: bool,     // is closed at the end of its turn
}

/// Lines that one write takes, that are written without waiting for the turn,
/// and for which an empty queue keeps the room.
const BATCH: usize = 32;

impl Client {
    pub(crate) fn new(token: Token, stream: Box<dyn Stream>) -> Self {
        let (state, queue, queued, sent, partial) = Default::default();
        Self { token, stream, state, queue, queued, sent, partial }
    }

    /// Notes what an event says. Events are edges: nobody says it again.
    pub(crate) fn note(&mut self, event: &Event) {
        self.state.readable |= (event.is_readable() || event.is_read_closed()) && !self.state.ended;
        self.state.blocked &= !event.is_writable();
        self.state.hung_up |= event.is_write_closed() || event.is_error();
    }

    /// Reads at most a `scratch` full, and returns the lines that end in it.
    pub(crate) fn read(&mut self, scratch: &mut [u8], line_max: usize, count: &mut Statistics) -> Vec<Line> {
        let (mut lines, mut used) = (Vec::new(), 0);
        while self.state.readable && used < scratch.len() {
            match self.stream.read(&mut scratch[used..]) {
                Ok(0) => (self.state.readable, self.state.ended) = (false, true),
                Ok(count) => used += count,
                Err(error) => self.state.readable = self.may_retry(&error),
            }
        }
        for piece in scratch[..used].split_inclusive(|byte| *byte == b'\n') {
            self.partial.extend_from_slice(piece);
            if self.partial.len() > line_max {
                self.state.gone = true;
                count.overlong += 1;
                break;
            }
            if self.partial.ends_with(b"\n") {
                lines.push(mem::take(&mut self.partial).into());
            }
        }
        lines
    }

    /// Queues a line. Past the limit, the policy decides.
    pub(crate) fn push(&mut self, line: &Line, options: &Options, count: &mut Statistics) {
        if self.state.gone {
            return;
        }
        count.due += 1;
        self.queued += cost(line);
        self.queue.push_back(Rc::clone(line));
        if self.queue.len() >= BATCH || self.queued > options.queue_max {
            self.flush(count);
        }
        // A line that is begun must be finished, and the newest may stay.
        let begun = usize::from(self.sent > 0);
        while self.queued > options.queue_max && self.queue.len() > begun + 1 {
            if options.slow == Slow::Disconnect {
                self.state.gone = true;
                count.slow += 1;
                break;
            }
            self.queued -= self.queue.remove(begun).map_or(0, |line| cost(&line));
            count.dropped += 1;
        }
    }

    /// Writes what the socket takes.
    pub(crate) fn flush(&mut self, count: &mut Statistics) {
        while !self.queue.is_empty() && !self.state.blocked && !self.state.gone {
            let mut slices = [IoSlice::new(&[]); BATCH];
            let mut skip = self.sent;
            for (slice, line) in slices.iter_mut().zip(&self.queue) {
                *slice = IoSlice::new(&line[mem::take(&mut skip)..]);
            }
            match self.stream.write_vectored(&slices[..self.queue.len().min(BATCH)]) {
                Ok(written) => self.sent += written,
                Err(error) => self.state.blocked = !self.may_retry(&error),
            }
            while let Some(line) = self.queue.front().filter(|line| line.len() <= self.sent) {
                self.sent -= line.len();
                self.queued -= cost(line);
                count.delivered += 1;
                count.bytes += line.len() as u64;
                self.queue.pop_front();
            }
        }
        if self.queue.is_empty() && self.queue.capacity() > BATCH {
            // Thousands that kept the room of a burst would hold megabytes for nothing.
            self.queue = VecDeque::new();
        }
    }

    /// Whether to try again at once; an error of the connection ends it.
    fn may_retry(&mut self, error: &io::Error) -> bool {
        self.state.gone |= !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted);
        error.kind() == ErrorKind::Interrupted
    }
}

/// A place in the queue costs too, or empty lines would be free.
fn cost(line: &Line) -> usize {
    line.len() + size_of_val(line)
}
