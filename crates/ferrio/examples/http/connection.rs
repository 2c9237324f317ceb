//! One connection: its input, its output, its deadline.

use std::io;
use std::net::Shutdown;

use ferrio::buffer::{Input, OutputBuffer, read_available};
use ferrio::event::Event;
use ferrio::net::TcpStream;
use ferrio::time::TimerKey;

use crate::answer::{self, ANSWER_MAX, Status};
use crate::request::{BODY_MAX, HEAD_MAX, Parsed, parse};

pub(crate) struct Connection {
    stream: TcpStream,
    /// What was read and is not answered yet.
    input: Vec<u8>,
    output: OutputBuffer,
    /// False once a read would block, until an event.
    is_readable: bool,
    /// True once the client has ended its sending.
    has_ended: bool,
    state: State,
    /// True if the client was told to send the body that it announced.
    is_told_to_continue: bool,
    /// True if the input has no whole request.
    needs_more: bool,
    /// When it is closed, or its request is given up.
    pub(crate) deadline: TimerKey,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    /// Requests are answered.
    Serving,
    /// The last answer is on its way.
    Ending,
    /// Everything is sent. Closing a connection with unread input would reset it, and the
    /// client might lose the last answer, so input is read and discarded until the client
    /// closes or its time is over.
    Discarding,
}

/// What a turn of a connection leads to.
pub(crate) struct Turn {
    pub(crate) is_done: bool,
    /// True if there may be more to do, and no event will say so.
    pub(crate) is_unfinished: bool,
    /// True if its time begins anew: it began a request, was given an answer, or took a part
    /// of one. A request that comes byte by byte gets no more time.
    pub(crate) has_moved: bool,
}

/// The most bytes that are read in one turn.
const READ_BUDGET: usize = 32 * 1024;
/// The most requests that are answered in one turn.
const ANSWER_BUDGET: usize = 16;

impl Connection {
    pub(crate) fn new(stream: TcpStream, deadline: TimerKey) -> Connection {
        Connection {
            stream,
            input: Vec::new(),
            // Room for one answer while another one is on its way.
            output: OutputBuffer::with_limit(2 * ANSWER_MAX),
            is_readable: false,
            has_ended: false,
            state: State::Serving,
            is_told_to_continue: false,
            needs_more: true,
            deadline,
        }
    }

    /// Remembers what an event says: events are edges, and no second one says it again.
    pub(crate) fn note(&mut self, event: &Event) {
        self.is_readable |= (event.is_readable() || event.is_read_closed()) && !self.has_ended;
    }

    /// Reads, answers and writes, each up to a limit.
    pub(crate) fn serve(&mut self) -> io::Result<Turn> {
        let (was_empty, waiting) = (self.input.is_empty(), self.output.len());
        self.read()?;
        let answered = if self.state == State::Serving { self.answer()? } else { 0 };
        let pushed = self.output.len();
        self.output.flush_to(&self.stream)?;
        if self.state == State::Serving && self.has_ended && self.needs_more {
            // Whatever is left is no whole request, and never will be.
            self.state = State::Ending;
        }
        if self.state == State::Ending && self.output.is_empty() {
            self.stream.shutdown(Shutdown::Write)?;
            self.state = State::Discarding;
        }
        let has_begun = was_empty && !self.input.is_empty() && self.state == State::Serving;
        Ok(Turn {
            is_done: self.state == State::Discarding && self.has_ended,
            is_unfinished: self.may_read() || self.may_answer() && !self.needs_more,
            has_moved: has_begun || answered > 0 || pushed.max(waiting) > self.output.len(),
        })
    }

    /// Gives a request up that has not come in time. True if there is nothing to wait for.
    pub(crate) fn time_out(&mut self) -> io::Result<bool> {
        let is_in_a_request =
            self.state == State::Serving && !self.input.is_empty() && self.output.is_empty();
        if is_in_a_request {
            self.refuse(Status::RequestTimeout)?;
        }
        Ok(!is_in_a_request)
    }

    fn read(&mut self) -> io::Result<()> {
        if !self.may_read() {
            return Ok(());
        }
        match read_available(&self.stream, &mut self.input, READ_BUDGET)? {
            Input::Blocked => self.is_readable = false,
            Input::Ended => (self.is_readable, self.has_ended) = (false, true),
            Input::More => {}
        }
        if self.state != State::Serving {
            self.input.clear();
        }
        Ok(())
    }

    /// A client that sends requests and takes no answers is not read from.
    fn may_read(&self) -> bool {
        let has_room = self.output.room() >= ANSWER_MAX && self.input.len() <= HEAD_MAX + BODY_MAX;
        self.is_readable && (has_room || self.state != State::Serving)
    }

    fn may_answer(&self) -> bool {
        self.state == State::Serving && self.output.room() >= ANSWER_MAX
    }

    /// Answers the requests that have come, in their order; returns how many.
    fn answer(&mut self) -> io::Result<usize> {
        let (mut answered, mut used) = (0, 0);
        self.needs_more = false;
        while answered < ANSWER_BUDGET && self.may_answer() {
            match parse(&self.input[used..]) {
                Ok(Parsed::Request(request)) => {
                    self.output.push(&answer::to(&request))?;
                    if !request.keep_alive {
                        self.state = State::Ending;
                    }
                    used += request.length;
                    self.is_told_to_continue = false;
                    answered += 1;
                }
                Ok(Parsed::Expected) if !self.is_told_to_continue => {
                    self.output.push(b"HTTP/1.1 100 Continue\r\n\r\n")?;
                    self.is_told_to_continue = true;
                }
                Ok(Parsed::Expected | Parsed::Incomplete) => {
                    self.needs_more = true;
                    break;
                }
                Err(status) => self.refuse(status)?,
            }
        }
        self.input.drain(..used.min(self.input.len()));
        Ok(answered)
    }

    /// Says what is wrong, and ends the connection: where the next request begins is not known.
    fn refuse(&mut self, status: Status) -> io::Result<()> {
        self.state = State::Ending;
        self.input.clear();
        self.output.push(&answer::error(status, false, true))
    }
}
