//! One client: its connection, its unfinished line and its queue.

use std::io::{self, ErrorKind, IoSlice};
use std::{collections::VecDeque, mem, rc::Rc};

use crate::{door::Stream, options::Options, statistics::Statistics};

pub(crate) struct Client {
    pub(crate) stream: Box<dyn Stream>,
    pub(crate) state: State,
    pub(crate) queue: VecDeque<Rc<[u8]>>, // lines shared with the other clients
    queued: usize,                        // their bytes and places
    sent: usize,                          // bytes of the first of them
    partial: Vec<u8>,                     // a line whose newline has not come yet
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) listed: bool,   // awaits its turn
    pub(crate) readable: bool, // until a read would block
    pub(crate) blocked: bool,  // until a write would not block
    pub(crate) ended: bool,    // sends no more, but may still receive
    pub(crate) hung_up: bool,  // receives no more, but input may be left
    pub(crate) gone: bool,     // is closed at the end of its turn
}

impl Client {
    pub(crate) fn new(stream: Box<dyn Stream>) -> Self {
        let (state, queue, partial) = Default::default();
        Self { stream, state, queue, queued: 0, sent: 0, partial }
    }

    /// Reads at most a `scratch` full, and returns the lines in it.
    pub(crate) fn read(
        &mut self,
        scratch: &mut [u8],
        line_max: usize,
        count: &mut Statistics,
    ) -> Vec<Rc<[u8]>> {
        let (mut lines, mut used) = (Vec::new(), 0);
        while self.state.readable && used < scratch.len() {
            match self.stream.read(&mut scratch[used..]) {
                Ok(0) => (self.state.readable, self.state.ended) = (false, true),
                Ok(count) => used += count,
                Err(error) => self.state.readable = self.may_retry(&error),
            }
        }
        for piece in scratch[..used].split_inclusive(|byte| *byte == b'\n') {
            if self.partial.len() + piece.len() > line_max {
                (self.state.gone, count.overlong) = (true, count.overlong + 1);
                break;
            }
            if self.partial.is_empty() && piece.ends_with(b"\n") {
                lines.push(Rc::from(piece));
                continue;
            }
            self.partial.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                lines.push(Rc::from(mem::take(&mut self.partial)));
            }
        }
        lines
    }

    /// Queues a line. Past the limit, the policy decides.
    pub(crate) fn push(&mut self, line: &Rc<[u8]>, options: &Options, count: &mut Statistics) {
        if self.state.gone {
            return;
        }
        count.due += 1;
        self.queued += cost(line);
        self.queue.push_back(Rc::clone(line));
        if self.queued > options.queue_max {
            self.flush(count);
        }
        // A line that is begun must be finished, and the newest may stay.
        while self.queued > options.queue_max && self.queue.len() > 1 + usize::from(self.sent > 0) {
            if !options.drop_oldest {
                (self.state.gone, count.slow) = (true, count.slow + 1);
                return;
            }
            let oldest = self.queue.remove(usize::from(self.sent > 0));
            self.queued -= oldest.map_or(0, |line| cost(&line));
            count.dropped += 1;
        }
    }

    /// Writes what the socket takes.
    pub(crate) fn flush(&mut self, count: &mut Statistics) {
        while !self.queue.is_empty() && !self.state.blocked && !self.state.gone {
            let mut slices = [IoSlice::new(&[]); 32];
            let mut skip = self.sent;
            for (slice, line) in slices.iter_mut().zip(&self.queue) {
                *slice = IoSlice::new(&line[mem::take(&mut skip)..]);
            }
            match self.stream.write_vectored(&slices[..self.queue.len().min(32)]) {
                Ok(written) => self.sent += written,
                Err(error) => self.state.blocked = !self.may_retry(&error),
            }
            while self.queue.front().is_some_and(|line| line.len() <= self.sent) {
                let line = self.queue.pop_front().unwrap_or_default();
                (self.sent, self.queued) = (self.sent - line.len(), self.queued - cost(&line));
                (count.delivered, count.bytes) = (count.delivered + 1, count.bytes + line.len() as u64);
            }
        }
    }

    /// Whether to try again at once; an error of the connection ends it.
    fn may_retry(&mut self, error: &io::Error) -> bool {
        self.state.gone |= !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted);
        error.kind() == ErrorKind::Interrupted
    }
}

/// A place in the queue costs too, or empty lines would be free.
fn cost(line: &Rc<[u8]>) -> usize {
    line.len() + size_of_val(line)
}
