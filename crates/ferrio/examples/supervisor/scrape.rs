//! A request for the counters, over HTTP/1.0 and 1.1. For a whole responder see the `http`
//! example.

use std::io;

use ferrio::buffer::{Input, Output, OutputBuffer, read_available};
use ferrio::net::TcpStream;
use ferrio::time::TimerKey;

pub(crate) struct Scrape {
    pub(crate) stream: TcpStream,
    input: Vec<u8>,
    output: OutputBuffer,
    is_answered: bool,
    /// When it is closed at the latest.
    pub(crate) deadline: TimerKey,
}

const REQUEST_MAX: usize = 4 * 1024;
const ANSWER_MAX: usize = 1024 * 1024;

impl Scrape {
    pub(crate) fn new(stream: TcpStream, deadline: TimerKey) -> Scrape {
        let output = OutputBuffer::with_limit(ANSWER_MAX);
        Scrape { stream, input: Vec::new(), output, is_answered: false, deadline }
    }

    /// Reads and answers. True if it is done.
    pub(crate) fn serve(&mut self, metrics: impl FnOnce() -> String) -> io::Result<bool> {
        if !self.is_answered {
            let input = read_available(&self.stream, &mut self.input, REQUEST_MAX)?;
            if !self.input.windows(4).any(|window| window == b"\r\n\r\n") {
                // Without an end, or too long for a request.
                return Ok(input != Input::Blocked || self.input.len() >= REQUEST_MAX);
            }
            let (status, body) = if self.input.starts_with(b"GET /metrics ") {
                ("200 OK", metrics())
            } else {
                ("404 Not Found", "see /metrics\n".to_owned())
            };
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4\r\n\
                 Content-Length: {length}\r\nConnection: close\r\n\r\n"
            );
            self.output.push((head + &body).as_bytes())?;
            self.is_answered = true;
        }
        Ok(self.output.flush_to(&self.stream)? == Output::Empty)
    }
}
