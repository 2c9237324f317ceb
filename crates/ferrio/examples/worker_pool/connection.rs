//! One connection: its lines, and its answers in their order.

use std::collections::VecDeque;
use std::io;

use ferrio::buffer::{Input, Output, OutputBuffer, read_available};
use ferrio::event::Event;
use ferrio::net::TcpStream;

pub(crate) struct Connection {
    stream: TcpStream,
    /// What was read and not handed over yet.
    input: Vec<u8>,
    output: OutputBuffer,
    /// An entry for each line that was handed over and whose answer is not in the output; `None`
    /// until it is there. The first of them has the number `first`.
    answers: VecDeque<Option<Vec<u8>>>,
    first: u64,
    /// False once a read would block, until an event.
    is_readable: bool,
    /// True once the client has ended its sending, or has sent a line that is too long.
    has_ended: bool,
}

/// The most bytes in a line.
pub(crate) const LINE_MAX: usize = 1024;
/// The most bytes that are read in one turn.
const READ_BUDGET: usize = 16 * 1024;
/// The most lines whose answers are not in the output.
const ANSWERS_MAX: usize = 64;
/// The most bytes that wait for the client.
const OUTPUT_MAX: usize = 64 * 1024;

impl Connection {
    pub(crate) fn new(stream: TcpStream) -> Connection {
        Connection {
            stream,
            input: Vec::new(),
            output: OutputBuffer::with_limit(OUTPUT_MAX),
            answers: VecDeque::new(),
            first: 0,
            is_readable: false,
            has_ended: false,
        }
    }

    /// Remembers what an event says.
    pub(crate) fn note(&mut self, event: &Event) {
        self.is_readable |= (event.is_readable() || event.is_read_closed()) && !self.has_ended;
    }

    /// Reads, unless there is a whole line still to be handed over.
    pub(crate) fn read(&mut self) -> io::Result<()> {
        if !self.may_read() {
            return Ok(());
        }
        match read_available(&self.stream, &mut self.input, READ_BUDGET)? {
            Input::Blocked => self.is_readable = false,
            Input::Ended => {
                (self.is_readable, self.has_ended) = (false, true);
                // The last line may lack its newline.
                if self.input.last().is_some_and(|byte| *byte != b'\n') {
                    self.input.push(b'\n');
                }
            }
            Input::More => {}
        }
        Ok(())
    }

    /// True if there is something to read, and it may be read.
    pub(crate) fn may_read(&self) -> bool {
        self.is_readable && !self.has_line()
    }

    /// True if a line could be handed over now: the client takes its answers.
    pub(crate) fn has_job(&self) -> bool {
        self.has_line() && self.answers.len() < ANSWERS_MAX && self.output.room() > OUTPUT_MAX / 2
    }

    /// Has `submit` take the next line with its number. False if it does not, or if there is
    /// none.
    pub(crate) fn hand_over(&mut self, submit: impl FnOnce(u64, &[u8]) -> bool) -> bool {
        let Some(end) = self.line_end().filter(|_| self.has_job()) else { return false };
        let number = self.first + self.answers.len() as u64;
        if end > LINE_MAX {
            // It is answered in its turn, and it is the last. A client that goes on sending may
            // find a reset instead of the answer; the `http` example avoids that.
            let text = format!("error: a line has at most {LINE_MAX} bytes\n");
            self.answers.push_back(Some(text.into_bytes()));
            self.input.clear();
            (self.is_readable, self.has_ended) = (false, true);
            return true;
        }
        let is_taken = submit(number, &self.input[..end]);
        if is_taken {
            self.answers.push_back(None);
            self.input.drain(..=end);
        }
        is_taken
    }

    /// Takes the answer to the line with `number`.
    pub(crate) fn take_answer(&mut self, number: u64, answer: Vec<u8>) {
        // Numbers are those of lines that were handed over.
        self.answers[(number - self.first) as usize] = Some(answer);
    }

    /// Writes the answers that are due: those before the first that is missing.
    pub(crate) fn write(&mut self) -> io::Result<()> {
        loop {
            while let Some(Some(answer)) = self.answers.front() {
                if answer.len() > self.output.room() {
                    break;
                }
                self.output.push(answer)?;
                self.answers.pop_front();
                self.first += 1;
            }
            let is_blocked = self.output.flush_to(&self.stream)? == Output::Blocked;
            if is_blocked || !matches!(self.answers.front(), Some(Some(_))) {
                return Ok(());
            }
        }
    }

    /// True if everything was answered and nothing more will come.
    pub(crate) fn is_done(&self) -> bool {
        self.has_ended && self.input.is_empty() && self.answers.is_empty() && self.output.is_empty()
    }

    fn has_line(&self) -> bool {
        self.line_end().is_some()
    }

    /// Where the first line ends; also if it is too long to wait for its end.
    fn line_end(&self) -> Option<usize> {
        let end = self.input.iter().position(|byte| *byte == b'\n');
        end.or_else(|| (self.input.len() > LINE_MAX).then_some(self.input.len()))
    }
}
