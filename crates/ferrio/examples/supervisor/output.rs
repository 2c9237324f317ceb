//! What a program prints, line by line.

use std::io::{self, Write};

use ferrio::buffer::{Input, read_available};
use ferrio::unix::pipe::Receiver;

/// One of the two outputs of a program.
pub(crate) struct Output {
    pub(crate) pipe: Receiver,
    /// What was read and not printed: a line whose end has not come.
    partial: Vec<u8>,
}

/// A line without an end is printed in pieces of so many bytes.
const LINE_MAX: usize = 8 * 1024;

impl Output {
    /// Takes the pipe over, which blocks until it is told not to.
    pub(crate) fn new(pipe: impl Into<Receiver>) -> io::Result<Output> {
        let pipe = pipe.into();
        pipe.set_nonblocking(true)?;
        Ok(Output { pipe, partial: Vec::new() })
    }

    /// Prints the lines that have come, each with the name before it. Returns how many, and
    /// whether there may be more.
    pub(crate) fn copy(&mut self, name: &str, budget: usize) -> io::Result<(u64, Input)> {
        let input = read_available(&self.pipe, &mut self.partial, budget)?;
        let (mut text, mut used, mut lines) = (Vec::new(), 0, 0);
        loop {
            let rest = &self.partial[used..];
            let end = rest.iter().take(LINE_MAX).position(|byte| *byte == b'\n');
            let length = match end {
                Some(end) => end + 1,
                None if rest.len() >= LINE_MAX => LINE_MAX,
                // The last line may lack its end.
                None if input == Input::Ended => rest.len(),
                None => break,
            };
            if length == 0 {
                break;
            }
            text.extend_from_slice(format!("{name} | ").as_bytes());
            text.extend_from_slice(&rest[..end.unwrap_or(length)]);
            text.push(b'\n');
            (used, lines) = (used + length, lines + 1);
        }
        self.partial.drain(..used);
        // If nobody reads it any more, the programs go on all the same. If the reader is slow,
        // so is this loop, and the programs are with it.
        let _ = io::stdout().write_all(&text);
        Ok((lines, input))
    }

    /// Prints what is left of a last line without an end; how many lines that is.
    pub(crate) fn finish(&mut self, name: &str) -> u64 {
        if self.partial.is_empty() {
            return 0;
        }
        let mut text = format!("{name} | ").into_bytes();
        text.append(&mut self.partial);
        text.push(b'\n');
        let _ = io::stdout().write_all(&text);
        1
    }
}
