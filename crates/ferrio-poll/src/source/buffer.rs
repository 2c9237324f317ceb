//! Reading and writing until it would block.
//!
//! A loop that gets edges reads a source until `WouldBlock`, and keeps what a write did not
//! take. [`read_available`] and [`OutputBuffer`] do that for anything that reads and writes:
//! sockets and pipes of this crate, and streams that others put on top of them.

use std::io::{self, ErrorKind, Read, Write};

use crate::error;

/// How a [`read_available`] ended.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// There is nothing more for now: an event follows.
    Blocked,
    /// There is nothing more, ever: the other side has ended its sending.
    Ended,
    /// The budget is used up. There may be more, and no event will say so: go on later, for
    /// example by a [`ReadyList`](crate::ReadyList).
    More,
}

/// Reads what `source` has, at most `budget` bytes, and appends it to `bytes`.
///
/// Calls that are interrupted by a signal are repeated.
///
/// # Errors
///
/// Those of `source` but `WouldBlock` and `Interrupted`. What was read before is in `bytes`.
pub fn read_available(mut source: impl Read, bytes: &mut Vec<u8>, budget: usize) -> io::Result<Input> {
    let end = bytes.len().saturating_add(budget);
    while bytes.len() < end {
        let start = bytes.len();
        let room = (end - start).min(CHUNK);
        bytes.resize(start + room, 0);
        let result = source.read(&mut bytes[start..]);
        bytes.truncate(start + result.as_ref().map_or(0, |count| (*count).min(room)));
        match result {
            Ok(0) => return Ok(Input::Ended),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Input::Blocked),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Input::More)
}

/// How a [`flush_to`](OutputBuffer::flush_to) ended.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// The other side takes no more for now: an event follows.
    Blocked,
    /// Everything was written.
    Empty,
}

/// Bytes that wait to be written, up to a limit.
///
/// The limit is what keeps a peer that does not read from filling the memory: stop reading
/// where the bytes come from while this is [full](OutputBuffer::is_full), or give the peer up.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use ferrio::buffer::{Output, OutputBuffer};
/// use ferrio::unix::pipe;
///
/// let (mut sender, receiver) = pipe::new()?;
/// let mut output = OutputBuffer::with_limit(1 << 20);
/// output.push(&[7; 500_000])?;
/// // A pipe holds 64 KiB; an event tells when it takes more.
/// assert_eq!(output.flush_to(&mut sender)?, Output::Blocked);
/// assert!(output.len() < 500_000);
/// # drop(receiver);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct OutputBuffer {
    bytes: Vec<u8>,
    /// How many of them were written.
    written: usize,
    limit: usize,
}

impl OutputBuffer {
    /// A buffer that holds at most `limit` bytes. It allocates what it needs.
    pub fn with_limit(limit: usize) -> OutputBuffer {
        OutputBuffer { bytes: Vec::new(), written: 0, limit }
    }

    /// Appends `bytes`, or none of them.
    ///
    /// # Errors
    ///
    /// `StorageFull` if they are more than there is [room](OutputBuffer::room) for.
    pub fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.len() > self.room() {
            return Err(error::output_full(bytes.len(), self.len(), self.limit));
        }
        self.reclaim();
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    /// Writes to `sink` until all is written or it would block.
    ///
    /// Calls that are interrupted by a signal are repeated.
    ///
    /// # Errors
    ///
    /// Those of `sink` but `WouldBlock` and `Interrupted`, and `WriteZero` if it takes nothing.
    /// What was not written stays.
    pub fn flush_to(&mut self, mut sink: impl Write) -> io::Result<Output> {
        while !self.is_empty() {
            match sink.write(&self.bytes[self.written..]) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => self.written += count.min(self.len()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Output::Blocked),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.clear();
        Ok(Output::Empty)
    }

    /// Writes `bytes` to `sink` behind those that wait, and keeps what it does not take.
    ///
    /// # Errors
    ///
    /// Those of [`push`](OutputBuffer::push), in which case nothing of `bytes` is written, and of
    /// [`flush_to`](OutputBuffer::flush_to).
    pub fn write_to(&mut self, sink: impl Write, bytes: &[u8]) -> io::Result<Output> {
        self.push(bytes)?;
        self.flush_to(sink)
    }

    /// Forgets what waits.
    pub fn clear(&mut self) {
        self.written = 0;
        if self.bytes.capacity() > KEPT_MAX {
            // Thousands that kept the room of a burst would hold much memory for nothing.
            self.bytes = Vec::new();
        }
        self.bytes.clear();
    }

    /// The bytes that wait.
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes[self.written..]
    }

    /// How many bytes wait.
    pub fn len(&self) -> usize {
        self.bytes.len() - self.written
    }

    /// True if none waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many bytes it takes now.
    pub fn room(&self) -> usize {
        self.limit - self.len()
    }

    /// True if it takes none.
    pub fn is_full(&self) -> bool {
        self.room() == 0
    }

    /// The most bytes that it holds.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Moves what waits to the front once at least as much was written, so that no byte is
    /// moved more than once for each that was written.
    fn reclaim(&mut self) {
        if self.written > self.bytes.len() / 2 {
            self.bytes.drain(..self.written);
            self.written = 0;
        }
    }
}

/// How many bytes are read at once.
const CHUNK: usize = 16 * 1024;

/// An empty buffer keeps at most so many bytes of memory.
const KEPT_MAX: usize = 64 * 1024;

#[cfg(all(test, not(ferrio_loom)))]
mod tests;
